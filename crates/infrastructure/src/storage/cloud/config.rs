use std::fmt;
use std::time::Duration;

use adstead_domain::port::FileKey;
use secrecy::SecretString;
use url::Url;

use super::error::CloudStorageError;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// The least and the most that a part of a file may have, in bytes; the last may have less.
/// <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
const PART_BYTES: (u64, u64) = (5 * MIB, 5 * GIB);

/// The most that one request may copy, in bytes, by the same page.
const COPY_BYTES: u64 = 5 * GIB;

/// The most that one request usually copies, in bytes, lest the server take longer than an attempt may.
const USUAL_COPY_BYTES: u64 = GIB;

const CONCURRENCY: (usize, usize) = (1, 64);
const ATTEMPTS: (u32, u32) = (1, 20);

/// Where files are kept in a bucket, and how it is spoken to. [`new`](Self::new) has what suits most servers.
#[derive(Clone)]
pub struct CloudStorageConfig {
    /// The bucket: 3 to 63 of `a–z 0–9 . -`. It is not made.
    pub bucket: String,
    /// The region of the bucket, such as `eu-central-1`; servers that know none take `us-east-1` or `auto`.
    pub region: String,
    /// Where the server is, over HTTP or HTTPS; nothing for Amazon's own.
    pub endpoint: Option<Url>,
    /// Whether the bucket is in the path of a URL, not in its host: most servers but Amazon's want that.
    pub path_style: bool,
    /// Where in the bucket the files are; what is elsewhere in it is neither seen nor touched.
    pub prefix: Option<FileKey>,
    /// Who we are; nothing to look where Amazon's tools do: the environment, the profile, the role of the machine.
    pub credentials: Option<CloudCredentials>,
    /// How large a part of a large file is, 5 MiB to 5 GiB, in bytes. A file of no more is stored by one request.
    pub part_bytes: u64,
    /// How many parts of one file are sent at once, 1 to 64. A `put` holds that many in memory, and another.
    pub concurrency: usize,
    /// How long a connection may take to come about.
    pub connect_timeout: Duration,
    /// How long one attempt of a request may take, up to where its answer begins; a part has to be sent within it.
    pub attempt_timeout: Duration,
    /// How long a request may take with all its attempts.
    pub operation_timeout: Duration,
    /// How often a request is tried, 1 to 20, where the server is busy or cannot be reached.
    pub max_attempts: u32,
    /// For how long the bytes of a file may stand still on their way; nothing for as long as they like.
    pub stall_timeout: Option<Duration>,
    /// Whether the server keeps `If-None-Match` and `If-Match` of requests that store, as Amazon's and MinIO do.
    pub conditional_writes: bool,
    /// How the server encrypts what it keeps.
    pub encryption: CloudEncryption,
    /// Up to which size the server copies a file by one request, 1 byte to 5 GiB; a larger one is copied in parts.
    pub max_copy_bytes: u64,
}

/// Who asks a server.
#[derive(Debug, Clone)]
pub struct CloudCredentials {
    /// The id of the key, which is no secret.
    pub access_key_id: String,
    /// The secret of the key.
    pub secret_access_key: SecretString,
    /// What comes with temporary keys.
    pub session_token: Option<SecretString>,
}

/// How a server encrypts what it keeps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum CloudEncryption {
    /// As the bucket says.
    #[default]
    Bucket,
    /// By keys of the server: `AES256`.
    Aes256,
    /// By a key of Amazon's KMS: `aws:kms`.
    Kms {
        /// The id or ARN of the key.
        key_id: String,
    },
}

impl CloudStorageConfig {
    /// A bucket of Amazon's in this region: parts of 8 MiB, 4 of them at once, conditional writes, and 3 attempts of a
    /// minute each; what has more than 1 GiB is copied in parts.
    pub fn new(bucket: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            bucket: bucket.into(),
            region: region.into(),
            endpoint: None,
            path_style: false,
            prefix: None,
            credentials: None,
            part_bytes: 8 * MIB,
            concurrency: 4,
            connect_timeout: Duration::from_secs(5),
            attempt_timeout: Duration::from_secs(60),
            operation_timeout: Duration::from_secs(180),
            max_attempts: 3,
            stall_timeout: Some(Duration::from_secs(20)),
            conditional_writes: true,
            encryption: CloudEncryption::Bucket,
            max_copy_bytes: USUAL_COPY_BYTES,
        }
    }

    /// Whether Amazon itself is asked, and not somebody who speaks alike.
    pub(super) fn is_amazon(&self) -> bool {
        let host = self.endpoint.as_ref().and_then(Url::host_str);
        host.is_none_or(|host| [".amazonaws.com", ".amazonaws.com.cn"].iter().any(|it| host.ends_with(it)))
    }

    /// Where the bucket is, for who reads an error.
    pub(super) fn place(&self) -> String {
        let server = self.endpoint.as_ref().map_or_else(|| "Amazon S3".to_owned(), shown);
        format!("the bucket {:?} at {server}", self.bucket)
    }

    pub(super) fn checked(&self) -> Result<(), CloudStorageError> {
        let Self {
            bucket,
            region,
            endpoint,
            path_style: _,
            prefix: _,
            credentials,
            part_bytes,
            concurrency,
            connect_timeout,
            attempt_timeout,
            operation_timeout,
            max_attempts,
            stall_timeout,
            conditional_writes: _,
            encryption,
            max_copy_bytes,
        } = self;
        check(is_bucket(bucket), || {
            format!(
                "{bucket:?} names no bucket: use 3 to 63 of a-z, 0-9, '.' and '-', a letter or digit at each end"
            )
        })?;
        check(is_region(region), || {
            format!(
                "{region:?} is no region: use one such as eu-central-1, or us-east-1 where the server has none"
            )
        })?;
        if let Some(endpoint) = endpoint {
            check_endpoint(endpoint)?;
        }
        if let Some(CloudCredentials { access_key_id, .. }) = credentials {
            check(!access_key_id.is_empty(), || {
                "the access key id is empty: give the one of the secret".to_owned()
            })?;
        }
        check((PART_BYTES.0..=PART_BYTES.1).contains(part_bytes), || {
            format!("parts cannot have {part_bytes} bytes: use {} to {}", PART_BYTES.0, PART_BYTES.1)
        })?;
        check((CONCURRENCY.0..=CONCURRENCY.1).contains(concurrency), || {
            format!("{concurrency} parts cannot be sent at once: use {} to {}", CONCURRENCY.0, CONCURRENCY.1)
        })?;
        check((ATTEMPTS.0..=ATTEMPTS.1).contains(max_attempts), || {
            format!("a request cannot be tried {max_attempts} times: use {} to {}", ATTEMPTS.0, ATTEMPTS.1)
        })?;
        check((1..=COPY_BYTES).contains(max_copy_bytes), || {
            format!("one request cannot copy {max_copy_bytes} bytes: use 1 to {COPY_BYTES}")
        })?;
        let in_order = !connect_timeout.is_zero()
            && connect_timeout <= attempt_timeout
            && attempt_timeout <= operation_timeout;
        check(in_order, || {
            format!(
                "the time-outs of a connection ({connect_timeout:?}), of an attempt ({attempt_timeout:?}) and of a \
                 request ({operation_timeout:?}) must be more than nothing, none longer than the next"
            )
        })?;
        check(stall_timeout.is_none_or(|it| !it.is_zero()), || {
            "no transfer lives through a stall time-out of 0 s: use a longer one, or none".to_owned()
        })?;
        let names_key = !matches!(encryption, CloudEncryption::Kms { key_id } if key_id.is_empty());
        check(names_key, || "aws:kms needs the id of a key: name one, or use AES256".to_owned())
    }
}

fn check(holds: bool, fault: impl FnOnce() -> String) -> Result<(), CloudStorageError> {
    if holds { Ok(()) } else { Err(CloudStorageError::Setting(fault())) }
}

fn is_bucket(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (3..=63).contains(&name.len())
        && name.bytes().all(|byte| is_plain(byte) || b".-".contains(&byte))
        && [name.bytes().next(), name.bytes().last()].into_iter().flatten().all(is_plain)
}

fn is_region(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

fn check_endpoint(endpoint: &Url) -> Result<(), CloudStorageError> {
    let shown = shown(endpoint);
    check(matches!(endpoint.scheme(), "http" | "https") && endpoint.has_host(), || {
        format!("{shown} is no address of a server: use one such as https://s3.example.com")
    })?;
    let has_credentials = !endpoint.username().is_empty() || endpoint.password().is_some();
    check(!has_credentials, || {
        format!("the address {shown} has a user or password before its host: give them as the credentials")
    })?;
    check(endpoint.query().is_none() && endpoint.fragment().is_none(), || {
        format!("the address {shown} goes on behind its path: leave out what follows")
    })
}

/// An address without anything that may be secret.
fn shown(endpoint: &Url) -> String {
    let port = endpoint.port().map_or_else(String::new, |port| format!(":{port}"));
    format!("{}://{}{port}{}", endpoint.scheme(), endpoint.host_str().unwrap_or_default(), endpoint.path())
}

impl fmt::Debug for CloudStorageConfig {
    /// Without secrets, wherever somebody wrote them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CloudStorageConfig")
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("endpoint", &self.endpoint.as_ref().map(shown))
            .field("path_style", &self.path_style)
            .field("prefix", &self.prefix)
            .field("credentials", &self.credentials)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> CloudStorageConfig {
        CloudStorageConfig::new("creatives", "eu-central-1")
    }

    fn fault(change: impl FnOnce(&mut CloudStorageConfig)) -> String {
        let mut config = config();
        change(&mut config);
        config.checked().expect_err("a fault").to_string()
    }

    #[test]
    fn a_fault_of_a_setting_is_told() {
        config().checked().expect("settings that hold");
        let address = |text: &str| Some(text.parse::<Url>().expect("a URL"));
        for (told, expected) in [
            (fault(|it| it.bucket = "Creatives".into()), "\"Creatives\" names no bucket: use 3 to 63 of"),
            (fault(|it| it.region = String::new()), "\"\" is no region: use one such as eu-central-1"),
            (fault(|it| it.endpoint = address("ftp://s3")), "ftp://s3/ is no address of a server"),
            (fault(|it| it.endpoint = address("http://s3/?a=b")), "the address http://s3/ goes on behind"),
            (fault(|it| it.part_bytes = 1), "parts cannot have 1 bytes: use 5242880 to 5368709120"),
            (fault(|it| it.concurrency = 0), "0 parts cannot be sent at once: use 1 to 64"),
            (fault(|it| it.max_attempts = 21), "a request cannot be tried 21 times: use 1 to 20"),
            (fault(|it| it.connect_timeout = Duration::from_secs(61)), "the time-outs of a connection (61s)"),
            (fault(|it| it.stall_timeout = Some(Duration::ZERO)), "no transfer lives through"),
            (
                fault(|it| it.encryption = CloudEncryption::Kms { key_id: String::new() }),
                "aws:kms needs the id of a key",
            ),
        ] {
            assert!(told.starts_with(expected), "{told}");
        }
    }

    #[test]
    fn no_secret_is_told() {
        let mut config = config();
        config.endpoint = Some("https://user:hunter2@s3.example.com".parse().expect("a URL"));
        config.credentials = Some(CloudCredentials {
            access_key_id: "AKIA".into(),
            secret_access_key: "hunter2".into(),
            session_token: Some("hunter2".into()),
        });
        let fault = config.checked().expect_err("credentials in the address").to_string();
        assert!(!format!("{fault} {config:?}").contains("hunter2"), "{fault} {config:?}");
    }

    #[test]
    fn amazon_is_known_by_its_name() {
        let at = |endpoint: &str| {
            CloudStorageConfig { endpoint: Some(endpoint.parse().expect("a URL")), ..config() }.is_amazon()
        };
        assert!(config().is_amazon() && at("https://s3.dualstack.eu-central-1.amazonaws.com"));
        assert!(!at("https://s3.example.com") && !at("http://amazonaws.com.example"));
    }
}
