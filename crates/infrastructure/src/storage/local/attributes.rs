//! What is known of a file besides its bytes: extended attributes of the file itself, so that both come into place as
//! one.

use std::fs::File;
use std::io;

use adstead_domain::port::{FileMetadata, MediaType};
use xattr::FileExt as _;

const CONTENT_TYPE: &str = "user.adstead.content-type";
const METADATA: &str = "user.adstead.meta.";

/// Whether the file system of `file` keeps such attributes.
pub(super) fn are_kept(file: &File) -> bool {
    xattr::SUPPORTED_PLATFORM && file.set_xattr("user.adstead.probe", b"1").is_ok()
}

pub(super) fn write(
    file: &File,
    content_type: Option<&MediaType>,
    metadata: &FileMetadata,
) -> io::Result<()> {
    if let Some(content_type) = content_type {
        file.set_xattr(CONTENT_TYPE, content_type.as_str().as_bytes())?;
    }
    metadata
        .iter()
        .try_for_each(|(name, value)| file.set_xattr(format!("{METADATA}{name}"), value.as_bytes()))
}

/// What [`write`] wrote. Attributes of anybody else are no concern of ours, nor are those that make no sense.
pub(super) fn read(file: &File) -> io::Result<(Option<MediaType>, FileMetadata)> {
    let mut content_type = None;
    let mut pairs = Vec::new();
    for name in file.list_xattr()? {
        let Some(name) = name.to_str() else { continue };
        let metadata_name = name.strip_prefix(METADATA);
        if metadata_name.is_none() && name != CONTENT_TYPE {
            continue;
        }
        let Some(value) = file.get_xattr(name)?.and_then(|value| String::from_utf8(value).ok()) else {
            continue;
        };
        match metadata_name {
            Some(name) => pairs.push((name.to_owned(), value)),
            None => content_type = value.parse().ok(),
        }
    }
    Ok((content_type, FileMetadata::try_from(pairs).unwrap_or_default()))
}
