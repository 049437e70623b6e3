//! A file that is stored in parts: it is seen once all are there and it is completed, and else it goes.

use std::mem;
use std::sync::Arc;

use adstead_domain::port::{Chain, FileMetadata, FileTag};
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use md5::{Digest as _, Md5};
use tokio::runtime::Handle;

use super::body;
use super::bucket::Bucket;
use super::error::{Answer, CloudStorageError};
use super::info::file_tag;
use super::parts::Part;
use super::upload::{Conditions, pairs};

/// What must be known of a file before its first part.
pub(super) struct Beginning {
    pub(super) content_type: String,
    pub(super) metadata: FileMetadata,
    /// Whether checksums come with the parts, where this server takes them.
    pub(super) with_checksums: bool,
}

/// A part and its place in the file, 1 to 10,000.
pub(super) struct Numbered {
    pub(super) number: u16,
    pub(super) part: Part,
}

/// A file that was begun. Dropped before it is completed, as where nobody waits for it any more, it is aborted.
pub(super) struct Multipart {
    bucket: Arc<Bucket>,
    object: String,
    upload_id: String,
    checksum: Option<ChecksumAlgorithm>,
    /// What the whole is for, for who reads an error.
    action: &'static str,
    is_open: bool,
}

impl Multipart {
    pub(super) async fn begin(
        bucket: Arc<Bucket>,
        object: String,
        beginning: Beginning,
        action: &'static str,
    ) -> Result<Self, CloudStorageError> {
        // In a task of its own: where nobody waits for the answer, it has to be known all the same what to abort.
        let begun = tokio::spawn(async move {
            let Beginning { content_type, metadata, with_checksums } = beginning;
            let checksum = (with_checksums && bucket.config.is_amazon()).then_some(ChecksumAlgorithm::Crc32);
            let (encryption, key_id) = bucket.config.encryption.told();
            let request = bucket.client.create_multipart_upload().bucket(bucket.name()).key(&object);
            let begun = request
                .content_type(content_type)
                .set_metadata(pairs(&metadata))
                .set_server_side_encryption(encryption)
                .set_ssekms_key_id(key_id)
                .set_checksum_algorithm(checksum.clone())
                .send()
                .await
                .map_err(bucket.failed(action))?;
            let upload_id = begun.upload_id.ok_or_else(|| bucket.lacks(action, "the id of the upload"))?;
            Ok(Self { bucket, object, upload_id, checksum, action, is_open: true })
        });
        begun.await.map_err(|error| CloudStorageError::Lost { source: error.into() })?
    }

    pub(super) fn upload_id(&self) -> &str {
        &self.upload_id
    }

    pub(super) fn object(&self) -> &str {
        &self.object
    }

    /// Sends a part.
    pub(super) async fn send(&self, numbered: Numbered) -> Result<CompletedPart, CloudStorageError> {
        let Numbered { number, part } = numbered;
        let request = self.bucket.client.upload_part().bucket(self.bucket.name()).key(&self.object);
        let sent = request
            .upload_id(&self.upload_id)
            .part_number(number.into())
            .set_checksum_algorithm(self.checksum.clone())
            .body(body::of_pieces(part.pieces))
            .send()
            .await
            .map_err(self.bucket.failed(self.action))?;
        let tag = sent.e_tag.ok_or_else(|| self.bucket.lacks(self.action, "the entity tag of a part"))?;
        let completed = CompletedPart::builder().part_number(number.into()).e_tag(tag);
        Ok(completed.set_checksum_crc32(sent.checksum_crc32.filter(|_| self.checksum.is_some())).build())
    }

    /// Makes a file of the parts.
    pub(super) async fn complete(
        mut self,
        mut parts: Vec<CompletedPart>,
        conditions: &Conditions,
    ) -> Result<FileTag, CloudStorageError> {
        parts.sort_by_key(CompletedPart::part_number);
        let expected = tag_of(&parts);
        let parts = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let Conditions { if_none_match, if_match } = conditions.clone();
        let request = self.bucket.client.complete_multipart_upload().bucket(self.bucket.name());
        let completed = request
            .key(&self.object)
            .upload_id(&self.upload_id)
            .multipart_upload(parts)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .send()
            .await
            .map_err(self.bucket.failed(self.action));
        match completed {
            Ok(completed) => {
                self.is_open = false;
                let tag = completed.e_tag.ok_or_else(|| self.bucket.lacks(self.action, "the entity tag"))?;
                Ok(file_tag(&tag))
            }
            // It was completed, the answer was lost, and the next attempt found it gone.
            Err(error) if error.answer().is_some_and(Answer::is_forgotten_upload) => {
                self.is_open = false;
                let stored = self.bucket.head_of(&self.object).await?.map(|info| info.tag);
                stored.filter(|tag| expected.as_ref() == Some(tag)).ok_or(error)
            }
            Err(error) => {
                self.abort().await;
                Err(conditions.explain(error))
            }
        }
    }

    /// Throws away what was sent.
    pub(super) async fn abort(mut self) {
        let (bucket, object) = (Arc::clone(&self.bucket), self.object.clone());
        abort(&bucket, &object, &self.upload_id).await;
        self.is_open = false;
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        // Outside of a runtime it is ending: what is left is found by who looks for what never ended.
        let Some(runtime) = Handle::try_current().ok().filter(|_| self.is_open) else { return };
        let bucket = Arc::clone(&self.bucket);
        let (object, upload_id) = (mem::take(&mut self.object), mem::take(&mut self.upload_id));
        runtime.spawn(async move { abort(&bucket, &object, &upload_id).await });
    }
}

/// The tag of the file that these parts make, where theirs are digests: the digest of those, and how many there are.
fn tag_of(parts: &[CompletedPart]) -> Option<FileTag> {
    let mut digest = Md5::new();
    for part in parts {
        let tag = file_tag(part.e_tag()?);
        let hexadecimal = tag.as_str().as_bytes().as_chunks::<2>().0;
        let is_digest = tag.as_str().len() == 32;
        let bytes = hexadecimal.iter().map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok());
        digest.update(bytes.collect::<Option<Vec<_>>>().filter(|_| is_digest)?);
    }
    let digest = digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    Some(FileTag::new(format!("{digest}-{}", parts.len())))
}

/// Aborts an upload. Where that fails, what it left takes room until somebody looks for what never ended.
async fn abort(bucket: &Bucket, object: &str, upload_id: &str) {
    if let Err(error) = bucket.abort(object, upload_id).await {
        tracing::warn!(
            object,
            error = %Chain(&error),
            "an upload that failed was not removed: the next clean-up will find it"
        );
    }
}
