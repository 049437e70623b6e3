//! The table of copy limits: one row for each type of ad that a platform offers, each limit with its source.

mod google;
mod linkedin;
mod meta;
mod tiktok;
mod x;

use std::fmt;

use unicode_segmentation::UnicodeSegmentation;

use super::count::is_emoji;
use super::{AdType, Counting, Platform};
use crate::Violation;

static TABLE: [&[CopyLimits]; 7] = [
    google::GOOGLE,
    google::YOUTUBE,
    &meta::FACEBOOK,
    &meta::INSTAGRAM,
    linkedin::LINKEDIN,
    tiktok::TIKTOK,
    x::X,
];

/// The limits of an ad's copy.
///
/// # Errors
/// The platform does not offer this type of ad; the message lists those that it does.
pub fn limits(platform: Platform, ad_type: AdType) -> Result<&'static CopyLimits, Violation> {
    rows(platform).find(|row| row.ad_type == ad_type).ok_or_else(|| {
        let offered = platform.ad_types().map(AdType::as_str).collect::<Vec<_>>().join(", ");
        Violation::invalid(format!("{platform} offers no {ad_type} ads: use one of {offered}"))
    })
}

/// The rows of one platform.
pub(super) fn rows(platform: Platform) -> impl Iterator<Item = &'static CopyLimits> {
    TABLE.into_iter().flatten().filter(move |row| row.platform == platform)
}

/// What the copy of one type of ad on one platform may look like.
#[derive(Debug, PartialEq, Eq)]
pub struct CopyLimits {
    /// Where the ad runs.
    pub platform: Platform,
    /// What kind of ad it is.
    pub ad_type: AdType,
    /// What the platform calls it, such as `responsive search ad`.
    pub format: &'static str,
    /// Its headlines.
    pub headlines: LineList,
    /// Its descriptions. Where the platform has a body text, that is the first of them.
    pub descriptions: LineList,
    /// The page that describes the format and how many lines it takes.
    pub source: &'static str,
}

impl CopyLimits {
    /// The rules for the headlines or for the descriptions.
    pub const fn lines(&self, field: CopyField) -> &LineList {
        match field {
            CopyField::Headline => &self.headlines,
            CopyField::Description => &self.descriptions,
        }
    }
}

/// One of the two lists of lines that make an ad's copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CopyField {
    /// A headline.
    Headline,
    /// A description.
    Description,
}

impl CopyField {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Headline => "headline",
            Self::Description => "description",
        }
    }

    /// The list's place in an ad, as a JSON pointer (RFC 6901).
    pub const fn pointer(self) -> &'static str {
        match self {
            Self::Headline => "/headlines",
            Self::Description => "/descriptions",
        }
    }
}

impl fmt::Display for CopyField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The rules for a list of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LineList {
    /// The fewest lines of a finished ad, 0 where the platform does without; a draft may have less.
    pub min: usize,
    /// The most lines; nothing where the platform states no number. Lines beyond what it shows are alternatives.
    pub max: Option<usize>,
    /// Whether no line may repeat another.
    pub distinct: bool,
    /// The rules for the lines by their position; the last holds for all further ones. Never empty.
    pub fields: &'static [TextField],
}

impl LineList {
    /// The most lines that Adstead keeps where the platform states no number.
    pub const MOST: usize = 25;

    /// The rules for the line at `index`, counted from 0.
    pub const fn field(&self, index: usize) -> &'static TextField {
        let last = self.fields.len() - 1;
        &self.fields[if index < last { index } else { last }]
    }

    /// The most lines there may be.
    pub fn most(&self) -> usize {
        self.max.unwrap_or(Self::MOST)
    }
}

/// The rules for one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextField {
    /// What the platform calls it, such as `primary text`.
    pub label: &'static str,
    /// The length past which the platform may cut it off.
    pub soft: Option<Limit>,
    /// The length past which the platform refuses it.
    pub hard: Option<Limit>,
    /// How its length is counted.
    pub counting: Counting,
    /// Whether it may hold line breaks.
    pub multiline: bool,
    /// Characters that the platform refuses.
    pub refused: &'static [Unwanted],
    /// Characters that the platform's reviewers tend to refuse.
    pub discouraged: &'static [Unwanted],
}

impl TextField {
    /// A line without any rule but how it is counted.
    const fn new(label: &'static str, counting: Counting) -> Self {
        Self { label, soft: None, hard: None, counting, multiline: false, refused: &[], discouraged: &[] }
    }

    const fn soft(mut self, length: usize, source: &'static str) -> Self {
        self.soft = Some(Limit { length, source });
        self
    }

    const fn hard(mut self, length: usize, source: &'static str) -> Self {
        self.hard = Some(Limit { length, source });
        self
    }

    const fn multiline(mut self) -> Self {
        self.multiline = true;
        self
    }

    const fn refusing(mut self, characters: &'static [Unwanted]) -> Self {
        self.refused = characters;
        self
    }

    const fn discouraging(mut self, characters: &'static [Unwanted]) -> Self {
        self.discouraged = characters;
        self
    }
}

/// A length that a line should not, or may not, exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// The greatest length, in the units of the field's [`Counting`].
    pub length: usize,
    /// The page that says so.
    pub source: &'static str,
}

/// Characters that should not, or may not, stand in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unwanted {
    /// Which ones.
    pub characters: Characters,
    /// The page that says so.
    pub source: &'static str,
}

/// A set of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Characters {
    /// Anything that is drawn as an emoji.
    Emoji,
    /// Each character of this string.
    AnyOf(&'static str),
}

impl Characters {
    /// The first of them that `text` holds, with all the marks and joiners that belong to it.
    pub fn first_in(self, text: &str) -> Option<&str> {
        if self.may_be_in(text) { self.first_grapheme_in(text) } else { None }
    }

    /// Whether it is worth taking `text` apart; most lines are told from one pass over their bytes.
    fn may_be_in(self, text: &str) -> bool {
        match self {
            Self::Emoji => !text.is_ascii(),
            Self::AnyOf(set) => text.contains(|c| set.contains(c)),
        }
    }

    fn first_grapheme_in(self, text: &str) -> Option<&str> {
        text.graphemes(true).find(|grapheme| match self {
            Self::Emoji => is_emoji(grapheme),
            Self::AnyOf(set) => grapheme.contains(|c| set.contains(c)),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all_rows() -> impl Iterator<Item = &'static CopyLimits> {
        Platform::ALL.iter().copied().flat_map(rows)
    }

    fn lists(row: &CopyLimits) -> [&LineList; 2] {
        [&row.headlines, &row.descriptions]
    }

    #[test]
    fn each_type_of_ad_has_one_row() {
        for row in all_rows() {
            let (platform, ad_type) = (row.platform, row.ad_type);
            let same = all_rows().filter(|other| (other.platform, other.ad_type) == (platform, ad_type));
            assert_eq!(same.count(), 1, "{platform} {ad_type}");
            assert_eq!(limits(platform, ad_type), Ok(row));
        }
    }

    #[test]
    fn each_limit_has_a_source_on_the_web() {
        for row in all_rows() {
            let fields = || lists(row).into_iter().flat_map(|list| list.fields);
            let lengths =
                fields().flat_map(|field| [field.soft, field.hard]).flatten().map(|limit| limit.source);
            let characters = fields().flat_map(|field| field.refused.iter().chain(field.discouraged));
            let sources = lengths.chain(characters.map(|unwanted| unwanted.source)).chain([row.source]);
            for source in sources {
                let url = url::Url::parse(source).expect(source);
                assert_eq!(url.scheme(), "https", "{source}");
            }
        }
    }

    #[test]
    fn each_line_has_a_hard_limit_that_its_soft_limit_respects() {
        for row in all_rows() {
            for field in lists(row).into_iter().flat_map(|list| list.fields) {
                let hard = field.hard.expect(field.label).length;
                assert!(field.soft.is_none_or(|soft| soft.length < hard), "{} {}", row.format, field.label);
            }
        }
    }

    #[test]
    fn each_list_has_room_for_what_it_needs() {
        for row in all_rows() {
            for list in lists(row) {
                assert!(!list.fields.is_empty(), "{}", row.format);
                assert!(list.min <= list.most() && list.most() <= LineList::MOST, "{}", row.format);
            }
        }
    }

    #[test]
    fn each_platform_offers_text_image_and_video() {
        for &platform in Platform::ALL {
            for ad_type in [AdType::Text, AdType::Image, AdType::Video] {
                assert!(limits(platform, ad_type).is_ok(), "{platform} {ad_type}");
            }
        }
    }

    #[test]
    fn a_type_that_the_platform_does_not_offer_is_answered_with_those_it_does() {
        let refused = limits(Platform::Google, AdType::Story).unwrap_err();
        assert_eq!(
            refused.message(),
            "google offers no story ads: use one of text, image, video, carousel, shopping, dynamic"
        );
        assert_eq!(Platform::X.ad_types().count(), 4);
    }

    #[test]
    fn the_position_tells_which_rules_hold() {
        let row = limits(Platform::Facebook, AdType::Image).unwrap();
        let label = |index| row.descriptions.field(index).label;
        assert_eq!([label(0), label(1), label(7)], ["primary text", "link description", "link description"]);
    }

    proptest! {
        #[test]
        fn no_character_is_missed_by_the_quick_look(text in "[\\x00-\\x7F]{0,40}|[a-z!#{}é☀🏃\u{301}\u{FE0F}\u{20E3}\r\n]{0,40}") {
            for characters in [Characters::Emoji, Characters::AnyOf("!"), Characters::AnyOf("{}#é\n")] {
                prop_assert_eq!(characters.first_in(&text), characters.first_grapheme_in(&text));
            }
        }
    }
}
