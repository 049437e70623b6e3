use std::sync::Arc;

use adstead_domain::port::{FileCapabilities, FileInfo, FileKey};
use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::client;
use super::config::CloudStorageConfig;
use super::error::{Answer, CloudStorageError};
use super::info::Described;
use super::keys::Keys;

/// A bucket, as it is spoken to.
pub(super) struct Bucket {
    pub(super) client: Client,
    pub(super) config: CloudStorageConfig,
    pub(super) keys: Keys,
    /// Where it is, for who reads an error.
    pub(super) place: Arc<str>,
}

impl Bucket {
    pub(super) async fn connect(config: CloudStorageConfig) -> Result<Self, CloudStorageError> {
        config.checked()?;
        let client = client::client(&config).await;
        let (keys, place) = (Keys::below(config.prefix.as_ref()), config.place().into());
        Ok(Self { client, config, keys, place })
    }

    pub(super) fn name(&self) -> &str {
        &self.config.bucket
    }

    pub(super) fn capabilities(&self) -> FileCapabilities {
        FileCapabilities {
            create_only: self.config.conditional_writes,
            if_match: self.config.conditional_writes,
            metadata: true,
            presigned_get: true,
            presigned_put: true,
        }
    }

    /// Why the bucket did not `action`.
    pub(super) fn failed<E>(
        &self,
        action: &'static str,
    ) -> impl FnOnce(SdkError<E, HttpResponse>) -> CloudStorageError + use<'_, E>
    where
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    {
        move |error| CloudStorageError::of(&self.place, action, error)
    }

    /// That the bucket answered without something that it has to say.
    pub(super) fn lacks(&self, action: &'static str, what: &'static str) -> CloudStorageError {
        CloudStorageError::Incomplete { place: Arc::clone(&self.place), action, what }
    }

    /// Asks whether the bucket is there, and may be listed.
    pub(super) async fn check(&self) -> Result<(), CloudStorageError> {
        const ACTION: &str = "be looked at";
        let asked = self.client.head_bucket().bucket(self.name()).send().await;
        let Err(error) = asked.map_err(self.failed(ACTION)) else { return Ok(()) };
        if matches!(error, CloudStorageError::WrongRegion { .. }) || error.answer().is_none() {
            return Err(error);
        }
        // The answer to HEAD has no body that says why.
        let listed = self.client.list_objects_v2().bucket(self.name()).max_keys(1).send().await;
        match listed.map_err(self.failed("list files")) {
            Err(why) if why.answer().is_some() => Err(why),
            Ok(_) | Err(_) => Err(error),
        }
    }

    /// What is known of the file; none where there is none.
    pub(super) async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, CloudStorageError> {
        self.head_of(&self.keys.object(key)).await
    }

    pub(super) async fn head_of(&self, object: &str) -> Result<Option<FileInfo>, CloudStorageError> {
        const ACTION: &str = "tell of a file";
        let asked = self.client.head_object().bucket(self.name()).key(object).send().await;
        let head = match asked.map_err(self.failed(ACTION)) {
            Err(error) if error.answer().is_some_and(Answer::is_absence) => return Ok(None),
            outcome => outcome?,
        };
        let described = Described {
            size_bytes: head.content_length,
            tag: head.e_tag,
            modified_at: head.last_modified,
            content_type: head.content_type,
            metadata: head.metadata,
        };
        described.info().map(Some).map_err(|what| self.lacks(ACTION, what))
    }
}
