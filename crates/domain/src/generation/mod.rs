//! Ad copy written by a machine: what was asked for, what came back, and where it came from.

mod brief;
mod rework;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use brief::{BrandVoice, Brief};
pub use rework::{LineLength, Origin, Rework, Source, Task};

use crate::ad::AdCopy;
use crate::{AccountId, Campaign, GenerationId, UserId, Violation, Warning};

/// One run of the copy writer, kept with its provenance.
#[derive(Debug, Clone, PartialEq)]
pub struct Generation {
    /// Its id.
    pub id: GenerationId,
    /// Whose it is.
    pub account_id: AccountId,
    /// Who asked for it.
    pub requested_by: UserId,
    /// What was asked for.
    pub brief: Brief,
    /// What came back, each inside the platform's hard limits.
    pub variants: Vec<Variant>,
    /// Where it came from.
    pub provenance: Provenance,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Generation {
    /// The chosen variants, in the order of `chosen`.
    ///
    /// # Errors
    /// An index past the last variant, an index twice, or none at all.
    pub fn choose(&self, chosen: &[usize]) -> Result<Vec<&Variant>, Violation> {
        let count = self.variants.len();
        if chosen.is_empty() {
            return Err(Violation::invalid("no variant is chosen: list at least one index, counted from 0"));
        }
        let mut taken = vec![false; count];
        let variant = |&index: &usize| {
            let variant = self.variants.get(index).ok_or_else(|| {
                Violation::invalid(format!(
                    "there is no variant {index}: this generation has {count}, counted from 0"
                ))
            })?;
            if std::mem::replace(&mut taken[index], true) {
                return Err(Violation::invalid(format!("variant {index} is chosen twice: list each once")));
            }
            Ok(variant)
        };
        chosen.iter().map(variant).collect()
    }

    /// Whether its copy may run in the campaign.
    ///
    /// # Errors
    /// The campaign runs on another platform than the copy was written for.
    pub fn fits(&self, campaign: &Campaign) -> Result<(), Violation> {
        let (written_for, runs_on) = (self.brief.platform, campaign.platform);
        if written_for == runs_on {
            return Ok(());
        }
        Err(Violation::invalid(format!(
            "the copy was written for {written_for}, the ad group runs on {runs_on}: choose a group on {written_for}"
        )))
    }
}

/// One proposal for an ad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Variant {
    /// The copy.
    #[serde(flatten)]
    pub copy: AdCopy,
    /// Soft limits that it passes.
    pub warnings: Vec<Warning>,
}

/// Where generated copy came from and what it cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provenance {
    /// The provider's name in the settings; `offline` for the built-in writer.
    pub provider: String,
    /// The model, as the provider names it.
    pub model: String,
    /// The version of the prompt's text.
    pub prompt_version: String,
    /// Tokens read, as the provider reports them.
    pub input_tokens: u64,
    /// Tokens written, as the provider reports them.
    pub output_tokens: u64,
    /// Cost in micros of a US dollar, by the prices in the settings; nothing where they do not name the provider's prices, or it
    /// did not report what it read and wrote.
    pub cost_micros: Option<i64>,
    /// Time spent waiting for the provider, in milliseconds.
    pub latency_ms: u64,
    /// Lines that broke a rule and were written again.
    pub repaired_lines: u32,
    /// Whether the copy was written before, for the same brief of the same account, and cost nothing this time.
    #[serde(default)]
    pub cached: bool,
}
