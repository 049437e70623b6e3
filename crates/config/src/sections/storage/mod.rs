//! Where creative files are kept, and what they must be like.

mod encryption;
mod s3;

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::{days, hours, minutes, secs};
use crate::check::Check;
use crate::values::{ByteSize, duration};

pub use encryption::StorageEncryptionSettings;
pub use s3::{S3Encryption, S3Settings};

/// `[storage]`: creative files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    /// Where files are kept.
    pub backend: StorageBackend,
    /// A second place.
    pub second: SecondStorage,
    /// What the second place is for.
    pub second_role: SecondRole,
    /// The largest file, 1 KiB to 5 GiB.
    pub max_file: ByteSize,
    /// The content types that are taken in, such as `image/png`.
    pub allowed_types: Vec<String>,
    /// For how long a file may be stored past the API once its upload was begun, 1 minute to 7 days.
    #[serde(deserialize_with = "duration::deserialize")]
    pub upload_time: Duration,
    /// How many images are worked on at the same time, 1 to 64: each takes a processor, and up to 8 bytes a pixel.
    pub image_workers: u32,
    /// Which files are compressed.
    pub compression: StorageCompression,
    /// How old a file that belongs to no asset must be to be removed, 10 minutes to 90 days.
    #[serde(deserialize_with = "duration::deserialize")]
    pub orphans_after: Duration,
    /// How old an upload that was never completed must be to be removed, 1 hour to 90 days.
    #[serde(deserialize_with = "duration::deserialize")]
    pub quarantine_after: Duration,
    /// Files on the local disk.
    pub local: LocalStorageSettings,
    /// Files in a bucket.
    pub s3: S3Settings,
    /// Files that cannot be read without a key.
    pub encryption: StorageEncryptionSettings,
    /// Copies of files that were read, on the local disk.
    pub cache: StorageCacheSettings,
}

/// Where files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageBackend {
    /// In a folder of this machine.
    Local,
    /// In a bucket of an S3-compatible server.
    S3,
}

/// A second place for files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondStorage {
    /// There is none.
    None,
    /// In a folder of this machine.
    Local,
    /// In a bucket of an S3-compatible server.
    S3,
}

/// What the second place for files is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SecondRole {
    /// Every file is stored in both.
    Mirror,
    /// It is read where the first has no file or fails.
    Backup,
}

/// Which files are compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageCompression {
    /// None, and none ever was.
    None,
    /// None any more; those that were are read.
    Read,
    /// Those of types that shrink, with zstd.
    Zstd,
}

/// `[storage.local]`: files on the local disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalStorageSettings {
    /// The folder that holds the files.
    pub root: PathBuf,
}

/// `[storage.cache]`: copies of files that were read from a bucket.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageCacheSettings {
    /// The folder that holds them; of one process alone.
    pub folder: PathBuf,
    /// The most that they take, up to 1 TiB; nothing is kept at 0.
    pub max_bytes: ByteSize,
    /// The largest file of which a copy is kept, 1 KiB to 5 GiB.
    pub max_file: ByteSize,
    /// For how long a copy is served without a look whether the file was replaced, up to 30 days.
    #[serde(deserialize_with = "duration::deserialize")]
    pub trust_for: Duration,
}

impl StorageSettings {
    /// Whether any file is kept in a bucket.
    pub fn uses_s3(&self) -> bool {
        self.backend == StorageBackend::S3 || self.second == SecondStorage::S3
    }

    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("storage.max_file", self.max_file, ByteSize::kib(1)..=ByteSize::gib(5));
        check.within("storage.upload_time", self.upload_time, minutes(1)..=days(7));
        check.within("storage.image_workers", self.image_workers, 1..=64);
        check.within("storage.orphans_after", self.orphans_after, minutes(10)..=days(90));
        check.within("storage.quarantine_after", self.quarantine_after, hours(1)..=days(90));
        if self.upload_time <= days(7) && self.quarantine_after <= self.upload_time {
            let message = "it is no longer than storage.upload_time, so uploads would vanish that may still be completed: raise it";
            check.fault("storage.quarantine_after", message);
        }
        for content_type in self.allowed_types.iter().filter(|name| !is_content_type(name)) {
            check.fault(
                "storage.allowed_types",
                format!("expected types such as image/png, in lower case, found `{content_type}`"),
            );
        }
        if self.allowed_types.is_empty() {
            check
                .fault("storage.allowed_types", "no type is allowed, so no file could be taken in; name one");
        }
        let same = matches!(
            (self.backend, self.second),
            (StorageBackend::Local, SecondStorage::Local) | (StorageBackend::S3, SecondStorage::S3)
        );
        if same {
            check.fault(
                "storage.second",
                "it is the place that storage.backend names already; name another, or none",
            );
        }
        if self.local.root.as_os_str().is_empty() {
            check.fault("storage.local.root", "no folder is given; name one, such as data/files");
        }
        self.s3.validate(check, self.uses_s3());
        self.encryption.validate(check);
        self.cache.validate(check);
    }
}

impl StorageCacheSettings {
    fn validate(&self, check: &mut Check<'_>) {
        check.within("storage.cache.max_bytes", self.max_bytes, ByteSize::new(0)..=ByteSize::gib(1024));
        check.within("storage.cache.max_file", self.max_file, ByteSize::kib(1)..=ByteSize::gib(5));
        check.within("storage.cache.trust_for", self.trust_for, secs(0)..=days(30));
        if self.folder.as_os_str().is_empty() {
            check.fault("storage.cache.folder", "no folder is given; name one, such as data/file-cache");
        }
    }
}

/// Whether `text` is `type/subtype` of RFC 6838 (section 4.2), in the lower case that content types are
/// compared in.
fn is_content_type(text: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphanumeric())
            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "!#$&-^_.+".contains(c))
    };
    text.split_once('/').is_some_and(|(kind, subtype)| is_name(kind) && is_name(subtype))
}
