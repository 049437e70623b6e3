//! Copy that is made from other copy.

use serde::{Deserialize, Serialize};

use super::{BrandVoice, Brief};
use crate::ad::AdCopy;
use crate::vocabulary::vocabulary;
use crate::{
    Ad, AdId, AdType, Faults, Generation, GenerationId, Language, Platform, Text, Violation, Violations,
};

vocabulary! {
    /// What is to become of copy.
    Task, "a task" {
        /// Others like it: in another tone or style, shorter or longer.
        Vary = "vary",
        /// The same for another platform or another type of ad.
        Rewrite = "rewrite",
        /// The same in another language.
        Translate = "translate",
    }
}

vocabulary! {
    /// How long lines are, compared with those that they are made from.
    LineLength, "a length" {
        /// Shorter by a third or more.
        Shorter = "shorter",
        /// Longer, up to what the platform allows.
        Longer = "longer",
    }
}

/// The copy that a generation is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// What is to become of it.
    pub task: Task,
    /// Where it was taken from.
    pub origin: Origin,
    /// The copy, as it was then.
    pub copy: AdCopy,
    /// The platform that it was written for.
    pub platform: Platform,
    /// The type of ad that it was written for.
    pub ad_type: AdType,
    /// Its language, where that is known.
    pub language: Option<Language>,
    /// How long the new lines are, where that is wished.
    pub length: Option<LineLength>,
}

/// Where copy was taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// An ad.
    Ad {
        /// Its id.
        id: AdId,
    },
    /// A variant of a generation.
    Variant {
        /// The generation's id.
        generation_id: GenerationId,
        /// Its position, from 0.
        index: usize,
    },
}

/// What is to be made of copy, and what is to be otherwise than it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rework {
    /// What is to become of it.
    pub task: Task,
    /// What is advertised, where the copy's own brief does not say it or says it wrong.
    pub product: Option<Text<200>>,
    /// Whom the new copy speaks to.
    pub audience: Option<Text<500>>,
    /// Such as friendly, professional, playful.
    pub tone: Option<Text<80>>,
    /// Such as short sentences, questions.
    pub style: Option<Text<200>>,
    /// How long its lines are.
    pub length: Option<LineLength>,
    /// Its language.
    pub language: Option<Language>,
    /// Where it will run.
    pub platform: Option<Platform>,
    /// The type of ad that it will be.
    pub ad_type: Option<AdType>,
    /// How many variants are wanted; 3 variations and 1 of anything else where nobody says.
    pub variants: Option<u8>,
}

impl Rework {
    /// The brief of what is made of an ad that runs on `platform`. An ad says neither what it advertises nor in which language:
    /// without a product, its name stands for it.
    ///
    /// # Errors
    /// All that [`Brief::checked`] refuses, a language that nobody gave, and what the task does not change.
    pub fn of_ad(self, ad: &Ad, platform: Platform) -> Result<Brief, Violations> {
        const LONGEST: usize = 200;
        let product: String = ad.name.as_str().chars().take(LONGEST).collect();
        let base = Brief {
            product: product.parse().map_err(|fault: Violation| fault.at("/product"))?,
            description: None,
            audience: None,
            benefits: Vec::new(),
            brand_voice: BrandVoice::default(),
            keywords: Vec::new(),
            call_to_action: ad.content.copy.call_to_action.clone(),
            language: self.language.clone().ok_or_else(|| {
                Violation::invalid(
                    "nobody says which language it is to be in: give `language`, as a tag such as \"en\"",
                )
                .at("/language")
            })?,
            platform,
            ad_type: ad.ad_type,
            variants: 1,
            source: None,
        };
        self.brief(base, Origin::Ad { id: ad.id }, ad.content.copy.clone(), None)
    }

    /// The brief of what is made of a variant: that of its generation, but for what is to be otherwise.
    ///
    /// # Errors
    /// All that [`Brief::checked`] refuses, a variant that is not there, and what the task does not change.
    pub fn of_variant(self, generation: &Generation, index: usize) -> Result<Brief, Violations> {
        let chosen = generation.choose(&[index]).map_err(|fault| fault.at("/variant"))?;
        let copy = chosen[0].copy.clone();
        let (base, origin) =
            (generation.brief.clone(), Origin::Variant { generation_id: generation.id, index });
        let language = base.language.clone();
        self.brief(base, origin, copy, Some(language))
    }

    fn brief(
        self,
        base: Brief,
        origin: Origin,
        copy: AdCopy,
        language: Option<Language>,
    ) -> Result<Brief, Violations> {
        let Self {
            task,
            product,
            audience,
            tone,
            style,
            length,
            language: wanted,
            platform,
            ad_type,
            variants,
        } = self;
        let (source_platform, source_type) = (base.platform, base.ad_type);
        let (platform, ad_type) = (platform.unwrap_or(source_platform), ad_type.unwrap_or(source_type));
        let moves = (platform, ad_type) != (source_platform, source_type);
        let speaks_otherwise = wanted.is_some() && language.is_some() && wanted != language;
        let mut faults = Faults::default();
        if moves != (task == Task::Rewrite) {
            let message = if moves {
                format!(
                    "to {task} copy leaves it on {source_platform} as {source_type}: for another place use the task \"{}\"",
                    Task::Rewrite
                )
            } else {
                format!("it is written for {platform} {ad_type} already: name another platform or ad type")
            };
            faults.push("/platform", Violation::invalid(message));
        }
        if task == Task::Translate && (wanted.is_none() || wanted == language) {
            faults.push("/language", Violation::invalid("name another language to translate it into"));
        }
        if task != Task::Translate && speaks_otherwise {
            let message = format!(
                "to {task} copy leaves its language: for another one use the task \"{}\"",
                Task::Translate
            );
            faults.push("/language", Violation::invalid(message));
        }
        if task != Task::Vary && length.is_some() {
            faults.push("/length", Violation::invalid("only variations are shorter or longer: leave it out"));
        }
        let source =
            Source { task, origin, copy, platform: source_platform, ad_type: source_type, language, length };
        let brief = Brief {
            product: product.unwrap_or(base.product),
            audience: audience.or(base.audience),
            brand_voice: BrandVoice {
                tone: tone.or(base.brand_voice.tone),
                style: style.or(base.brand_voice.style),
                ..base.brand_voice
            },
            language: wanted.unwrap_or(base.language),
            platform,
            ad_type,
            variants: variants.unwrap_or(if task == Task::Vary { 3 } else { 1 }),
            source: Some(Box::new(source)),
            ..base
        };
        faults.finish(|| Some(brief))?.checked()
    }
}
