use std::io::Cursor;

use adstead_domain::port::{FileRefusal, ImageRenderer, PortError, PortErrorKind};
use adstead_domain::{ContentType, Dimensions, Fit, Rendition};
use async_trait::async_trait;
use bytes::Bytes;
use image::imageops::FilterType::Nearest;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, Rgba, RgbaImage, imageops,
};

/// Renditions by the simplest means, on the thread of whoever asks.
#[derive(Debug, Clone, Copy, Default)]
pub struct PlainRenderer;

#[async_trait]
impl ImageRenderer for PlainRenderer {
    async fn render(&self, image: Bytes, rendition: Rendition) -> Result<Bytes, PortError> {
        rendered(&image, rendition).map_err(|_| {
            let refusal = FileRefusal::Damaged { content_type: rendition.content_type };
            PortError::new(PortErrorKind::Rejected, "images.render").with_source(refusal)
        })
    }
}

fn rendered(file: &[u8], rendition: Rendition) -> Result<Bytes, ImageError> {
    let mut reader = ImageReader::new(Cursor::new(file)).with_guessed_format()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(20_000);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let orientation = decoder.orientation()?;
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    let Dimensions { width, height } = rendition.dimensions;
    let made = match rendition.of.fit {
        Fit::Inside => {
            let whole = Dimensions { width: image.width(), height: image.height() };
            let Dimensions { width, height } = whole.shrunk_into(rendition.of.size);
            image.resize_exact(width, height, Nearest)
        }
        Fit::Cover => image.resize_to_fill(width, height, Nearest),
    };
    let mut file = Cursor::new(Vec::new());
    if rendition.content_type == ContentType::Jpeg {
        let mut paper = RgbaImage::from_pixel(made.width(), made.height(), Rgba([255; 4]));
        imageops::overlay(&mut paper, &made, 0, 0);
        DynamicImage::ImageRgba8(paper).to_rgb8().write_to(&mut file, ImageFormat::Jpeg)?;
    } else {
        made.to_rgba8().write_to(&mut file, ImageFormat::Png)?;
    }
    Ok(file.into_inner().into())
}
