use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Violation;
use crate::id::shortened;
use crate::port::{FileRefusal, FileRules};

/// The types of creative files that Adstead knows how to recognise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum ContentType {
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// `image/gif`
    Gif,
    /// `image/webp`
    Webp,
    /// `video/mp4`
    Mp4,
    /// `video/quicktime`
    Quicktime,
    /// `video/webm`
    Webm,
}

impl ContentType {
    /// All of them.
    pub const ALL: [Self; 7] =
        [Self::Png, Self::Jpeg, Self::Gif, Self::Webp, Self::Mp4, Self::Quicktime, Self::Webm];

    /// The media type's name (IANA media types registry).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Mp4 => "video/mp4",
            Self::Quicktime => "video/quicktime",
            Self::Webm => "video/webm",
        }
    }

    /// Whether it has a width and a height that its header tells.
    pub const fn is_image(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }

    /// How much of a file's beginning tells its type, in bytes.
    pub const SIGNATURE_BYTES: usize = 256;

    /// The type of a file that begins with `head`, if `rules` welcome it.
    ///
    /// The signatures are those of the PNG, JPEG (ISO 10918-1), GIF89a, WebP (RFC 9649), ISO base media (ISO 14496-12,
    /// brands as registered at mp4ra.org) and Matroska (RFC 9559) formats.
    ///
    /// # Errors
    /// The refusal that its sender should read.
    pub fn recognise(head: &[u8], rules: &FileRules) -> Result<Self, FileRefusal> {
        if head.is_empty() {
            return Err(FileRefusal::Empty);
        }
        let seen = Self::sniff(head);
        let found = seen.map_or_else(|| unknown_content(head), Self::as_str).to_owned();
        match (seen, rules.declared) {
            (Some(seen), declared)
                if rules.allowed.contains(&seen) && declared.is_none_or(|named| named == seen) =>
            {
                Ok(seen)
            }
            (Some(seen), Some(declared)) if rules.allowed.contains(&seen) => {
                Err(FileRefusal::Mislabelled { declared, found })
            }
            (None, Some(declared)) => Err(FileRefusal::Mislabelled { declared, found }),
            _ => Err(FileRefusal::TypeNotAllowed { found, allowed: Self::list(&rules.allowed) }),
        }
    }

    fn sniff(head: &[u8]) -> Option<Self> {
        let head = &head[..head.len().min(Self::SIGNATURE_BYTES)];
        match head {
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Some(Self::Png),
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::Webp),
            [_, _, _, _, b'f', b't', b'y', b'p', b'q', b't', b' ', b' ', ..] => Some(Self::Quicktime),
            [_, _, _, _, b'f', b't', b'y', b'p', brand @ ..] if is_mp4_brand(brand) => Some(Self::Mp4),
            [0x1a, 0x45, 0xdf, 0xa3, header @ ..] => {
                const DOC_TYPE_WEBM: &[u8] = b"\x42\x82\x84webm";
                header
                    .windows(DOC_TYPE_WEBM.len())
                    .any(|element| element == DOC_TYPE_WEBM)
                    .then_some(Self::Webm)
            }
            _ => None,
        }
    }

    /// The names of `types`, as a person lists them.
    pub fn list(types: &[Self]) -> String {
        types.iter().map(|known| known.as_str()).collect::<Vec<_>>().join(", ")
    }
}

fn is_mp4_brand(brand: &[u8]) -> bool {
    matches!(
        brand,
        [b'i', b's', b'o', b'm' | b'2'..=b'9', ..]
            | [b'm', b'p', b'4', b'1' | b'2', ..]
            | [b'a', b'v', b'c', b'1', ..]
            | [b'd', b'a', b's', b'h', ..]
            | [b'c', b'm', b'f', b'c', ..]
            | [b'M', b'4', b'V', ..]
            | [b'M', b'S', b'N', b'V', ..]
    )
}

/// What to call content of none of our types, for its sender.
fn unknown_content(head: &[u8]) -> &'static str {
    let is_prose = |text: &str| !text.chars().any(|c| c.is_control() && !c.is_ascii_whitespace());
    let text = match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        // A head cut in the middle of a character is still text.
        Err(fault) if fault.error_len().is_none() => std::str::from_utf8(&head[..fault.valid_up_to()]).ok(),
        Err(_) => None,
    };
    if text.is_some_and(is_prose) { "text" } else { "of no known type" }
}

impl FromStr for ContentType {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let essence = text.split(';').next().unwrap_or_default().trim();
        Self::ALL.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(essence)).ok_or_else(|| {
            let known = Self::list(&Self::ALL);
            Violation::invalid(format!(
                "{:?} is not a type of creative file: use one of {known}",
                shortened(text)
            ))
        })
    }
}

impl fmt::Display for ContentType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl From<ContentType> for &'static str {
    fn from(content_type: ContentType) -> Self {
        content_type.as_str()
    }
}

impl TryFrom<String> for ContentType {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(declared: Option<ContentType>) -> FileRules {
        let allowed = vec![ContentType::Png, ContentType::Jpeg, ContentType::Mp4, ContentType::Webm];
        FileRules { declared, allowed, max_bytes: 1000 }
    }

    #[test]
    fn every_type_is_told_by_its_first_bytes() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some(ContentType::Png)),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(ContentType::Jpeg)),
            (b"GIF87a", Some(ContentType::Gif)),
            (b"GIF89a", Some(ContentType::Gif)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(ContentType::Webp)),
            (b"\0\0\0\x18ftypmp42", Some(ContentType::Mp4)),
            (b"\0\0\0\x14ftypqt  ", Some(ContentType::Quicktime)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", Some(ContentType::Webm)),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska", None),
            (b"\0\0\0\x18ftypheic", None),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"<svg xmlns='http://www.w3.org/2000/svg'>", None),
            (b"%PDF-1.7", None),
            (b"\x89PNG", None),
        ] {
            assert_eq!(ContentType::sniff(head), expected, "{:?}", head.escape_ascii().to_string());
        }
    }

    #[test]
    fn a_file_is_taken_for_what_it_is_and_not_for_what_it_is_called() {
        let png = b"\x89PNG\r\n\x1a\n";
        assert_eq!(ContentType::recognise(png, &rules(None)), Ok(ContentType::Png));
        assert_eq!(ContentType::recognise(png, &rules(Some(ContentType::Png))), Ok(ContentType::Png));
        for (head, declared, message) in [
            (
                &png[..],
                Some(ContentType::Jpeg),
                "the file is declared as image/jpeg, but its content is image/png",
            ),
            (
                b"Hello \xe2\x82",
                Some(ContentType::Png),
                "the file is declared as image/png, but its content is text",
            ),
            (
                b"\0\x01\x02",
                Some(ContentType::Png),
                "the file is declared as image/png, but its content is of no known type",
            ),
            (b"GIF89a", Some(ContentType::Gif), "the file's content is image/gif, which is not allowed here"),
            (b"GIF89a", Some(ContentType::Png), "the file's content is image/gif, which is not allowed here"),
            (b"<html>", None, "the file's content is text, which is not allowed here"),
            (b"", None, "the file is empty"),
        ] {
            let refusal = ContentType::recognise(head, &rules(declared)).expect_err("it should be refused");
            assert!(refusal.to_string().starts_with(message), "{refusal}");
        }
    }
}
