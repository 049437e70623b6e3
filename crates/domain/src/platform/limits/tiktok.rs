//! TikTok: an ad has one text, shown as its caption.
//!
//! TikTok has no headlines; one that is given is held to the rules of the ad text, since it can only be shown as one. It
//! states no number of alternatives. A text ad's copy goes with a film that is there already.

use super::{AdType, Characters, CopyLimits, Counting, LineList, Platform, TextField, Unwanted};

/// 1–100 Latin or 1–50 Asian characters. TikTok's API reference says the same of `ad_text`.
const SPECIFICATIONS: &str = "https://ads.tiktok.com/help/article/global-app-bundle-image-ad-specifications";
const IN_FEED: &str = "https://ads.tiktok.com/help/article/tiktok-auction-in-feed-ads";
const CAROUSEL: &str = "https://ads.tiktok.com/help/article/specifications-for-carousel-ads";

const REFUSED: &[Unwanted] = &[
    Unwanted { characters: Characters::Emoji, source: SPECIFICATIONS },
    Unwanted { characters: Characters::AnyOf("{}#"), source: SPECIFICATIONS },
];

const fn text(label: &'static str) -> TextField {
    TextField::new(label, Counting::DoubleWidth).hard(100, SPECIFICATIONS).refusing(REFUSED)
}

pub(super) static TIKTOK: &[CopyLimits] = &[
    ad(AdType::Text, "in-feed ad", IN_FEED),
    ad(AdType::Image, "image ad", SPECIFICATIONS),
    ad(AdType::Video, "in-feed ad", IN_FEED),
    ad(AdType::Carousel, "standard carousel ad", CAROUSEL),
];

const fn ad(ad_type: AdType, format: &'static str, source: &'static str) -> CopyLimits {
    CopyLimits {
        platform: Platform::Tiktok,
        ad_type,
        format,
        headlines: LineList { min: 0, max: None, distinct: false, fields: const { &[text("headline")] } },
        descriptions: LineList { min: 1, max: None, distinct: false, fields: const { &[text("ad text")] } },
        source,
    }
}
