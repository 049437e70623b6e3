//! Facebook and Instagram, which Meta sells together and with the same limits.
//!
//! Meta's guide recommends lengths per placement; its API sets the hard limits. A text may run on both platforms, so
//! the stricter one holds for either. Headlines are optional. The guide's figures for Reels differ from one version to
//! the next and are left out.

use super::{AdType, CopyLimits, Counting, LineList, Platform, TextField};

const FEED: &str = "https://www.facebook.com/business/ads-guide/update/image/facebook-feed";
const INSTAGRAM_API: &str =
    "https://developers.facebook.com/docs/instagram/ads-api/reference/data-cta-requirements";
const ASSET_FEED: &str = "https://developers.facebook.com/documentation/ads-commerce/marketing-api/ad-creative/asset-feed-spec/options";

const HEADLINE: TextField =
    TextField::new("headline", Counting::Characters).soft(40, FEED).hard(255, ASSET_FEED);
const PRIMARY_TEXT: TextField = TextField::new("primary text", Counting::Characters)
    .soft(125, FEED)
    .hard(2_200, INSTAGRAM_API)
    .multiline();
const LINK_DESCRIPTION: TextField =
    TextField::new("link description", Counting::Characters).soft(30, FEED).hard(255, ASSET_FEED);

pub(super) static FACEBOOK: [CopyLimits; 8] = ads(Platform::Facebook);
pub(super) static INSTAGRAM: [CopyLimits; 8] = ads(Platform::Instagram);

const fn ads(platform: Platform) -> [CopyLimits; 8] {
    [
        ad(platform, AdType::Text, "link ad"),
        ad(platform, AdType::Image, "image ad"),
        ad(platform, AdType::Video, "video ad"),
        CopyLimits {
            // Each of up to 10 cards may have a headline and a link description.
            headlines: LineList { min: 0, max: Some(10), distinct: false, fields: &[HEADLINE] },
            descriptions: LineList {
                min: 1,
                max: Some(1 + 10),
                distinct: false,
                fields: &[PRIMARY_TEXT, LINK_DESCRIPTION],
            },
            ..ad(platform, AdType::Carousel, "carousel ad")
        },
        ad(platform, AdType::Story, "story ad"),
        ad(platform, AdType::Reels, "reels ad"),
        ad(platform, AdType::Shopping, "Advantage+ catalogue ad"),
        ad(platform, AdType::Dynamic, "dynamic creative ad"),
    ]
}

/// An ad with up to 5 alternatives for its headline and its link description.
const fn ad(platform: Platform, ad_type: AdType, format: &'static str) -> CopyLimits {
    CopyLimits {
        platform,
        ad_type,
        format,
        headlines: LineList { min: 0, max: Some(5), distinct: false, fields: &[HEADLINE] },
        descriptions: LineList {
            min: 1,
            max: Some(1 + 5),
            distinct: false,
            fields: &[PRIMARY_TEXT, LINK_DESCRIPTION],
        },
        source: ASSET_FEED,
    }
}
