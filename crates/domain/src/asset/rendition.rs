//! Images in the sizes that platforms ask for.

use crate::asset::RENDITIONS;
use crate::port::FileKey;
use crate::{AccountId, Asset, AssetId, ContentType, Dimensions, Platform, Violation};

/// A size that images are asked for in.
#[derive(Debug, PartialEq, Eq)]
pub struct RenditionSize {
    /// Its name, as it stands in URLs.
    pub name: &'static str,
    /// Where it is shown; nothing for what Adstead shows itself.
    pub platform: Option<Platform>,
    /// How the image gets into the size.
    pub fit: Fit,
    /// The size in pixels.
    pub size: Dimensions,
    /// The smallest size that is taken there.
    pub min: Dimensions,
    /// Where the platform says so.
    pub source: Option<&'static str>,
}

/// How an image gets into a size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// All of it is shown, and its shape stays.
    Inside,
    /// It has the shape of the size: what is too much of it is cut off on both sides.
    Cover,
}

const GOOGLE: Option<&str> = Some("https://support.google.com/google-ads/answer/17090561");
const META: Option<&str> = Some("https://www.facebook.com/business/ads-guide/update/image/facebook-feed");
const META_STORY: Option<&str> =
    Some("https://www.facebook.com/business/ads-guide/update/image/facebook-story/story");
const LINKEDIN: Option<&str> = Some("https://www.linkedin.com/help/lms/answer/a426534");
const X: Option<&str> = Some("https://business.x.com/en/help/campaign-setup/creative-ad-specifications");
const TIKTOK: Option<&str> =
    Some("https://ads.tiktok.com/help/article/global-app-bundle-image-ad-specifications");
const YOUTUBE: Option<&str> = Some("https://support.google.com/youtube/answer/72431");

const fn pixels(width: u32, height: u32) -> Dimensions {
    Dimensions { width, height }
}

const fn cover(
    name: &'static str,
    platform: Platform,
    size: Dimensions,
    min: Dimensions,
    source: Option<&'static str>,
) -> RenditionSize {
    RenditionSize { name, platform: Some(platform), fit: Fit::Cover, size, min, source }
}

/// All sizes. Each is the one that its platform recommends, and takes from `min` on.
pub const RENDITION_SIZES: &[RenditionSize] = &[
    RenditionSize {
        name: "thumbnail",
        platform: None,
        fit: Fit::Inside,
        size: pixels(320, 320),
        min: pixels(1, 1),
        source: None,
    },
    cover("google-landscape", Platform::Google, pixels(1200, 628), pixels(600, 314), GOOGLE),
    cover("google-square", Platform::Google, pixels(1200, 1200), pixels(300, 300), GOOGLE),
    cover("google-portrait", Platform::Google, pixels(960, 1200), pixels(480, 600), GOOGLE),
    cover("facebook-square", Platform::Facebook, pixels(1080, 1080), pixels(600, 600), META),
    cover("facebook-portrait", Platform::Facebook, pixels(1080, 1350), pixels(600, 750), META),
    cover("facebook-story", Platform::Facebook, pixels(1080, 1920), pixels(500, 889), META_STORY),
    cover("instagram-square", Platform::Instagram, pixels(1080, 1080), pixels(500, 500), META),
    cover("instagram-portrait", Platform::Instagram, pixels(1080, 1350), pixels(500, 625), META),
    cover("instagram-story", Platform::Instagram, pixels(1080, 1920), pixels(500, 889), META_STORY),
    cover("linkedin-landscape", Platform::Linkedin, pixels(1200, 628), pixels(640, 335), LINKEDIN),
    cover("linkedin-square", Platform::Linkedin, pixels(1200, 1200), pixels(360, 360), LINKEDIN),
    cover("linkedin-portrait", Platform::Linkedin, pixels(720, 900), pixels(360, 450), LINKEDIN),
    cover("x-landscape", Platform::X, pixels(800, 418), pixels(800, 418), X),
    cover("x-square", Platform::X, pixels(800, 800), pixels(800, 800), X),
    cover("tiktok-landscape", Platform::Tiktok, pixels(1200, 628), pixels(1200, 628), TIKTOK),
    cover("tiktok-square", Platform::Tiktok, pixels(640, 640), pixels(640, 640), TIKTOK),
    cover("tiktok-portrait", Platform::Tiktok, pixels(720, 1280), pixels(720, 1280), TIKTOK),
    cover("youtube-thumbnail", Platform::Youtube, pixels(1280, 720), pixels(640, 360), YOUTUBE),
];

/// An image in one of the sizes, made or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendition {
    /// The size that it is in.
    pub of: &'static RenditionSize,
    /// Its type.
    pub content_type: ContentType,
    /// Its pixels: those of the size, or fewer of the same shape where the image has fewer.
    pub dimensions: Dimensions,
}

impl Rendition {
    /// Counts up when renditions are made in another way, so that those of before are not served any more.
    const FORM: u32 = 1;

    /// The renditions that can be made of the asset: none of what is no image, and none that would be smaller than
    /// its platform takes.
    pub fn all_of(asset: &Asset) -> Vec<Self> {
        RENDITION_SIZES.iter().filter_map(|size| Self::of(asset, size)).collect()
    }

    /// The rendition of this name.
    ///
    /// # Errors
    /// There is no such size, or it cannot be made of the asset.
    pub fn named(asset: &Asset, name: &str) -> Result<Self, Violation> {
        let size = RENDITION_SIZES.iter().find(|size| size.name == name).ok_or_else(|| {
            let known = RENDITION_SIZES.iter().map(|size| size.name).collect::<Vec<_>>().join(", ");
            Violation::invalid(format!(
                "{:?} is no rendition: use one of {known}",
                crate::id::shortened(name)
            ))
        })?;
        Self::of(asset, size).ok_or_else(|| match asset.dimensions {
            Some(Dimensions { width, height }) => {
                let Dimensions { width: least_width, height: least_height } = size.min;
                Violation::state(format!(
                    "the image is {width} × {height} pixels, too small for {name}: upload one of which \
                     {least_width} × {least_height} can be cut"
                ))
            }
            None => Violation::state("the asset is no image: renditions are made of images".to_owned()),
        })
    }

    /// Where what was made is stored.
    pub fn key(&self, account: AccountId, asset: AssetId) -> FileKey {
        let form = Self::FORM;
        let key = format!("{RENDITIONS}/{account}/{asset}/{}.{form}", self.of.name);
        key.parse().expect("ids and names of sizes are segments of a file key")
    }

    fn of(asset: &Asset, size: &'static RenditionSize) -> Option<Self> {
        let content_type = match asset.content_type {
            ContentType::Jpeg => ContentType::Jpeg,
            // They may be transparent; of what moves, the first picture is taken.
            ContentType::Png | ContentType::Gif | ContentType::Webp => ContentType::Png,
            ContentType::Mp4 | ContentType::Quicktime | ContentType::Webm => return None,
        };
        let image = asset.dimensions?;
        let dimensions = match size.fit {
            Fit::Inside => image.shrunk_into(size.size),
            Fit::Cover => size.size.shrunk_into(image),
        };
        let is_enough = dimensions.width >= size.min.width && dimensions.height >= size.min.height;
        is_enough.then_some(Self { of: size, content_type, dimensions })
    }
}

impl Dimensions {
    /// These dimensions where they fit into `space`; otherwise the largest of the same shape that do.
    pub fn shrunk_into(self, space: Self) -> Self {
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let (most_width, most_height) = (u64::from(space.width), u64::from(space.height));
        if width <= most_width && height <= most_height {
            return self;
        }
        // Which side is the tighter one, without a fraction.
        let (width, height) = if width * most_height >= height * most_width {
            (most_width, rounded(height * most_width, width))
        } else {
            (rounded(width * most_height, height), most_height)
        };
        let pixels = |side: u64| u32::try_from(side.max(1)).unwrap_or(u32::MAX);
        Self { width: pixels(width), height: pixels(height) }
    }
}

fn rounded(numerator: u64, denominator: u64) -> u64 {
    (numerator + denominator / 2) / denominator
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::{Sha256Digest, UserId};

    fn image(content_type: ContentType, width: u32, height: u32) -> Asset {
        Asset {
            id: AssetId::new(Uuid::from_u128(1)),
            account_id: AccountId::new(Uuid::from_u128(2)),
            name: "hero".parse().expect("a name"),
            content_type,
            size_bytes: 1,
            sha256: Sha256Digest::of(b"x"),
            dimensions: Some(Dimensions { width, height }),
            uploaded_by: UserId::new(Uuid::from_u128(3)),
            created_at: Timestamp::UNIX_EPOCH,
        }
    }

    fn size_of(asset: &Asset, name: &str) -> Result<(u32, u32), String> {
        let rendition = Rendition::named(asset, name).map_err(|fault| fault.message().to_owned())?;
        Ok((rendition.dimensions.width, rendition.dimensions.height))
    }

    #[test]
    fn every_platform_has_sizes_and_each_name_is_there_once() {
        let names = RENDITION_SIZES.iter().map(|size| size.name).collect::<BTreeSet<_>>();
        assert_eq!(names.len(), RENDITION_SIZES.len());
        for platform in Platform::ALL {
            assert!(RENDITION_SIZES.iter().any(|size| size.platform == Some(*platform)), "{platform}");
        }
        for RenditionSize { name, platform, size, min, source, .. } in RENDITION_SIZES {
            assert!(min.width <= size.width && min.height <= size.height, "{name}");
            assert_eq!(platform.is_some(), source.is_some(), "{name}");
        }
    }

    #[test]
    fn a_large_image_is_made_just_as_large_as_it_is_asked_for() {
        let asset = image(ContentType::Jpeg, 4000, 3000);
        assert_eq!(size_of(&asset, "thumbnail"), Ok((320, 240)));
        assert_eq!(size_of(&asset, "google-landscape"), Ok((1200, 628)));
        assert_eq!(size_of(&asset, "facebook-story"), Ok((1080, 1920)));
        assert_eq!(Rendition::all_of(&asset).len(), RENDITION_SIZES.len());
    }

    #[test]
    fn a_small_image_is_never_blown_up() {
        let asset = image(ContentType::Png, 700, 700);
        assert_eq!(size_of(&asset, "google-square"), Ok((700, 700)));
        assert_eq!(size_of(&asset, "google-landscape"), Ok((700, 366)));
        assert_eq!(size_of(&asset, "thumbnail"), Ok((320, 320)));
        let refused = size_of(&asset, "x-square").expect_err("it is too small");
        assert_eq!(
            refused,
            "the image is 700 × 700 pixels, too small for x-square: upload one of which 800 × 800 can be cut"
        );
    }

    #[test]
    fn what_is_no_image_and_what_is_no_size_is_refused() {
        let film = Asset { dimensions: None, ..image(ContentType::Mp4, 1, 1) };
        assert!(Rendition::all_of(&film).is_empty());
        assert!(size_of(&film, "thumbnail").expect_err("no image").contains("is no image"));
        let unknown = size_of(&image(ContentType::Png, 10, 10), "../x").expect_err("no size");
        assert!(
            unknown.starts_with("\"../x\" is no rendition: use one of thumbnail, google-landscape, "),
            "{unknown}"
        );
    }

    #[test]
    fn a_narrow_image_keeps_at_least_a_pixel() {
        assert_eq!(size_of(&image(ContentType::Png, 20_000, 1), "thumbnail"), Ok((320, 1)));
    }
}
