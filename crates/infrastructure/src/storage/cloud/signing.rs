//! Requests that somebody without an account may send.

use std::time::Duration;

use adstead_domain::port::{FileKey, PresignGet, PresignPut, SignedRequest};
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation};
use aws_sdk_s3::presigning::{PresignedRequest, PresigningConfig};

use super::bucket::Bucket;
use super::error::CloudStorageError;
use super::info::told;

const ACTION: &str = "be asked by somebody else";

impl Bucket {
    pub(super) async fn presign_get(
        &self,
        key: &FileKey,
        terms: &PresignGet,
    ) -> Result<SignedRequest, CloudStorageError> {
        let PresignGet { expires_in, content_type, content_disposition } = terms;
        let request = self.client.get_object().bucket(self.name()).key(self.keys.object(key));
        let signed = request
            .set_response_content_type(content_type.as_ref().map(ToString::to_string))
            .set_response_content_disposition(content_disposition.clone())
            .presigned(until(*expires_in)?)
            .await
            .map_err(self.failed(ACTION))?;
        Ok(request_of("GET", &signed))
    }

    pub(super) async fn presign_put(
        &self,
        key: &FileKey,
        terms: &PresignPut,
    ) -> Result<SignedRequest, CloudStorageError> {
        let PresignPut { expires_in, size_bytes, content_type } = terms;
        let until = until(*expires_in)?;
        let (encryption, key_id) = self.config.encryption.told();
        let request = self.client.put_object().bucket(self.name()).key(self.keys.object(key));
        let request = request
            .set_content_length(i64::try_from(*size_bytes).ok())
            .content_type(told(content_type.as_ref()))
            .set_server_side_encryption(encryption)
            .set_ssekms_key_id(key_id);
        // A checksum of what nobody has yet would be signed.
        let without = Builder::new().request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
        let signed = request.customize().config_override(without).presigned(until).await;
        Ok(request_of("PUT", &signed.map_err(self.failed(ACTION))?))
    }
}

fn until(expires_in: Duration) -> Result<PresigningConfig, CloudStorageError> {
    let is_shown = expires_in >= Duration::from_secs(1);
    let config = PresigningConfig::expires_in(expires_in).ok().filter(|_| is_shown);
    config.ok_or(CloudStorageError::Expiry(expires_in))
}

fn request_of(method: &'static str, signed: &PresignedRequest) -> SignedRequest {
    let headers = signed.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
    SignedRequest { method, url: signed.uri().to_owned(), headers: headers.collect() }
}
