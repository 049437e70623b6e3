use std::time::Duration;

use super::MediaType;

/// How a presigned request reads a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignGet {
    /// For how long it is good; 7 days at most, which is as far as S3 goes.
    pub expires_in: Duration,
    /// The media type that the answer says, in the place of the one that is stored.
    pub content_type: Option<MediaType>,
    /// The `Content-Disposition` of the answer (RFC 6266).
    pub content_disposition: Option<String>,
}

/// How a presigned request stores a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PresignPut {
    /// For how long it is good; 7 days at most.
    pub expires_in: Duration,
    /// The size that the file must have, in bytes.
    pub size_bytes: u64,
    /// The media type that the file must be sent under.
    pub content_type: Option<MediaType>,
}

/// An HTTP request that needs no further authority.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedRequest {
    /// Its method.
    pub method: &'static str,
    /// Its address; one that begins with `/` is of Adstead's own API.
    pub url: String,
    /// Headers that it must carry, with just these values.
    pub headers: Vec<(String, String)>,
}

impl std::fmt::Debug for SignedRequest {
    /// Without what is signed: who reads it may do what it does.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedRequest").field("method", &self.method).finish_non_exhaustive()
    }
}
