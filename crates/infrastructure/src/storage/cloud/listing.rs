//! What is in the bucket, and what was begun to be.

use adstead_domain::port::{FileKey, FilePage, ListedFile, Unfinished};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{MultipartUpload, Object};
use jiff::Timestamp;

use super::bucket::Bucket;
use super::error::{Answer, CloudStorageError};
use super::info::timestamp;

const LIST: &str = "list files";
const UNFINISHED: &str = "list what was begun to be stored";

impl Bucket {
    pub(super) async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, CloudStorageError> {
        let mut after = cursor.map(|cursor| self.position(prefix, cursor)).transpose()?;
        loop {
            let request = self.client.list_objects_v2().bucket(self.name()).max_keys(limit.into());
            let listed =
                request.set_prefix(self.keys.folder(prefix)).set_start_after(after.take()).send().await;
            let listed = listed.map_err(self.failed(LIST))?;
            let is_truncated = listed.is_truncated.unwrap_or_default();
            let objects = listed.contents.unwrap_or_default();
            let last = objects.last().and_then(|object| object.key.clone());
            let files = objects.into_iter().filter_map(|object| self.listed(object).transpose());
            let files = files.collect::<Result<Vec<_>, _>>()?;
            match last {
                // Nothing of it is ours: what is behind it may be.
                Some(last) if is_truncated && files.is_empty() => after = Some(last),
                _ => {
                    let next = files.last().filter(|_| is_truncated).map(|file| file.key.to_string());
                    return Ok(FilePage { files, next });
                }
            }
        }
    }

    /// Behind which name the page begins.
    fn position(&self, prefix: Option<&FileKey>, cursor: &str) -> Result<String, CloudStorageError> {
        let key = cursor.parse::<FileKey>().ok();
        let key = key.filter(|key| prefix.is_none_or(|prefix| key.is_below(prefix)));
        let key = key.ok_or_else(|| CloudStorageError::Cursor(cursor.chars().take(64).collect()))?;
        Ok(self.keys.object(&key))
    }

    /// The file that an object is; none where somebody else put it there.
    fn listed(&self, object: Object) -> Result<Option<ListedFile>, CloudStorageError> {
        let Some(key) = object.key.and_then(|name| self.keys.file(&name)) else { return Ok(None) };
        let stored_bytes = object.size.and_then(|size| size.try_into().ok());
        Ok(Some(ListedFile {
            key,
            stored_bytes: stored_bytes.ok_or_else(|| self.lacks(LIST, "the size of a file"))?,
            modified_at: self.time(LIST, object.last_modified.as_ref())?,
        }))
    }

    fn time(&self, action: &'static str, told: Option<&DateTime>) -> Result<Timestamp, CloudStorageError> {
        told.and_then(timestamp).ok_or_else(|| self.lacks(action, "the time of a file"))
    }

    pub(super) async fn unfinished(
        &self,
        before: Timestamp,
        remove: bool,
    ) -> Result<Unfinished, CloudStorageError> {
        let mut found = Unfinished::default();
        let (mut after_key, mut after_upload) = (None, None);
        loop {
            let request = self.client.list_multipart_uploads().bucket(self.name());
            let request = request.set_prefix(self.keys.folder(None));
            let page = request.set_key_marker(after_key).set_upload_id_marker(after_upload).send().await;
            let page = page.map_err(self.failed(UNFINISHED))?;
            for upload in page.uploads.unwrap_or_default() {
                let MultipartUpload { key: Some(object), upload_id: Some(upload_id), initiated, .. } = upload
                else {
                    return Err(self.lacks(UNFINISHED, "the name or id of an upload"));
                };
                let is_old = self.time(UNFINISHED, initiated.as_ref())? < before;
                if !is_old || self.keys.file(&object).is_none() {
                    continue;
                }
                found.files += 1;
                found.bytes += self.sent_bytes(&object, &upload_id).await?;
                if remove {
                    self.abort(&object, &upload_id).await?;
                }
            }
            if !page.is_truncated.unwrap_or_default() {
                return Ok(found);
            }
            (after_key, after_upload) = (page.next_key_marker, page.next_upload_id_marker);
            if after_key.is_none() {
                return Err(self.lacks(UNFINISHED, "where the next page begins"));
            }
        }
    }

    /// How much of a file has been sent, in bytes; nothing where it has ended meanwhile.
    async fn sent_bytes(&self, object: &str, upload_id: &str) -> Result<u64, CloudStorageError> {
        let (mut bytes, mut after) = (0, None);
        loop {
            let request = self.client.list_parts().bucket(self.name()).key(object).upload_id(upload_id);
            let page =
                match request.set_part_number_marker(after).send().await.map_err(self.failed(UNFINISHED)) {
                    Err(error) if is_over(&error) => return Ok(0),
                    outcome => outcome?,
                };
            let sizes = page.parts.unwrap_or_default().into_iter().filter_map(|part| part.size);
            bytes += sizes.filter_map(|size| u64::try_from(size).ok()).sum::<u64>();
            after = page.next_part_number_marker;
            if after.is_none() || !page.is_truncated.unwrap_or_default() {
                return Ok(bytes);
            }
        }
    }

    /// Throws away what was sent of a file; nothing happens where it has ended.
    pub(super) async fn abort(&self, object: &str, upload_id: &str) -> Result<(), CloudStorageError> {
        let request = self.client.abort_multipart_upload().bucket(self.name()).key(object);
        match request.upload_id(upload_id).send().await.map_err(self.failed("abort an upload")) {
            Err(error) if is_over(&error) => Ok(()),
            outcome => outcome.map(drop),
        }
    }
}

/// Whether the upload was completed or aborted before.
fn is_over(error: &CloudStorageError) -> bool {
    error.answer().is_some_and(Answer::is_forgotten_upload)
}
