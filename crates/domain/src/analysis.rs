//! What a model can tell of how a brand speaks and whom a product is for.

use crate::{BrandVoice, Faults, Language, Text, Violation, Violations};

/// Texts that a brand has written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceSamples(Vec<Text<2000>>);

impl VoiceSamples {
    /// The most samples of one analysis.
    pub const MOST: usize = 20;

    /// These texts, at least one and [`MOST`](Self::MOST) at most.
    ///
    /// # Errors
    /// None, or too many.
    pub fn new(samples: Vec<Text<2000>>) -> Result<Self, Violation> {
        let (count, most) = (samples.len(), Self::MOST);
        if count == 0 || count > most {
            return Err(Violation::invalid(format!("there are {count} samples: give 1 to {most}")));
        }
        Ok(Self(samples))
    }

    /// The texts.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Text::as_str)
    }
}

/// How a brand speaks, as its texts tell it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoiceAnalysis {
    /// The voice, fit for a brief.
    pub voice: BrandVoice,
    /// What it is in a few sentences.
    pub summary: String,
}

/// What is to be sold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceBrief {
    /// What is advertised.
    pub product: Text<200>,
    /// What it is, in a few sentences.
    pub description: Option<Text<2000>>,
    /// Where and to whom it is sold today, as far as that is known.
    pub market: Option<Text<500>>,
    /// The language of the answer.
    pub language: Language,
    /// How many segments are wanted, 1 to [`MOST`](Self::MOST).
    pub segments: u8,
}

impl AudienceBrief {
    /// The most segments of one analysis.
    pub const MOST: u8 = 5;

    /// The brief, once its number is in bounds.
    ///
    /// # Errors
    /// Too many segments, or none.
    pub fn checked(self) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        let (asked, most) = (self.segments, Self::MOST);
        if asked == 0 || asked > most {
            let message = format!("{asked} segments are out of bounds: ask for 1 to {most}");
            faults.push("/segments", Violation::invalid(message));
        }
        faults.finish(|| Some(self))
    }
}

/// People who may want a product for the same reasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AudienceSegment {
    /// What to call them.
    pub name: String,
    /// Who they are.
    pub description: String,
    /// Their ages, both ends included, 13 to 65, where that tells them from others; 65 stands for older ones too.
    pub ages: Option<(u8, u8)>,
    /// What they are interested in, as platforms let target it.
    pub interests: Vec<String>,
    /// Why they would want it.
    pub motives: Vec<String>,
    /// What may keep them from it.
    pub objections: Vec<String>,
    /// What to tell them first.
    pub message: String,
}
