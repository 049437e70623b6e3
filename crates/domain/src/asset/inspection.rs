use super::orientation::as_shown;
use super::structure::Structure;
use super::{ContentType, Dimensions, Sha256Digest, Sha256Hasher};
use crate::port::{FileRefusal, FileRules};

/// How much of a file is searched for the width and height of an image, in bytes. Most tell them in the first kilobyte;
/// a JPEG may carry a preview and a print colour profile (half a megabyte) before.
const MAX_HEADER_BYTES: usize = 1 << 20;

/// The longest side of an image, in pixels.
const MAX_SIDE: u32 = 20_000;

/// The most megapixels of an image. A few kilobytes can claim more than memory holds: such bombs end here, before
/// anybody decodes them.
const MAX_MEGAPIXELS: u64 = 100;

/// Checks a file against its rules and hashes it while it streams, keeping no more of it than its header.
///
/// ```
/// use adstead_domain::port::{FileRefusal, FileRules};
/// use adstead_domain::{ContentType, Inspection};
///
/// let rules = FileRules { declared: None, allowed: vec![ContentType::Gif], max_bytes: 1_000 };
/// let mut inspection = Inspection::new(rules);
/// inspection.look_at(b"GIF89a\x02\0\x01\0\0\0\0,\0\0\0\0")?;
/// inspection.look_at(b"\x02\0\x01\0\0\x02\x02\x84\x51\0;")?;
/// let inspected = inspection.finish()?;
/// assert_eq!((inspected.content_type, inspected.size_bytes), (ContentType::Gif, 29));
/// # Ok::<(), FileRefusal>(())
/// ```
pub struct Inspection {
    rules: FileRules,
    size_bytes: u64,
    hasher: Sha256Hasher,
    header: Vec<u8>,
    /// The length of header at which reading it is worth a try.
    read_at: usize,
    structure: Option<Structure>,
    dimensions: Option<Dimensions>,
}

/// What a file that keeps its rules turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Its type, as its content shows.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The digest of its content.
    pub sha256: Sha256Digest,
    /// Width and height, where it is an image.
    pub dimensions: Option<Dimensions>,
}

impl Inspection {
    /// Of a file of which nothing was seen yet.
    pub fn new(rules: FileRules) -> Self {
        Self {
            rules,
            size_bytes: 0,
            hasher: Sha256Hasher::default(),
            header: Vec::new(),
            read_at: ContentType::SIGNATURE_BYTES,
            structure: None,
            dimensions: None,
        }
    }

    /// The file's type, once enough of it was seen.
    pub fn content_type(&self) -> Option<ContentType> {
        self.structure.as_ref().map(Structure::content_type)
    }

    /// Looks at the next piece of the file.
    ///
    /// # Errors
    /// The file breaks its rules.
    pub fn look_at(&mut self, piece: &[u8]) -> Result<(), FileRefusal> {
        self.size_bytes += piece.len() as u64;
        if self.size_bytes > self.rules.max_bytes {
            return Err(FileRefusal::TooLarge { max_bytes: self.rules.max_bytes });
        }
        self.hasher.update(piece);
        if let Some(structure) = &mut self.structure {
            structure.pass(piece)?;
        }
        if self.is_settled() {
            return Ok(());
        }
        let before = self.header.len();
        self.header.extend_from_slice(&piece[..piece.len().min(MAX_HEADER_BYTES - before)]);
        if self.header.len() >= self.read_at {
            self.read_at = self.header.len() * 2;
            self.recognise(before, piece)?;
            self.read_dimensions()?;
        }
        Ok(())
    }

    /// Makes the best of what was seen, since no more will come.
    ///
    /// # Errors
    /// The file breaks its rules.
    pub fn look_no_further(&mut self) -> Result<(), FileRefusal> {
        if self.is_settled() {
            return Ok(());
        }
        self.recognise(self.header.len(), &[])?;
        self.read_dimensions()
    }

    /// What the whole file turned out to be.
    ///
    /// # Errors
    /// The file breaks its rules.
    pub fn finish(mut self) -> Result<Inspected, FileRefusal> {
        self.look_no_further()?;
        let structure = self.structure.as_ref().ok_or(FileRefusal::Empty)?;
        structure.finish()?;
        let content_type = structure.content_type();
        if !self.is_settled() {
            return Err(FileRefusal::Damaged { content_type });
        }
        Ok(Inspected {
            content_type,
            size_bytes: self.size_bytes,
            sha256: self.hasher.finish(),
            dimensions: self.dimensions,
        })
    }

    fn is_settled(&self) -> bool {
        self.content_type().is_some_and(|content_type| !content_type.is_image() || self.dimensions.is_some())
    }

    /// Tells the type by the header, where it is not known, and walks through what came so far: the header `before` the
    /// newest piece, and that.
    fn recognise(&mut self, before: usize, piece: &[u8]) -> Result<(), FileRefusal> {
        if self.structure.is_none() {
            let content_type = ContentType::recognise(&self.header, &self.rules)?;
            let structure = self.structure.insert(Structure::of(content_type));
            structure.pass(&self.header[..before])?;
            structure.pass(piece)?;
        }
        Ok(())
    }

    fn read_dimensions(&mut self) -> Result<(), FileRefusal> {
        if let Some(content_type) = self.content_type().filter(|content_type| content_type.is_image()) {
            let seen = dimensions(&self.header, content_type);
            self.dimensions = seen.map(|size| bounded(size, content_type)).transpose()?;
        }
        if self.is_settled() {
            self.header = Vec::new();
        }
        Ok(())
    }
}

/// The dimensions in which a viewer shows the image.
fn dimensions(header: &[u8], content_type: ContentType) -> Option<Dimensions> {
    let size = imagesize::blob_size(header).ok()?;
    let stored = Dimensions { width: size.width.try_into().ok()?, height: size.height.try_into().ok()? };
    Some(if content_type == ContentType::Jpeg { as_shown(header, stored) } else { stored })
}

fn bounded(size: Dimensions, content_type: ContentType) -> Result<Dimensions, FileRefusal> {
    let Dimensions { width, height } = size;
    let pixels = u64::from(width) * u64::from(height);
    if pixels == 0 {
        Err(FileRefusal::Damaged { content_type })
    } else if width.max(height) > MAX_SIDE || pixels > MAX_MEGAPIXELS * 1_000_000 {
        Err(FileRefusal::TooManyPixels { width, height, max_side: MAX_SIDE, max_megapixels: MAX_MEGAPIXELS })
    } else {
        Ok(size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: FileRules = FileRules { declared: None, allowed: Vec::new(), max_bytes: 4 << 20 };

    fn inspect(file: &[u8], piece: usize) -> Result<Inspected, FileRefusal> {
        let rules = FileRules { allowed: ContentType::ALL.to_vec(), ..RULES };
        let mut inspection = Inspection::new(rules);
        file.chunks(piece).try_for_each(|piece| inspection.look_at(piece))?;
        inspection.finish()
    }

    /// A JPEG whose frame header stands behind `metadata` bytes of application segments.
    fn jpeg(width: u16, height: u16, metadata: usize) -> Vec<u8> {
        let mut file = b"\xff\xd8".to_vec();
        for _ in 0..metadata.div_ceil(60_000) {
            file.extend(b"\xff\xe2");
            file.extend(60_000_u16.to_be_bytes());
            file.extend([7; 59_998]);
        }
        file.extend(b"\xff\xc0\x00\x11\x08");
        file.extend(height.to_be_bytes());
        file.extend(width.to_be_bytes());
        file.extend([0; 10]);
        file.extend(b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00\x7f\xff\x00\x7f\xff\xd9");
        file
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", &size[..], &[0; 9], b"\0\0\0\0IDAT\0\0\0\0\0\0\0\0IEND\0\0\0\0"]
            .concat()
    }

    #[test]
    fn dimensions_are_found_behind_long_metadata_however_the_file_is_cut() {
        for metadata in [0, 250_000, 900_000] {
            for piece in [1_000, 65_536, usize::MAX] {
                let seen = inspect(&jpeg(1200, 628, metadata), piece).expect("a valid image");
                assert_eq!(
                    seen.dimensions,
                    Some(Dimensions { width: 1200, height: 628 }),
                    "{metadata} in {piece}"
                );
            }
        }
    }

    #[test]
    fn an_image_that_hides_its_size_too_deep_is_refused() {
        let damaged = FileRefusal::Damaged { content_type: ContentType::Jpeg };
        assert_eq!(inspect(&jpeg(1200, 628, 2 << 20), 65_536), Err(damaged));
    }

    #[test]
    fn a_bomb_is_refused_by_its_header() {
        for (width, height) in [(20_001, 1), (1, u32::MAX), (20_000, 5_001)] {
            let refusal = inspect(&png(width, height), 10).expect_err("too many pixels");
            assert_eq!(
                refusal.to_string(),
                format!(
                    "the image is {width} × {height} pixels: send one of at most 20000 pixels a side and 100 \
                     megapixels in all"
                )
            );
        }
        assert!(inspect(&png(20_000, 5_000), 10).is_ok());
    }

    #[test]
    fn an_image_without_pixels_is_damaged() {
        let damaged = FileRefusal::Damaged { content_type: ContentType::Png };
        assert_eq!(inspect(&png(0, 10), 10), Err(damaged));
    }

    #[test]
    fn a_video_needs_no_dimensions() {
        let seen = inspect(b"\0\0\0\x18ftypisom\0\0\0\0isommp42\0\0\0\x08moov", 5).expect("a video");
        assert_eq!((seen.content_type, seen.size_bytes, seen.dimensions), (ContentType::Mp4, 32, None));
    }
}
