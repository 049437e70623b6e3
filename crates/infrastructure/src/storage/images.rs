//! Images made of images.

use std::io::Cursor;
use std::sync::Arc;

use adstead_domain::port::{Chain, FileRefusal, ImageRenderer, PortError, PortErrorKind};
use adstead_domain::{ContentType, Dimensions, Fit, Rendition};
use async_trait::async_trait;
use bytes::Bytes;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, ImageReader, Limits, Rgb, RgbImage};
use tokio::sync::Semaphore;

/// The longest side of an image, in pixels, and the most bytes that its pixels take: 100 megapixels of 16 bits and four
/// channels. What is larger was refused when it was uploaded.
const MAX_SIDE: u32 = 20_000;
const MAX_ALLOCATION: u64 = 800_000_000;

/// The quality of JPEG files, as libjpeg counts it.
const JPEG_QUALITY: u8 = 85;

/// The longest colour profile that is kept, in bytes.
const MAX_PROFILE: usize = 1 << 20;

/// Makes renditions with the codecs of the `image` crate, a few at a time: each takes a processor, and memory for all
/// pixels of its image.
#[derive(Debug, Clone)]
pub struct ImageStudio {
    places: Arc<Semaphore>,
}

impl ImageStudio {
    /// A studio that works on at most `places` images at the same time, at least one.
    pub fn new(places: usize) -> Self {
        Self { places: Arc::new(Semaphore::new(places.clamp(1, Semaphore::MAX_PERMITS))) }
    }
}

#[async_trait]
impl ImageRenderer for ImageStudio {
    async fn render(&self, image: Bytes, rendition: Rendition) -> Result<Bytes, PortError> {
        const OPERATION: &str = "images.render";
        let place = Arc::clone(&self.places).acquire_owned().await.expect("nobody closes the studio");
        let rendered = tokio::task::spawn_blocking(move || {
            // A caller that went away cannot stop it: the place is free once it is done.
            let _place = place;
            rendered(&image, rendition)
        });
        let lost = |lost| PortError::new(PortErrorKind::Unexpected, OPERATION).with_source(lost);
        rendered.await.map_err(lost)?.map_err(|error| {
            tracing::debug!(error = %Chain(&error), "an image cannot be read");
            let refusal = FileRefusal::Damaged { content_type: rendition.content_type };
            PortError::new(PortErrorKind::Rejected, OPERATION).with_source(refusal)
        })
    }
}

fn rendered(file: &[u8], rendition: Rendition) -> Result<Bytes, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_ALLOCATION);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let profile = decoder.icc_profile()?.filter(|profile| is_of_rgb(profile));
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let image = resized(&image, rendition);
    encoded(&image, rendition.content_type, profile)
}

/// The middle of the image in the rendition's size.
fn resized(image: &DynamicImage, rendition: Rendition) -> DynamicImage {
    let whole = Dimensions { width: image.width(), height: image.height() };
    let (part, size) = match rendition.of.fit {
        Fit::Inside => (whole, whole.shrunk_into(rendition.of.size)),
        Fit::Cover => (largest_of_shape(rendition.dimensions, whole), rendition.dimensions),
    };
    let (left, top) = ((whole.width - part.width) / 2, (whole.height - part.height) / 2);
    let part = image.crop_imm(left, top, part.width, part.height);
    // Averaging is fast, and as good as any filter while the result is still much larger than what is wanted.
    let (rough_width, rough_height) = (size.width.saturating_mul(3), size.height.saturating_mul(3));
    let part = if part.width() > rough_width && part.height() > rough_height {
        part.thumbnail_exact(rough_width, rough_height)
    } else {
        part
    };
    part.resize_exact(size.width, size.height, FilterType::Lanczos3)
}

/// The largest dimensions of the shape of `shape` that fit into `space`.
fn largest_of_shape(shape: Dimensions, space: Dimensions) -> Dimensions {
    let factor = u32::MAX / shape.width.max(shape.height).max(1);
    Dimensions { width: shape.width * factor, height: shape.height * factor }.shrunk_into(space)
}

/// The image as a file that holds nothing but its pixels and, where they have one, their colour profile.
fn encoded(
    image: &DynamicImage,
    content_type: ContentType,
    profile: Option<Vec<u8>>,
) -> Result<Bytes, ImageError> {
    let mut file = Vec::new();
    if content_type == ContentType::Jpeg {
        let mut encoder = JpegEncoder::new_with_quality(&mut file, JPEG_QUALITY);
        profile.map(|profile| encoder.set_icc_profile(profile));
        on_white(image).write_with_encoder(encoder)?;
    } else {
        let mut encoder = PngEncoder::new(&mut file);
        profile.map(|profile| encoder.set_icc_profile(profile));
        let image = if image.color().has_alpha() {
            DynamicImage::ImageRgba8(image.to_rgba8())
        } else {
            DynamicImage::ImageRgb8(image.to_rgb8())
        };
        image.write_with_encoder(encoder)?;
    }
    Ok(file.into())
}

/// Whether a colour profile says what red, green and blue are (ICC.1:2022, section 7.2.8): one of inks makes no sense once the
/// pixels have become those.
fn is_of_rgb(profile: &[u8]) -> bool {
    profile.len() <= MAX_PROFILE && profile.get(16..20) == Some(b"RGB ")
}

/// The image as it looks on white paper.
fn on_white(image: &DynamicImage) -> RgbImage {
    if !image.color().has_alpha() {
        return image.to_rgb8();
    }
    let image = image.to_rgba8();
    RgbImage::from_fn(image.width(), image.height(), |x, y| {
        let [red, green, blue, alpha] = image.get_pixel(x, y).0.map(u32::from);
        Rgb([red, green, blue].map(|channel| ((channel * alpha + 255 * (255 - alpha)) / 255) as u8))
    })
}
