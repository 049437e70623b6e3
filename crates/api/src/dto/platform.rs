use adstead_domain as domain;
use domain::Platform;
use domain::platform::{Characters, CopyLimits, LineList, TextField, Unwanted, limits};
use serde::Serialize;
use utoipa::ToSchema;

use super::words;

/// What every platform takes.
#[derive(Serialize, ToSchema)]
pub(crate) struct Platforms {
    platforms: Vec<PlatformLimits>,
}

/// What one platform takes.
#[derive(Serialize, ToSchema)]
pub(crate) struct PlatformLimits {
    #[schema(value_type = words::Platform)]
    platform: Platform,
    /// The types of ad that it offers.
    ad_types: Vec<AdTypeLimits>,
}

/// What the copy of one type of ad may look like.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdTypeLimits {
    #[schema(value_type = words::AdType)]
    ad_type: domain::AdType,
    /// What the platform calls it.
    #[schema(example = "responsive search ad")]
    format: &'static str,
    headlines: LineRules,
    /// Where the platform has a body text, that is the first description.
    descriptions: LineRules,
    /// The page that describes the format.
    source: &'static str,
}

/// The rules for a list of lines.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineRules {
    /// The fewest lines of a finished ad; a draft may have less.
    min: usize,
    /// The most lines.
    max: usize,
    /// Whether no line may repeat another.
    distinct: bool,
    /// The rules for the lines by their position; the last holds for all further ones.
    lines: Vec<LineRule>,
}

/// The rules for one line.
#[derive(Serialize, ToSchema)]
pub(crate) struct LineRule {
    /// What the platform calls it.
    #[schema(example = "primary text")]
    label: &'static str,
    /// Past it, the platform may cut the line off: a warning.
    #[schema(required)]
    soft_limit: Option<Limit>,
    /// Past it, the platform refuses the line: an error.
    #[schema(required)]
    hard_limit: Option<Limit>,
    /// How the length is counted.
    #[schema(example = "characters")]
    counting: &'static str,
    /// Whether it may hold line breaks.
    multiline: bool,
    /// Characters that the platform refuses.
    refused: Vec<CharacterRule>,
    /// Characters that the platform's reviewers tend to refuse.
    discouraged: Vec<CharacterRule>,
}

/// A length.
#[derive(Serialize, ToSchema)]
pub(crate) struct Limit {
    length: usize,
    /// The page that says so.
    source: &'static str,
}

/// Characters that should not, or may not, stand in a line.
#[derive(Serialize, ToSchema)]
pub(crate) struct CharacterRule {
    /// `emoji`, or the characters themselves.
    #[schema(example = "emoji")]
    characters: &'static str,
    /// The page that says so.
    source: &'static str,
}

impl Platforms {
    /// The whole table.
    pub(crate) fn all() -> Self {
        let ad_types = |platform: Platform| {
            let offered = platform.ad_types().filter_map(|ad_type| limits(platform, ad_type).ok());
            offered.map(AdTypeLimits::from).collect()
        };
        let platforms = Platform::ALL.iter().copied();
        let platforms = platforms.map(|platform| PlatformLimits { platform, ad_types: ad_types(platform) });
        Self { platforms: platforms.collect() }
    }
}

impl From<&CopyLimits> for AdTypeLimits {
    fn from(limits: &CopyLimits) -> Self {
        let CopyLimits { platform: _, ad_type, format, headlines, descriptions, source } = *limits;
        Self { ad_type, format, headlines: headlines.into(), descriptions: descriptions.into(), source }
    }
}

impl From<LineList> for LineRules {
    fn from(list: LineList) -> Self {
        let LineList { min, max: _, distinct, fields } = list;
        Self { min, max: list.most(), distinct, lines: fields.iter().map(LineRule::from).collect() }
    }
}

impl From<&TextField> for LineRule {
    fn from(field: &TextField) -> Self {
        let TextField { label, soft, hard, counting, multiline, refused, discouraged } = *field;
        Self {
            label,
            soft_limit: soft.map(Limit::from),
            hard_limit: hard.map(Limit::from),
            counting: counting.describe(),
            multiline,
            refused: refused.iter().map(CharacterRule::from).collect(),
            discouraged: discouraged.iter().map(CharacterRule::from).collect(),
        }
    }
}

impl From<domain::platform::Limit> for Limit {
    fn from(limit: domain::platform::Limit) -> Self {
        let domain::platform::Limit { length, source } = limit;
        Self { length, source }
    }
}

impl From<&Unwanted> for CharacterRule {
    fn from(unwanted: &Unwanted) -> Self {
        let Unwanted { characters, source } = *unwanted;
        let characters = match characters {
            Characters::Emoji => "emoji",
            Characters::AnyOf(characters) => characters,
        };
        Self { characters, source }
    }
}
