//! Storing a file: by one request, or by one for each of its parts.

use std::sync::Arc;

use adstead_domain::port::{
    ByteStream, FileKey, FileMetadata, Precondition, PutOptions, StoredFile, Unsupported,
};
use aws_sdk_s3::types::CompletedPart;
use futures::{TryStreamExt, stream};

use super::body;
use super::bucket::Bucket;
use super::config::CloudEncryption;
use super::error::CloudStorageError;
use super::info::{file_tag, quoted, told};
use super::multipart::{Beginning, Multipart, Numbered};
use super::parts::{MAX_PARTS, Part, Parts, part_bytes};
use crate::storage::announced::as_announced;

const ACTION: &str = "store a file";

/// What must hold for a file to be stored, as headers say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Conditions {
    pub(super) if_none_match: Option<String>,
    pub(super) if_match: Option<String>,
}

impl Conditions {
    fn of(condition: &Precondition, are_kept: bool) -> Result<Self, Unsupported> {
        match condition {
            Precondition::None => Ok(Self::default()),
            Precondition::Absent if are_kept => {
                Ok(Self { if_none_match: Some("*".to_owned()), if_match: None })
            }
            Precondition::Matches(tag) if are_kept => {
                Ok(Self { if_none_match: None, if_match: Some(quoted(tag)) })
            }
            Precondition::Absent => Err(Unsupported::CreateOnly),
            Precondition::Matches(_) => Err(Unsupported::IfMatch),
        }
    }

    /// The failure, told as that of a condition where it is one.
    pub(super) fn explain(&self, error: CloudStorageError) -> CloudStorageError {
        let Some(answer) = error.answer() else { return error };
        match (answer.is_condition(), self) {
            (true, Self { if_none_match: Some(_), .. }) => CloudStorageError::Present,
            (true, Self { if_match: Some(_), .. }) => CloudStorageError::Replaced,
            // There is nothing that could match.
            (false, Self { if_match: Some(_), .. }) if answer.is_absence() => CloudStorageError::Replaced,
            _ => error,
        }
    }
}

impl Bucket {
    pub(super) async fn put(
        self: &Arc<Self>,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, CloudStorageError> {
        let conditions = Conditions::of(&options.condition, self.config.conditional_writes)?;
        let part_bytes = part_bytes(options.size_bytes, self.config.part_bytes)?;
        let mut parts = Parts::of(as_announced(content, options.size_bytes), part_bytes);
        let first = parts.next().await?;
        let object = self.keys.object(key);
        if first.is_last {
            return self.put_whole(object, first, options, &conditions).await;
        }
        let content_type = told(options.content_type.as_ref());
        let beginning = Beginning { content_type, metadata: options.metadata.clone(), with_checksums: true };
        let multipart = Multipart::begin(Arc::clone(self), object, beginning, ACTION).await?;
        match self.put_parts(&multipart, first, parts).await {
            Ok((parts, size_bytes)) => {
                let tag = multipart.complete(parts, &conditions).await?;
                Ok(StoredFile { size_bytes, tag })
            }
            Err(error) => {
                multipart.abort().await;
                Err(error)
            }
        }
    }

    async fn put_whole(
        &self,
        object: String,
        file: Part,
        options: &PutOptions,
        conditions: &Conditions,
    ) -> Result<StoredFile, CloudStorageError> {
        let (encryption, key_id) = self.config.encryption.told();
        let Conditions { if_none_match, if_match } = conditions.clone();
        let request = self.client.put_object().bucket(self.name()).key(object);
        let stored = request
            .content_type(told(options.content_type.as_ref()))
            .set_metadata(pairs(&options.metadata))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(key_id)
            .set_if_none_match(if_none_match)
            .set_if_match(if_match)
            .body(body::of_pieces(file.pieces))
            .send()
            .await;
        let stored = stored.map_err(self.failed(ACTION)).map_err(|error| conditions.explain(error))?;
        let tag = stored.e_tag.ok_or_else(|| self.lacks(ACTION, "the entity tag"))?;
        Ok(StoredFile { size_bytes: file.bytes, tag: file_tag(&tag) })
    }

    /// Sends all parts, some at once; what they are, and the size of the file.
    async fn put_parts(
        &self,
        multipart: &Multipart,
        first: Part,
        parts: Parts,
    ) -> Result<(Vec<CompletedPart>, u64), CloudStorageError> {
        let part_bytes = first.bytes;
        let numbered =
            stream::try_unfold((Some(first), parts, 1), move |(read, mut parts, number)| async move {
                let part = match read {
                    Some(part) => part,
                    None if number == 0 => return Ok(None),
                    None => parts.next().await?,
                };
                if u64::from(number) > MAX_PARTS {
                    return Err(CloudStorageError::TooManyParts { parts: MAX_PARTS, part_bytes });
                }
                // No part has the number 0, which says that there are no more.
                let next = if part.is_last { 0 } else { number + 1 };
                Ok(Some((Numbered { number, part }, (None, parts, next))))
            });
        let sent = numbered.map_ok(|numbered| async move {
            let bytes = numbered.part.bytes;
            Ok((multipart.send(numbered).await?, bytes))
        });
        let sent = sent.try_buffer_unordered(self.config.concurrency).try_collect::<Vec<_>>().await?;
        let size_bytes = sent.iter().map(|(_, bytes)| bytes).sum();
        Ok((sent.into_iter().map(|(part, _)| part).collect(), size_bytes))
    }
}

/// Pairs of metadata as the SDK takes them.
pub(super) fn pairs(metadata: &FileMetadata) -> Option<std::collections::HashMap<String, String>> {
    let pairs = || metadata.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    (!metadata.is_empty()).then(pairs)
}

impl CloudEncryption {
    /// What the server is told of it.
    pub(super) fn told(&self) -> (Option<aws_sdk_s3::types::ServerSideEncryption>, Option<String>) {
        use aws_sdk_s3::types::ServerSideEncryption::{Aes256, AwsKms};
        match self {
            Self::Bucket => (None, None),
            Self::Aes256 => (Some(Aes256), None),
            Self::Kms { key_id } => (Some(AwsKms), Some(key_id.clone())),
        }
    }
}
