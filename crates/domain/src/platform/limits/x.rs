//! X: an ad is a post, with the title of its website card as the headline.
//!
//! X states no number of alternatives for a text. A card without a title shows the page's own.

use super::{AdType, CopyLimits, Counting, LineList, Platform, TextField};

const SPECIFICATIONS: &str = "https://business.x.com/en/help/campaign-setup/creative-ad-specifications";

const CARD_TITLE: TextField = TextField::new("card title", Counting::Characters).hard(70, SPECIFICATIONS);
const POST_TEXT: TextField =
    TextField::new("post text", Counting::XWeighted).hard(280, SPECIFICATIONS).multiline();

pub(super) static X: &[CopyLimits] = &[
    post(AdType::Text, "text ad"),
    post(AdType::Image, "image ad"),
    post(AdType::Video, "video ad"),
    post(AdType::Carousel, "carousel ad"),
];

const fn post(ad_type: AdType, format: &'static str) -> CopyLimits {
    CopyLimits {
        platform: Platform::X,
        ad_type,
        format,
        headlines: LineList { min: 0, max: None, distinct: false, fields: &[CARD_TITLE] },
        descriptions: LineList { min: 1, max: None, distinct: false, fields: &[POST_TEXT] },
        source: SPECIFICATIONS,
    }
}
