//! What a language's grammar is made of: patterns with slots, sorted by what they do to the reader.

use super::tone::Tone;

/// The grammar of one language.
pub(super) struct Grammar {
    /// Patterns for headlines: no full stop.
    pub(super) headlines: &'static [Group],
    /// Patterns for the title of a product in a catalogue.
    pub(super) titles: &'static [Group],
    /// Sentences that open a text.
    pub(super) hooks: &'static [Group],
    /// Sentences that carry it.
    pub(super) bodies: &'static [Group],
    /// Sentences that close it with a call.
    pub(super) closes: &'static [Group],
    /// What the button says where the brief does not, strongest first.
    pub(super) buttons: &'static [&'static str],
    /// What the button of a shop says.
    pub(super) shop_buttons: &'static [&'static str],
    /// The words of the language.
    pub(super) words: Words,
    /// Whether search ads set their headlines in title case.
    pub(super) has_title_case: bool,
}

/// What a grammar knows of its language's words.
pub(super) struct Words {
    /// The first words of phrases that are a call to do something, such as `save`.
    pub(super) imperatives: &'static [&'static str],
    /// The first words of phrases that name an activity, such as `ahorrar`; empty where the imperative does.
    pub(super) infinitives: &'static [&'static str],
    /// The first words of phrases that name a thing to enjoy, such as `free`, and endings of such words after `-`.
    pub(super) things: &'static [&'static str],
    /// Words after which such a first word does not begin a thing: `free from sugar`.
    pub(super) not_after_things: &'static [&'static str],
    /// The first words of search terms that are no name of a thing: `how to choose a bike`.
    pub(super) askers: &'static [&'static str],
    /// Words that may open the name of a product without being its proper name.
    pub(super) openers: &'static [&'static str],
    /// Words that keep their capital within a sentence, such as `Spanish`.
    pub(super) proper: &'static [&'static str],
    /// Words before which a name, or an audience, can be cut without becoming another.
    pub(super) joints: &'static [&'static str],
    /// What may stand before an audience in a brief and is not part of it.
    pub(super) before_audience: &'static [&'static str],
    /// A product or thing without a proper name, as the object of a sentence.
    pub(super) object: fn(&str) -> String,
}

/// Patterns of one family.
pub(super) struct Group {
    pub(super) family: Family,
    /// The tone that they are for; nothing means any.
    pub(super) tone: Option<Tone>,
    /// Texts with slots in braces, each filled by another part of the brief. `[a|b]` is `a` for a reader one is close to, `b` for one who is kept at a distance.
    pub(super) patterns: &'static [&'static str],
}

/// Patterns that suit every tone.
pub(super) const fn any(family: Family, patterns: &'static [&'static str]) -> Group {
    Group { family, tone: None, patterns }
}

/// Patterns that suit one tone.
pub(super) const fn when(tone: Tone, family: Family, patterns: &'static [&'static str]) -> Group {
    Group { family, tone: Some(tone), patterns }
}

/// What a line does to win the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Family {
    /// It tells the story in the brief's own sentences.
    Story,
    /// It leads with what the reader gains.
    Benefit,
    /// It answers what people search for.
    Keyword,
    /// It names whom it is for.
    Audience,
    /// It asks.
    Question,
    /// It introduces the product.
    Product,
    /// It says what to do.
    Call,
    /// It says that now is a good time, without inventing an end to it.
    Urgency,
    /// It invites to see for oneself, without inventing witnesses or numbers.
    Proof,
    /// It is true of any product.
    Plain,
}

impl Family {
    /// How much such a line is worth, before anything else is known of it.
    pub(super) const fn worth(self) -> i32 {
        match self {
            Self::Story => 72,
            Self::Benefit => 64,
            Self::Keyword | Self::Audience => 54,
            Self::Question => 50,
            Self::Product => 48,
            Self::Call => 40,
            Self::Urgency => 36,
            Self::Proof => 34,
            Self::Plain => 14,
        }
    }
}

/// A place in a pattern that the brief fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// The product by its bare name.
    Name,
    /// The product as the object of a sentence.
    Product,
    /// The product, where its name is a proper one.
    Brand,
    /// Any benefit.
    Benefit,
    /// A benefit that names a thing.
    Thing,
    /// A benefit that says what to do.
    Action,
    /// A benefit that names an activity.
    Activity,
    /// Whom the ad speaks to.
    Audience,
    /// Any keyword.
    Keyword,
    /// A keyword that names a thing.
    Term,
    /// A keyword that names a thing, as the object of a sentence.
    Offer,
    /// The brief's call to action.
    Call,
    /// A sentence of the brief's description.
    Sentence,
}

impl Slot {
    /// The slot of this name.
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "name" => Self::Name,
            "product" => Self::Product,
            "brand" => Self::Brand,
            "benefit" => Self::Benefit,
            "thing" => Self::Thing,
            "action" => Self::Action,
            "activity" => Self::Activity,
            "audience" => Self::Audience,
            "keyword" => Self::Keyword,
            "term" => Self::Term,
            "offer" => Self::Offer,
            "call" => Self::Call,
            "sentence" => Self::Sentence,
            _ => return None,
        })
    }
}
