//! What a server tells of a file, and what the domain knows of one.

use std::collections::HashMap;

use adstead_domain::port::{FileInfo, FileMetadata, FileTag, MediaType};
use aws_sdk_s3::primitives::DateTime;
use jiff::Timestamp;

/// The media type of a file whose own nobody told, as Amazon has it.
pub(super) const UNTOLD: &str = "binary/octet-stream";

/// What a server told of a file.
pub(super) struct Described {
    pub(super) size_bytes: Option<i64>,
    pub(super) tag: Option<String>,
    pub(super) modified_at: Option<DateTime>,
    pub(super) content_type: Option<String>,
    pub(super) metadata: Option<HashMap<String, String>>,
}

impl Described {
    /// What is known of the file; what is missing where the server did not tell.
    pub(super) fn info(self) -> Result<FileInfo, &'static str> {
        let Self { size_bytes, tag, modified_at, content_type, metadata } = self;
        Ok(FileInfo {
            size_bytes: size_bytes.and_then(|it| it.try_into().ok()).ok_or("the size")?,
            tag: tag.map(|tag| file_tag(&tag)).ok_or("the entity tag")?,
            modified_at: modified_at.and_then(|it| timestamp(&it)).ok_or("the time")?,
            content_type: content_type.filter(|it| it != UNTOLD).and_then(|it| it.parse().ok()),
            metadata: metadata.map(known).unwrap_or_default(),
        })
    }
}

/// The media type that a server is told.
pub(super) fn told(content_type: Option<&MediaType>) -> String {
    content_type.map_or(UNTOLD, MediaType::as_str).to_owned()
}

/// An entity tag (RFC 9110, section 8.8.3) without its quotes.
pub(super) fn file_tag(tag: &str) -> FileTag {
    FileTag::new(tag.trim_start_matches("W/").trim_matches('"'))
}

/// A tag in quotes, as conditions of HTTP have it.
pub(super) fn quoted(tag: &FileTag) -> String {
    format!("\"{tag}\"")
}

pub(super) fn timestamp(time: &DateTime) -> Option<Timestamp> {
    Timestamp::new(time.secs(), time.subsec_nanos().try_into().ok()?).ok()
}

/// The pairs of metadata that may be such of the domain; others are of somebody else.
fn known(pairs: HashMap<String, String>) -> FileMetadata {
    let is_known = |(name, value): &(String, String)| {
        FileMetadata::try_from(vec![(name.as_str(), value.as_str())]).is_ok()
    };
    FileMetadata::try_from(pairs.into_iter().filter(is_known).collect::<Vec<_>>()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_known_and_what_is_strange_is_left_out() {
        let described = || Described {
            size_bytes: Some(7),
            tag: Some("\"abc-2\"".into()),
            modified_at: Some(DateTime::from_secs(1_700_000_000)),
            content_type: Some("image/png".into()),
            metadata: Some(
                [("owner", "me"), ("Strange", "x"), ("umlaut", "ü")]
                    .map(|(n, v)| (n.into(), v.into()))
                    .into(),
            ),
        };
        let info = described().info().expect("all is told");
        assert_eq!((info.size_bytes, info.tag.as_str()), (7, "abc-2"));
        assert_eq!(info.metadata.iter().collect::<Vec<_>>(), [("owner", "me")]);
        assert_eq!(info.content_type, Some("image/png".parse().expect("a media type")));
        let untold = Described { content_type: Some(UNTOLD.into()), ..described() };
        assert_eq!(untold.info().expect("all is told").content_type, None);
        let vague = Described { tag: None, ..described() };
        assert_eq!(vague.info(), Err("the entity tag"));
    }
}
