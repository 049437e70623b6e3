//! Google Ads, which also sells the ads on YouTube.
//!
//! Google measures most texts by display width, so that a double-width character counts two; Merchant Center counts
//! characters. Responsive display ads and Demand Gen video ads take one more text, a long headline of 90, which is
//! what a description may be.

use super::{AdType, Characters, CopyLimits, Counting, LineList, Platform, TextField, Unwanted};

const SEARCH: &str = "https://support.google.com/google-ads/answer/7684791";
const DISPLAY: &str = "https://support.google.com/google-ads/answer/17090561";
const DEMAND_GEN: &str = "https://support.google.com/google-ads/answer/13704860";
const PRODUCT_TITLE: &str = "https://support.google.com/merchants/answer/6324415";
const PRODUCT_DESCRIPTION: &str = "https://support.google.com/merchants/answer/6324468";

const NO_EMOJI: &[Unwanted] = &[Unwanted {
    characters: Characters::Emoji,
    source: "https://support.google.com/adspolicy/answer/14847994",
}];
const NO_EXCLAMATION: &[Unwanted] = &[Unwanted {
    characters: Characters::AnyOf("!"),
    source: "https://support.google.com/adwordspolicy/answer/176095",
}];

const fn headline(length: usize, source: &'static str) -> TextField {
    let field = TextField::new("headline", Counting::DoubleWidth);
    field.hard(length, source).refusing(NO_EMOJI).discouraging(NO_EXCLAMATION)
}

const fn description(length: usize, source: &'static str) -> TextField {
    TextField::new("description", Counting::DoubleWidth).hard(length, source).refusing(NO_EMOJI)
}

pub(super) static GOOGLE: &[CopyLimits] = &[
    CopyLimits {
        platform: Platform::Google,
        ad_type: AdType::Text,
        format: "responsive search ad",
        headlines: LineList { min: 3, max: Some(15), distinct: true, fields: &[headline(30, SEARCH)] },
        descriptions: LineList { min: 2, max: Some(4), distinct: true, fields: &[description(90, SEARCH)] },
        source: SEARCH,
    },
    responsive_display(AdType::Image),
    demand_gen(Platform::Google, AdType::Video, "Demand Gen video ad"),
    demand_gen_carousel(Platform::Google),
    CopyLimits {
        platform: Platform::Google,
        ad_type: AdType::Shopping,
        format: "Shopping ad",
        headlines: LineList {
            min: 1,
            max: Some(1),
            distinct: false,
            fields: &[TextField::new("product title", Counting::Characters)
                .soft(70, PRODUCT_TITLE)
                .hard(150, PRODUCT_TITLE)],
        },
        descriptions: LineList {
            min: 1,
            max: Some(1),
            distinct: false,
            fields: &[TextField::new("product description", Counting::Characters)
                .hard(5_000, PRODUCT_DESCRIPTION)
                .multiline()],
        },
        source: PRODUCT_TITLE,
    },
    // Dynamic remarketing fills a responsive display ad from a feed.
    responsive_display(AdType::Dynamic),
];

/// All of them are Demand Gen ads. YouTube shows no words without a film: a text ad's copy goes with one that is there
/// already.
pub(super) static YOUTUBE: &[CopyLimits] = &[
    demand_gen(Platform::Youtube, AdType::Text, "Demand Gen video ad"),
    demand_gen(Platform::Youtube, AdType::Image, "Demand Gen image ad"),
    demand_gen(Platform::Youtube, AdType::Video, "Demand Gen video ad"),
    demand_gen_carousel(Platform::Youtube),
];

const fn responsive_display(ad_type: AdType) -> CopyLimits {
    CopyLimits {
        platform: Platform::Google,
        ad_type,
        format: "responsive display ad",
        headlines: LineList {
            min: 1,
            max: Some(5),
            distinct: true,
            fields: const { &[headline(30, DISPLAY)] },
        },
        descriptions: LineList {
            min: 1,
            max: Some(5),
            distinct: true,
            fields: const { &[description(90, DISPLAY)] },
        },
        source: DISPLAY,
    }
}

const fn demand_gen(platform: Platform, ad_type: AdType, format: &'static str) -> CopyLimits {
    CopyLimits {
        platform,
        ad_type,
        format,
        headlines: LineList {
            min: 1,
            max: Some(5),
            distinct: true,
            fields: const { &[headline(40, DEMAND_GEN)] },
        },
        descriptions: LineList {
            min: 1,
            max: Some(5),
            distinct: true,
            fields: const { &[description(90, DEMAND_GEN)] },
        },
        source: DEMAND_GEN,
    }
}

/// One headline for the ad, then one for each of its 2 to 10 cards.
const fn demand_gen_carousel(platform: Platform) -> CopyLimits {
    CopyLimits {
        platform,
        ad_type: AdType::Carousel,
        format: "Demand Gen carousel ad",
        headlines: LineList {
            min: 1 + 2,
            max: Some(1 + 10),
            distinct: false,
            fields: const { &[headline(40, DEMAND_GEN), headline(40, DEMAND_GEN)] },
        },
        descriptions: LineList {
            min: 1,
            max: Some(1),
            distinct: false,
            fields: const { &[description(90, DEMAND_GEN)] },
        },
        source: DEMAND_GEN,
    }
}
