//! Pictures in which a test can tell left from right.

use std::io::Cursor;

use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};

/// A picture of two halves, each of one colour (red, green, blue).
pub fn half_and_half(width: u32, height: u32, left: [u8; 3], right: [u8; 3]) -> DynamicImage {
    let colour = |x| Rgb(if x < width / 2 { left } else { right });
    DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, |x, _| colour(x)))
}

/// The picture as a PNG file.
///
/// # Panics
/// Never: any picture can be written.
pub fn as_png(picture: &DynamicImage) -> Bytes {
    written(picture, ImageFormat::Png)
}

/// The picture as a GIF file.
///
/// # Panics
/// Never: any picture can be written.
pub fn as_gif(picture: &DynamicImage) -> Bytes {
    written(&DynamicImage::ImageRgba8(picture.to_rgba8()), ImageFormat::Gif)
}

/// The picture as a WebP file.
///
/// # Panics
/// Never: any picture can be written.
pub fn as_webp(picture: &DynamicImage) -> Bytes {
    written(picture, ImageFormat::WebP)
}

/// The picture as a JPEG file.
///
/// # Panics
/// Never: any picture can be written.
pub fn jpeg(picture: &DynamicImage) -> Bytes {
    written(picture, ImageFormat::Jpeg)
}

/// The picture as a JPEG file with an Exif segment that notes this orientation (1 to 8), and a comment.
///
/// # Panics
/// Where the comment is longer than a segment.
pub fn noted_jpeg(picture: &DynamicImage, orientation: u8, comment: &[u8]) -> Bytes {
    let plain = jpeg(picture);
    let tiff = [b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0", &[orientation][..], &[0; 7]].concat();
    let segment = |marker: u8, content: &[u8]| {
        let length = u16::try_from(content.len() + 2).expect("a short segment").to_be_bytes();
        [&[0xff, marker], &length[..], content].concat()
    };
    let exif = segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat());
    [&plain[..2], &exif, &segment(0xfe, comment), &plain[2..]].concat().into()
}

/// Width and height of a picture.
///
/// # Panics
/// Where the file is none.
pub fn size_of(file: &[u8]) -> (u32, u32) {
    let picture = image::load_from_memory(file).expect("a picture");
    (picture.width(), picture.height())
}

fn written(picture: &DynamicImage, format: ImageFormat) -> Bytes {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).expect("memory takes any file");
    file.into_inner().into()
}
