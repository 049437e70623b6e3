//! LinkedIn.
//!
//! LinkedIn states no number of alternatives for a text: it shows one, and the others wait their turn.

use super::{AdType, CopyLimits, Counting, LineList, Platform, TextField};

const ADS_GUIDE: &str = "https://business.linkedin.com/marketing-solutions/success/ads-guide";
const SINGLE_IMAGE: &str = "https://www.linkedin.com/help/lms/answer/a426534";
const VIDEO: &str = "https://business.linkedin.com/marketing-solutions/success/ads-guide/video-ads";
const CAROUSEL: &str = "https://www.linkedin.com/help/lms/answer/88137";
const SPOTLIGHT: &str = "https://www.linkedin.com/help/lms/answer/a425222";

const fn field(label: &'static str) -> TextField {
    TextField::new(label, Counting::Characters)
}

/// One text, or several alternatives for it.
const fn one(fields: &'static [TextField]) -> LineList {
    LineList { min: 1, max: None, distinct: false, fields }
}

pub(super) static LINKEDIN: &[CopyLimits] = &[
    CopyLimits {
        platform: Platform::Linkedin,
        ad_type: AdType::Text,
        format: "text ad",
        headlines: one(const { &[field("headline").hard(25, ADS_GUIDE)] }),
        descriptions: one(const { &[field("description").hard(75, ADS_GUIDE)] }),
        source: ADS_GUIDE,
    },
    CopyLimits {
        platform: Platform::Linkedin,
        ad_type: AdType::Image,
        format: "single image ad",
        headlines: one(const { &[field("headline").soft(70, SINGLE_IMAGE).hard(200, SINGLE_IMAGE)] }),
        // Some versions of the page allow an introductory text of 3,000. What is within 600 passes all of them.
        descriptions: one(const {
            &[
                field("introductory text").soft(150, SINGLE_IMAGE).hard(600, SINGLE_IMAGE).multiline(),
                field("description").soft(100, SINGLE_IMAGE).hard(300, SINGLE_IMAGE),
            ]
        }),
        source: SINGLE_IMAGE,
    },
    CopyLimits {
        platform: Platform::Linkedin,
        ad_type: AdType::Video,
        format: "video ad",
        headlines: one(const { &[field("headline").soft(70, VIDEO).hard(200, VIDEO)] }),
        descriptions: one(
            const { &[field("introductory text").soft(150, VIDEO).hard(600, VIDEO).multiline()] },
        ),
        source: VIDEO,
    },
    CopyLimits {
        platform: Platform::Linkedin,
        ad_type: AdType::Carousel,
        format: "carousel ad",
        headlines: LineList {
            min: 2,
            max: Some(10),
            distinct: false,
            fields: &[field("card headline").hard(45, CAROUSEL)],
        },
        descriptions: one(const {
            &[field("introductory text").soft(150, CAROUSEL).hard(255, CAROUSEL).multiline()]
        }),
        source: CAROUSEL,
    },
    CopyLimits {
        platform: Platform::Linkedin,
        ad_type: AdType::Dynamic,
        format: "spotlight ad",
        headlines: one(const { &[field("headline").hard(50, SPOTLIGHT)] }),
        descriptions: one(const { &[field("description").hard(70, SPOTLIGHT)] }),
        source: SPOTLIGHT,
    },
];
