//! A cached file on the disk: what is known of it, and its content.
//!
//! Eight bytes of mark, the length and the CRC-32 of what is known (32 bits each, big-endian), what is known as lines
//! of text (key, tag, size, time, media type, then pairs of metadata), and the content.

use std::fs::File;
use std::io::{self, Read as _};

use adstead_domain::port::{FileInfo, FileKey, FileMetadata, FileTag};

const MAGIC: &[u8; 8] = b"ADSTCCH1";

/// The longest description that is read, in bytes: keys, tags and metadata take a tenth of it.
const MAX_DESCRIPTION: usize = 64 << 10;

/// What is written before the content; nothing where it cannot be written so.
pub(super) fn header(key: &FileKey, info: &FileInfo) -> Option<Vec<u8>> {
    let FileInfo { size_bytes, tag, modified_at, content_type, metadata } = info;
    let content_type = content_type.as_ref().map_or("", |it| it.as_str());
    let mut lines = format!("{key}\n{tag}\n{size_bytes}\n{modified_at}\n{content_type}\n");
    for (name, value) in metadata.iter() {
        lines.extend([name, "=", value, "\n"]);
    }
    if tag.as_str().contains(char::is_control) || lines.len() > MAX_DESCRIPTION {
        return None;
    }
    let mut header = MAGIC.to_vec();
    header.extend(u32::try_from(lines.len()).ok()?.to_be_bytes());
    header.extend(crc32fast::hash(lines.as_bytes()).to_be_bytes());
    header.extend(lines.into_bytes());
    Some(header)
}

/// What is known of the file in `entry`, which is left at the beginning of its content; nothing where it is no whole
/// entry.
pub(super) fn read(entry: &mut File) -> io::Result<Option<(FileKey, FileInfo)>> {
    let mut start = [0; 16];
    match entry.read_exact(&mut start) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        outcome => outcome?,
    }
    let number = |at: usize| start[at..].first_chunk().map_or(0, |bytes| u32::from_be_bytes(*bytes));
    let len = number(8) as usize;
    if start[..8] != *MAGIC || len > MAX_DESCRIPTION {
        return Ok(None);
    }
    let mut lines = Vec::with_capacity(len);
    entry.take(len as u64).read_to_end(&mut lines)?;
    if lines.len() != len || crc32fast::hash(&lines) != number(12) {
        return Ok(None);
    }
    let Some((key, info)) = std::str::from_utf8(&lines).ok().and_then(parsed) else { return Ok(None) };
    let is_whole = entry.metadata()?.len() == (start.len() + len) as u64 + info.size_bytes;
    Ok(is_whole.then_some((key, info)))
}

fn parsed(lines: &str) -> Option<(FileKey, FileInfo)> {
    let mut lines = lines.split_terminator('\n');
    let key = lines.next()?.parse().ok()?;
    let tag = FileTag::new(lines.next()?);
    let size_bytes = lines.next()?.parse().ok()?;
    let modified_at = lines.next()?.parse().ok()?;
    let content_type = match lines.next()? {
        "" => None,
        media_type => Some(media_type.parse().ok()?),
    };
    let pairs = lines.map(|line| line.split_once('=')).collect::<Option<Vec<_>>>()?;
    let metadata = FileMetadata::try_from(pairs).ok()?;
    Some((key, FileInfo { size_bytes, tag, modified_at, content_type, metadata }))
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, SeekFrom, Write as _};

    use super::*;

    fn known() -> (FileKey, FileInfo) {
        let info = FileInfo {
            size_bytes: 4,
            tag: FileTag::new("\"weird = tag\""),
            modified_at: "2026-03-02T10:30:00.123456789Z".parse().expect("a time"),
            content_type: Some("text/plain".parse().expect("a media type")),
            metadata: FileMetadata::try_from(vec![("a", "x = y"), ("b", "")]).expect("pairs"),
        };
        ("assets/7f2c".parse().expect("a key"), info)
    }

    fn written(bytes: &[u8]) -> Option<(FileKey, FileInfo)> {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(bytes).expect("it can be written");
        file.seek(SeekFrom::Start(0)).expect("it has a beginning");
        read(&mut file).expect("it can be read")
    }

    #[test]
    fn an_entry_is_read_as_it_was_written() {
        let (key, info) = known();
        let mut entry = header(&key, &info).expect("a header");
        entry.extend(b"text");
        assert_eq!(written(&entry), Some((key.clone(), info.clone())));
        let bare = FileInfo { content_type: None, metadata: FileMetadata::default(), ..info };
        let entry = [header(&key, &bare).expect("a header"), b"text".to_vec()].concat();
        assert_eq!(written(&entry), Some((key, bare)));
    }

    #[test]
    fn a_torn_entry_is_none() {
        let (key, info) = known();
        let entry = [header(&key, &info).expect("a header"), b"text".to_vec()].concat();
        for len in 0..entry.len() {
            assert_eq!(written(&entry[..len]), None, "{len} bytes");
        }
        assert_eq!(written(&[&entry[..], b"!"].concat()), None);
        for place in 0..entry.len() - 4 {
            let mut changed = entry.clone();
            changed[place] ^= 1;
            assert_eq!(written(&changed), None, "byte {place}");
        }
    }

    #[test]
    fn a_tag_of_more_than_one_line_is_not_written() {
        let (key, info) = known();
        assert!(header(&key, &FileInfo { tag: FileTag::new("a\nb"), ..info }).is_none());
    }
}
