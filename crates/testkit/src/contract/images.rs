//! The contract of [`ImageRenderer`].

use adstead_domain::port::{FileRefusal, ImageRenderer, PortError, PortErrorKind};
use adstead_domain::{ContentType, Dimensions, RENDITION_SIZES, Rendition};
use bytes::Bytes;
use image::{DynamicImage, ImageFormat, Rgba, RgbaImage};

use super::Case;
use crate::cases;
use crate::pictures::{as_png, half_and_half, jpeg, noted_jpeg};

/// What every [`ImageRenderer`] must do.
pub const CASES: &[Case<dyn ImageRenderer>] = cases![
    a_rendition_is_of_its_type_and_its_dimensions,
    what_is_too_much_is_cut_off_on_both_sides,
    a_thumbnail_shows_all_of_the_image,
    an_image_that_lies_on_its_side_is_turned,
    nothing_of_the_metadata_is_left,
    what_is_transparent_stays_so_or_becomes_white,
    what_cannot_be_read_is_refused,
    a_bomb_is_refused,
];

const RED: [u8; 3] = [220, 20, 20];
const BLUE: [u8; 3] = [20, 20, 220];

fn rendition(name: &str, content_type: ContentType, (width, height): (u32, u32)) -> Rendition {
    let of = RENDITION_SIZES.iter().find(|size| size.name == name).expect("a size");
    Rendition { of, content_type, dimensions: Dimensions { width, height } }
}

async fn rendered(renderer: &dyn ImageRenderer, image: Bytes, rendition: Rendition) -> DynamicImage {
    let file = renderer.render(image, rendition).await.expect("a valid image");
    let format = match rendition.content_type {
        ContentType::Jpeg => ImageFormat::Jpeg,
        _ => ImageFormat::Png,
    };
    image::load_from_memory_with_format(&file, format).expect("an image of the rendition's type")
}

/// Whether the colour at a place, given in thousandths, is about that one.
fn is_about(image: &DynamicImage, (x, y): (u32, u32), colour: [u8; 3]) -> bool {
    let image = image.to_rgb8();
    let seen = image.get_pixel(image.width() * x / 1_000, image.height() * y / 1_000);
    seen.0.iter().zip(colour).all(|(seen, wanted)| seen.abs_diff(wanted) < 40)
}

fn size(image: &DynamicImage) -> (u32, u32) {
    (image.width(), image.height())
}

async fn a_rendition_is_of_its_type_and_its_dimensions(renderer: &dyn ImageRenderer) {
    let source = half_and_half(400, 300, RED, BLUE);
    for (content_type, file) in [(ContentType::Jpeg, jpeg(&source)), (ContentType::Png, as_png(&source))] {
        for (name, dimensions) in
            [("google-square", (300, 300)), ("google-landscape", (400, 209)), ("thumbnail", (320, 240))]
        {
            let made = rendered(renderer, file.clone(), rendition(name, content_type, dimensions)).await;
            assert_eq!(size(&made), dimensions, "{name}");
        }
    }
}

async fn what_is_too_much_is_cut_off_on_both_sides(renderer: &dyn ImageRenderer) {
    let file = as_png(&half_and_half(900, 300, RED, BLUE));
    let made = rendered(renderer, file, rendition("google-square", ContentType::Png, (300, 300))).await;
    assert!(is_about(&made, (100, 500), RED) && is_about(&made, (400, 500), RED), "left is the left half");
    assert!(
        is_about(&made, (600, 500), BLUE) && is_about(&made, (900, 500), BLUE),
        "right is the right half"
    );
}

async fn a_thumbnail_shows_all_of_the_image(renderer: &dyn ImageRenderer) {
    let file = as_png(&half_and_half(1600, 400, RED, BLUE));
    let made = rendered(renderer, file, rendition("thumbnail", ContentType::Png, (320, 80))).await;
    assert_eq!(size(&made), (320, 80));
    assert!(is_about(&made, (30, 500), RED) && is_about(&made, (970, 500), BLUE));
}

async fn an_image_that_lies_on_its_side_is_turned(renderer: &dyn ImageRenderer) {
    // Stored with red on the left; turned clockwise by a quarter, red is on top.
    let file = noted_jpeg(&half_and_half(400, 320, RED, BLUE), 6, b"");
    let made = rendered(renderer, file.clone(), rendition("thumbnail", ContentType::Jpeg, (256, 320))).await;
    assert_eq!(size(&made), (256, 320));
    assert!(is_about(&made, (500, 100), RED) && is_about(&made, (500, 900), BLUE));
    let made = rendered(renderer, file, rendition("google-square", ContentType::Jpeg, (320, 320))).await;
    assert!(is_about(&made, (500, 100), RED) && is_about(&made, (500, 900), BLUE));
}

async fn nothing_of_the_metadata_is_left(renderer: &dyn ImageRenderer) {
    let secret = b"48.8584 N 2.2945 E";
    let file = noted_jpeg(&half_and_half(400, 320, RED, BLUE), 1, secret);
    let holds = |file: &[u8], what: &[u8]| file.windows(what.len()).any(|bytes| bytes == what);
    assert!(holds(&file, secret) && holds(&file, b"Exif"));
    for content_type in [ContentType::Jpeg, ContentType::Png] {
        let wanted = rendition("google-square", content_type, (320, 320));
        let made = renderer.render(file.clone(), wanted).await.expect("a valid image");
        assert!(!holds(&made, secret) && !holds(&made, b"Exif") && !holds(&made, b"eXIf"), "{content_type}");
    }
}

async fn what_is_transparent_stays_so_or_becomes_white(renderer: &dyn ImageRenderer) {
    let ghost = DynamicImage::ImageRgba8(RgbaImage::from_pixel(400, 400, Rgba([20, 20, 20, 0])));
    let wanted = |content_type| rendition("google-square", content_type, (400, 400));
    let made = rendered(renderer, as_png(&ghost), wanted(ContentType::Png)).await;
    assert_eq!(made.to_rgba8().get_pixel(200, 200).0[3], 0);
    let made = rendered(renderer, as_png(&ghost), wanted(ContentType::Jpeg)).await;
    assert!(is_about(&made, (500, 500), [255, 255, 255]));
}

fn refusal(outcome: Result<Bytes, PortError>) -> FileRefusal {
    let error = outcome.expect_err("it should be refused");
    assert_eq!(error.kind, PortErrorKind::Rejected);
    let source = error.source.expect("a refusal");
    *source.downcast().expect("the source is a `FileRefusal`")
}

async fn what_cannot_be_read_is_refused(renderer: &dyn ImageRenderer) {
    let whole = jpeg(&half_and_half(400, 320, RED, BLUE));
    let png = as_png(&half_and_half(400, 320, RED, BLUE));
    let half_a_png = png.slice(..png.len() / 2);
    for file in [
        Bytes::new(),
        Bytes::from_static(b"GIF89a"),
        Bytes::from_static(b"words"),
        whole.slice(..40),
        half_a_png,
    ] {
        let wanted = rendition("google-square", ContentType::Jpeg, (320, 320));
        let refusal = refusal(renderer.render(file, wanted).await);
        assert!(matches!(refusal, FileRefusal::Damaged { .. }), "{refusal}");
    }
}

async fn a_bomb_is_refused(renderer: &dyn ImageRenderer) {
    let bomb = super::files::png(60_000, 60_000, 500);
    let wanted = rendition("google-square", ContentType::Png, (320, 320));
    refusal(renderer.render(bomb, wanted).await);
}
