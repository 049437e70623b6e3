//! Byte ranges (RFC 9110, section 14).

use std::ops::Range;

/// What a `Range` header asks of something of a known size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// All of it: there is no header, or one that RFC 9110 lets a server ignore (another unit, several ranges, nonsense).
    Everything,
    /// These bytes, at least one.
    Part(Range<u64>),
    /// Bytes that it has not.
    Nothing,
}

/// What `header` asks of something of `size` bytes.
pub(crate) fn wanted(header: Option<&str>, size: u64) -> Wanted {
    let Some((first, last)) = header.and_then(one_range) else { return Wanted::Everything };
    let part = match (first, last) {
        (Some(first), Some(last)) if last < first => return Wanted::Everything,
        (Some(first), last) => first..last.map_or(size, |last| last.saturating_add(1)).min(size),
        (None, Some(suffix)) => size.saturating_sub(suffix)..size,
        (None, None) => return Wanted::Everything,
    };
    if part.is_empty() { Wanted::Nothing } else { Wanted::Part(part) }
}

fn one_range(header: &str) -> Option<(Option<u64>, Option<u64>)> {
    let (unit, range) = header.split_once('=')?;
    if !unit.trim().eq_ignore_ascii_case("bytes") || range.contains(',') {
        return None;
    }
    let (first, last) = range.trim().split_once('-')?;
    let offset = |text: &str| match text.trim() {
        "" => Some(None),
        digits if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok().map(Some),
        _ => None,
    };
    Some((offset(first)?, offset(last)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_clamped_to_the_file() {
        let cases = [
            (None, Wanted::Everything),
            (Some("bytes=0-3"), Wanted::Part(0..4)),
            (Some("bytes=4-"), Wanted::Part(4..10)),
            (Some("bytes=-3"), Wanted::Part(7..10)),
            (Some("bytes=-30"), Wanted::Part(0..10)),
            (Some("bytes=8-99"), Wanted::Part(8..10)),
            (Some("BYTES= 2-2"), Wanted::Part(2..3)),
        ];
        for (header, expected) in cases {
            assert_eq!(wanted(header, 10), expected, "{header:?}");
        }
    }

    #[test]
    fn bytes_beyond_the_end_are_refused() {
        assert_eq!(wanted(Some("bytes=10-"), 10), Wanted::Nothing);
        assert_eq!(wanted(Some("bytes=-0"), 10), Wanted::Nothing);
        assert_eq!(wanted(Some("bytes=0-0"), 0), Wanted::Nothing);
    }

    #[test]
    fn what_is_no_single_range_is_ignored() {
        for header in
            ["bytes=0-1,4-5", "lines=1-2", "bytes=5-2", "bytes=a-b", "bytes=-", "bytes", "bytes=+1-2"]
        {
            assert_eq!(wanted(Some(header), 10), Wanted::Everything, "{header}");
        }
    }
}
