use std::path::PathBuf;

use serde::Deserialize;

use crate::check::Check;
use crate::values::ByteSize;

/// `[storage]`: creative files.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StorageSettings {
    /// The largest file, 1 KiB to 5 GiB.
    pub max_file: ByteSize,
    /// The content types that are taken in, such as `image/png`.
    pub allowed_types: Vec<String>,
    /// Files on the local disk.
    pub local: LocalStorageSettings,
}

/// `[storage.local]`: files on the local disk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocalStorageSettings {
    /// The folder that holds the files.
    pub root: PathBuf,
}

impl StorageSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("storage.max_file", self.max_file, ByteSize::kib(1)..=ByteSize::gib(5));
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
        if self.local.root.as_os_str().is_empty() {
            check.fault("storage.local.root", "no folder is given; name one, such as data/files");
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
