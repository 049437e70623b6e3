//! Copying a file inside of the bucket.

use std::sync::Arc;

use adstead_domain::port::{FileInfo, FileKey, FileTag, StoredFile};
use aws_sdk_s3::types::CompletedPart;
use futures::{StreamExt, TryStreamExt, stream};

use super::bucket::Bucket;
use super::error::CloudStorageError;
use super::info::{file_tag, quoted, told};
use super::multipart::{Beginning, Multipart};
use super::parts::MAX_PARTS;
use super::upload::Conditions;

const ACTION: &str = "copy a file";

/// How large a part is, in bytes: larger than one that is sent, since nothing of it passes through here.
const PART_BYTES: u64 = 256 << 20;

/// How often a copy is begun again where somebody replaces the file meanwhile.
const ATTEMPTS: usize = 3;

impl Bucket {
    pub(super) async fn copy(
        self: &Arc<Self>,
        from: &FileKey,
        to: &FileKey,
    ) -> Result<Option<StoredFile>, CloudStorageError> {
        let source = format!("{}/{}", self.name(), self.keys.object(from));
        for _ in 0..ATTEMPTS {
            let Some(file) = self.head(from).await? else { return Ok(None) };
            let copied = if file.size_bytes > self.config.max_copy_bytes {
                self.copy_in_parts(&source, &file, to).await
            } else {
                self.copy_whole(&source, &file, to).await
            };
            match copied {
                Ok(tag) => return Ok(Some(StoredFile { size_bytes: file.size_bytes, tag })),
                Err(error) if error.answer().is_some_and(|it| it.is_condition() || it.is_absence()) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CloudStorageError::Replaced)
    }

    async fn copy_whole(
        &self,
        source: &str,
        file: &FileInfo,
        to: &FileKey,
    ) -> Result<FileTag, CloudStorageError> {
        let (encryption, key_id) = self.config.encryption.told();
        let request = self.client.copy_object().bucket(self.name()).key(self.keys.object(to));
        let copied = request
            .copy_source(source)
            .copy_source_if_match(quoted(&file.tag))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(key_id)
            .send()
            .await
            .map_err(self.failed(ACTION))?;
        let tag = copied.copy_object_result.and_then(|result| result.e_tag);
        Ok(file_tag(&tag.ok_or_else(|| self.lacks(ACTION, "the entity tag"))?))
    }

    /// Copies a file that is too large for one request.
    async fn copy_in_parts(
        self: &Arc<Self>,
        source: &str,
        file: &FileInfo,
        to: &FileKey,
    ) -> Result<FileTag, CloudStorageError> {
        let content_type = told(file.content_type.as_ref());
        let beginning = Beginning { content_type, metadata: file.metadata.clone(), with_checksums: false };
        let multipart = Multipart::begin(Arc::clone(self), self.keys.object(to), beginning, ACTION).await?;
        let part_bytes = self.config.max_copy_bytes.min(PART_BYTES).max(file.size_bytes.div_ceil(MAX_PARTS));
        let starts = (0..file.size_bytes.div_ceil(part_bytes)).map(|index| index * part_bytes);
        let copies = starts.zip(1..).map(|(start, number)| {
            let last = (start + part_bytes).min(file.size_bytes) - 1;
            self.copy_part(&multipart, source, &file.tag, number, format!("bytes={start}-{last}"))
        });
        let copied = stream::iter(copies).buffer_unordered(self.config.concurrency).try_collect::<Vec<_>>();
        match copied.await {
            Ok(parts) => multipart.complete(parts, &Conditions::default()).await,
            Err(error) => {
                multipart.abort().await;
                Err(error)
            }
        }
    }

    async fn copy_part(
        &self,
        multipart: &Multipart,
        source: &str,
        tag: &FileTag,
        number: i32,
        range: String,
    ) -> Result<CompletedPart, CloudStorageError> {
        let request = self.client.upload_part_copy().bucket(self.name()).key(multipart.object());
        let copied = request
            .upload_id(multipart.upload_id())
            .part_number(number)
            .copy_source(source)
            .copy_source_range(range)
            .copy_source_if_match(quoted(tag))
            .send()
            .await
            .map_err(self.failed(ACTION))?;
        let tag = copied.copy_part_result.and_then(|result| result.e_tag);
        let tag = tag.ok_or_else(|| self.lacks(ACTION, "the entity tag of a part"))?;
        Ok(CompletedPart::builder().part_number(number).e_tag(tag).build())
    }
}
