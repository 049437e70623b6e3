//! How a camera held its image.

use super::Dimensions;

/// The dimensions in which a viewer shows a JPEG that begins with `header` and is stored with these: a camera that was held
/// upright may have noted so instead of turning the pixels.
pub(super) fn as_shown(header: &[u8], stored: Dimensions) -> Dimensions {
    match orientation(header) {
        // Exif 2.32 (CIPA DC-008), table 7: rows and columns are swapped.
        Some(5..=8) => Dimensions { width: stored.height, height: stored.width },
        _ => stored,
    }
}

/// The value of the tag `Orientation` in the Exif segment of a JPEG.
fn orientation(jpeg: &[u8]) -> Option<u16> {
    let exif = exif_segment(jpeg)?;
    let order = match exif.get(..2)? {
        b"II" => u16::from_le_bytes as fn([u8; 2]) -> u16,
        b"MM" => u16::from_be_bytes,
        _ => return None,
    };
    let short = |at: usize| Some(order(*exif.get(at..)?.first_chunk()?));
    let is_little = exif.starts_with(b"II");
    let offset = |at: usize| {
        let bytes = *exif.get(at..)?.first_chunk()?;
        Some(if is_little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    };
    let directory = usize::try_from(offset(4)?).ok()?;
    let entries = usize::from(short(directory)?);
    let mut places = (0..entries).map(|entry| directory + 2 + entry * 12);
    let place = places.find(|place| short(*place) == Some(0x0112))?;
    short(place + 8)
}

/// What the first Exif segment holds (TIFF 6.0).
fn exif_segment(jpeg: &[u8]) -> Option<&[u8]> {
    let mut rest = jpeg.strip_prefix(b"\xff\xd8")?;
    loop {
        let marker = *rest.get(1)?;
        // Nothing but segments with a length comes before the pixels.
        if rest[0] != 0xff || matches!(marker, 0xda | 0xd9) {
            return None;
        }
        let length = usize::from(u16::from_be_bytes(*rest.get(2..)?.first_chunk()?));
        let segment = rest.get(4..length.checked_add(2)?)?;
        if let Some(exif) = segment.strip_prefix(b"Exif\0\0").filter(|_| marker == 0xe1) {
            return Some(exif);
        }
        rest = rest.get(length + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jpeg(tiff: &[u8]) -> Vec<u8> {
        let length = u16::try_from(tiff.len() + 8).expect("a short segment").to_be_bytes();
        [b"\xff\xd8\xff\xe0\0\x04ab\xff\xe1", &length[..], b"Exif\0\0", tiff, b"\xff\xda"].concat()
    }

    #[test]
    fn an_image_that_lies_on_its_side_is_shown_upright() {
        let stored = Dimensions { width: 4000, height: 3000 };
        let turned = Dimensions { width: 3000, height: 4000 };
        let big = b"MM\0*\0\0\0\x08\0\x02\x01\x0f\0\x02\0\0\0\x01\0\0\0\0\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        let upright = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x03\0\0\0\0\0\0\0";
        assert_eq!(as_shown(&jpeg(big), stored), turned);
        assert_eq!(as_shown(&jpeg(little), stored), turned);
        assert_eq!(as_shown(&jpeg(upright), stored), stored);
    }

    #[test]
    fn what_makes_no_sense_is_shown_as_it_is_stored() {
        let stored = Dimensions { width: 4, height: 3 };
        let whole = jpeg(b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0");
        for end in 0..whole.len() - 4 {
            assert_eq!(as_shown(&whole[..end], stored), stored, "cut at {end}");
        }
        for tiff in [&b"II*\0\xff\xff\xff\xff"[..], b"XX*\0\x08\0\0\0", b"II*\0\x08\0\0\0\xff\xff"] {
            assert_eq!(as_shown(&jpeg(tiff), stored), stored);
        }
    }
}
