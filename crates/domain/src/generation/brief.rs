//! What a copy writer is asked for.

use serde::{Deserialize, Serialize};

use super::Source;
use crate::platform::{CopyField, CopyLimits};
use crate::wording::{folded, holds};
use crate::{AdType, Faults, Language, Platform, Text, Violation, Violations};

/// The brief of one generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    /// What is advertised.
    pub product: Text<200>,
    /// What it is, in a few sentences.
    pub description: Option<Text<2000>>,
    /// Whom the ad speaks to.
    pub audience: Option<Text<500>>,
    /// Why they should want it, the strongest first.
    pub benefits: Vec<Text<200>>,
    /// How the brand speaks.
    pub brand_voice: BrandVoice,
    /// Words that should appear.
    pub keywords: Vec<Text<80>>,
    /// What the reader should do.
    pub call_to_action: Option<Text<40>>,
    /// The language of the copy.
    pub language: Language,
    /// Where the ad will run.
    pub platform: Platform,
    /// What kind of ad it will be.
    pub ad_type: AdType,
    /// How many variants are wanted, 1 to [`Brief::MAX_VARIANTS`].
    pub variants: u8,
    /// The copy that it is made from, where it does not begin with nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Box<Source>>,
}

impl Brief {
    /// The most variants of one generation.
    pub const MAX_VARIANTS: u8 = 20;
    /// The most entries of each list in a brief.
    pub const MAX_ENTRIES: usize = 50;

    /// The brief, once its numbers are in bounds and its platform offers its type of ad.
    ///
    /// # Errors
    /// All faults: too many or no variants, a list that is too long, an ad type that the platform does not offer.
    pub fn checked(self) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        if self.variants == 0 || self.variants > Self::MAX_VARIANTS {
            let (asked, most) = (self.variants, Self::MAX_VARIANTS);
            faults.push(
                "/variants",
                Violation::invalid(format!("{asked} variants are out of bounds: ask for 1 to {most}")),
            );
        }
        let lists = [
            ("/benefits", self.benefits.len()),
            ("/keywords", self.keywords.len()),
            ("/brand_voice/personality", self.brand_voice.personality.len()),
            ("/brand_voice/guidelines", self.brand_voice.guidelines.len()),
            ("/brand_voice/banned_words", self.brand_voice.banned_words.len()),
        ];
        for (pointer, length) in lists {
            if length > Self::MAX_ENTRIES {
                let most = Self::MAX_ENTRIES;
                faults.push(
                    pointer,
                    Violation::invalid(format!("there are {length} entries: give at most {most}")),
                );
            }
        }
        faults.at("/ad_type", crate::platform::limits(self.platform, self.ad_type));
        faults.finish(|| Some(self))
    }

    /// Why a line cannot be used at a place, counted from 0, if there is anything: it breaks the platform's limits, or holds a
    /// banned word.
    pub fn fault_in(
        &self,
        limits: &CopyLimits,
        field: CopyField,
        index: usize,
        line: &str,
    ) -> Option<String> {
        limits.fault_in(field, index, line).or_else(|| {
            let word = self.brand_voice.banned_in(line)?;
            Some(format!("the {field} holds the banned word {word:?}: write it without"))
        })
    }
}

/// How a brand speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandVoice {
    /// Such as friendly, professional, playful, urgent, luxurious.
    pub tone: Option<Text<80>>,
    /// Such as short sentences, storytelling, questions.
    pub style: Option<Text<200>>,
    /// Adjectives that describe the brand as a person.
    pub personality: Vec<Text<80>>,
    /// Rules of the house, in its own words.
    pub guidelines: Vec<Text<500>>,
    /// Words that must never appear, compared without regard to case.
    pub banned_words: Vec<Text<80>>,
}

impl BrandVoice {
    /// The first banned word that `line` holds, whatever its case: as a whole word or phrase in scripts that put spaces
    /// between words, anywhere in those that do not.
    pub fn banned_in(&self, line: &str) -> Option<&str> {
        let line = folded(line);
        self.banned_words.iter().map(Text::as_str).find(|word| holds(&line, &folded(word)))
    }
}
