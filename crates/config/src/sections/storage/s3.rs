use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::super::{minutes, ms, secs};
use crate::check::Check;
use crate::values::{ByteSize, HttpUrl, duration, http_url_unless, optional_secret, unless, unless_none};

/// `[storage.s3]`: files in a bucket of Amazon S3, or of a server that speaks its language.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct S3Settings {
    /// The bucket.
    pub bucket: String,
    /// The region, as requests are signed for it.
    pub region: String,
    /// The address of the server; nothing is Amazon's.
    #[serde(deserialize_with = "unless_aws")]
    pub endpoint: Option<HttpUrl>,
    /// Whether the bucket's name stands in the path of a request rather than in the server's name.
    pub path_style: bool,
    /// What all keys begin with in the bucket; nothing is nothing.
    #[serde(deserialize_with = "unless_none")]
    pub prefix: Option<String>,
    /// The access key; nothing is what AWS tools find: variables, profiles, roles.
    #[serde(deserialize_with = "unless_chain")]
    pub access_key_id: Option<String>,
    /// The secret of the access key.
    #[serde(deserialize_with = "optional_secret")]
    pub secret_access_key: Option<SecretString>,
    /// The size of the parts in which larger files are sent, 5 MiB to 5 GiB.
    pub part_size: ByteSize,
    /// Parts of one file that are sent at the same time, 1 to 64.
    pub concurrency: u32,
    /// How long a connection may take to be made, 100 ms to 1 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub connect_timeout: Duration,
    /// How long one attempt at a request may take, 1 s to 30 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub attempt_timeout: Duration,
    /// For how long the bytes of a file may stand still, 1 s to 5 min.
    #[serde(deserialize_with = "duration::deserialize")]
    pub stall_timeout: Duration,
    /// Attempts at a request, 1 to 10.
    pub max_attempts: u32,
    /// Whether the server keeps to `If-None-Match` and `If-Match`.
    pub conditional_writes: bool,
    /// How the server encrypts what it keeps.
    pub encryption: S3Encryption,
    /// The key of `aws:kms`; nothing is the account's own.
    #[serde(deserialize_with = "unless_default")]
    pub kms_key_id: Option<String>,
}

/// How the server encrypts what it keeps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum S3Encryption {
    /// As the bucket has it.
    #[serde(rename = "bucket")]
    Bucket,
    /// With keys of S3's own.
    #[serde(rename = "AES256")]
    Aes256,
    /// With a key of the key management service.
    #[serde(rename = "aws:kms")]
    Kms,
}

impl S3Settings {
    pub(super) fn validate(&self, check: &mut Check<'_>, is_used: bool) {
        // The rules for names of buckets, docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html.
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let bucket = &self.bucket;
        if bucket == "none" && is_used {
            check.fault("storage.s3.bucket", "no bucket is named, and files are to be kept in one; name it");
        } else if bucket != "none" && (!(3..=63).contains(&bucket.len()) || !bucket.chars().all(is_plain)) {
            let message = format!("expected 3 to 63 of a-z, 0-9, `-` and `.`, found `{bucket}`");
            check.fault("storage.s3.bucket", message);
        }
        if self.region.is_empty() {
            check.fault("storage.s3.region", "no region is given; name one, such as us-east-1");
        }
        // As `FileKey` of the domain has it.
        let is_segment = |segment: &str| {
            let is_plain = |c: char| is_plain(c) || c == '_';
            !segment.is_empty() && !segment.starts_with('.') && segment.chars().all(is_plain)
        };
        if let Some(prefix) = self.prefix.as_ref().filter(|prefix| !prefix.split('/').all(is_segment)) {
            let message = format!(
                "expected segments of a-z, 0-9, `.`, `_` and `-` joined by `/`, none of which begins with `.`, found `{prefix}`"
            );
            check.fault("storage.s3.prefix", message);
        }
        if self.access_key_id.is_some() != self.secret_access_key.is_some() {
            let message =
                "an access key has an id and a secret: give both, or neither to take what AWS tools find";
            check.fault("storage.s3.secret_access_key", message);
        }
        check.within("storage.s3.part_size", self.part_size, ByteSize::mib(5)..=ByteSize::gib(5));
        check.within("storage.s3.concurrency", self.concurrency, 1..=64);
        check.within("storage.s3.connect_timeout", self.connect_timeout, ms(100)..=minutes(1));
        check.within("storage.s3.attempt_timeout", self.attempt_timeout, secs(1)..=minutes(30));
        check.within("storage.s3.stall_timeout", self.stall_timeout, secs(1)..=minutes(5));
        check.within("storage.s3.max_attempts", self.max_attempts, 1..=10);
    }
}

fn unless_aws<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<HttpUrl>, D::Error> {
    http_url_unless(deserializer, "aws")
}

fn unless_chain<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    unless(deserializer, "chain")
}

fn unless_default<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    unless(deserializer, "default")
}
