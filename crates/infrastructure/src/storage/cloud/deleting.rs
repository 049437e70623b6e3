//! Deleting files.

use std::sync::Arc;

use adstead_domain::port::FileKey;
use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

use super::bucket::Bucket;
use super::error::{Answer, CloudStorageError};

const ACTION: &str = "delete files";

/// The most files that one request may delete.
const BATCH: usize = 1_000;

impl Bucket {
    pub(super) async fn delete(&self, key: &FileKey) -> Result<(), CloudStorageError> {
        let request = self.client.delete_object().bucket(self.name()).key(self.keys.object(key));
        match request.send().await.map_err(self.failed("delete a file")) {
            Err(error) if error.answer().is_some_and(Answer::is_absence) => Ok(()),
            outcome => outcome.map(drop),
        }
    }

    pub(super) async fn delete_many(&self, keys: &[FileKey]) -> Result<(), CloudStorageError> {
        for batch in keys.chunks(BATCH) {
            self.delete_batch(batch).await?;
        }
        Ok(())
    }

    async fn delete_batch(&self, keys: &[FileKey]) -> Result<(), CloudStorageError> {
        let identified = |key: &FileKey| {
            ObjectIdentifier::builder().key(self.keys.object(key)).build().expect("it has a key")
        };
        let objects = keys.iter().map(identified).collect();
        let delete =
            Delete::builder().set_objects(Some(objects)).quiet(true).build().expect("it has objects");
        let request = self.client.delete_objects().bucket(self.name()).delete(delete).customize();
        // Amazon takes any checksum there, which the SDK sees to; servers that speak alike may know this one only.
        let request = request.mutate_request(|request| {
            if let Some(body) = request.body().bytes() {
                let digest = STANDARD.encode(Md5::digest(body));
                request.headers_mut().insert("content-md5", digest);
            }
        });
        let deleted = request.send().await.map_err(self.failed(ACTION))?;
        let mut errors = deleted.errors.unwrap_or_default();
        errors.retain(|error| error.code.as_deref() != Some("NoSuchKey"));
        let Some(first) = errors.first() else { return Ok(()) };
        Err(CloudStorageError::NotDeleted {
            place: Arc::clone(&self.place),
            failed: errors.len(),
            asked: keys.len(),
            first: first.key.clone().unwrap_or_default(),
            source: Answer::new(0, first.code.as_deref(), first.message.as_deref()).into(),
        })
    }
}
