use std::sync::Arc;
use std::time::Duration;

use adstead_domain::platform::limits;
use adstead_domain::port::{
    AccountRepository, Chain, Clock, CopyRequest, CopyWriter, GenerationRepository, IdGenerator, Listener,
    ModelCall, Progress, RewriteRequest, Usage,
};
use adstead_domain::{Actor, Brief, Generation, GenerationId, Permission, Provenance};
use jiff::Timestamp;

use super::draft::{Drafts, wanted};
use super::payer::payer;
use super::prompt;
use crate::Error;
use crate::happened::happened;

/// Has ad copy written: brief → prompt → copy → check → only the failing lines again → variants, kept with their
/// provenance.
pub struct GenerateCopy {
    /// Who pays.
    pub accounts: Arc<dyn AccountRepository>,
    /// Who writes.
    pub writer: Arc<dyn CopyWriter>,
    /// Where generations are kept.
    pub generations: Arc<dyn GenerationRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
    /// The time for all calls of one generation together.
    pub deadline: Duration,
}

/// How copy is to be written.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    /// Who is to write; nothing means the order of the settings.
    pub provider: Option<String>,
    /// Whether copy that was written for the same brief before will not do.
    pub fresh: bool,
    /// Who hears the copy while it is being written.
    pub listener: Option<Listener>,
}

impl GenerateCopy {
    /// How often failing lines are asked for again.
    const REPAIRS: usize = 2;

    /// Has the variants of a brief written.
    ///
    /// # Errors
    /// [`Error::Rules`] for an unknown provider; [`Error::UnusableCopy`] where no variant keeps the limits;
    /// [`Error::Writer`] where no provider answers.
    pub async fn execute(&self, actor: &Actor, brief: Brief, wish: Wish) -> Result<Generation, Error> {
        actor.must(Permission::Write)?;
        let Wish { provider, fresh, listener } = wish;
        let limits = limits(brief.platform, brief.ad_type).map_err(|fault| fault.at("/brief/ad_type"))?;
        let (headlines, descriptions) = (wanted(&limits.headlines), wanted(&limits.descriptions));
        let started = self.clock.now();
        let call = ModelCall {
            prompt: prompt::write(&brief, limits, headlines, descriptions),
            provider,
            payer: payer(self.accounts.as_ref(), actor, started).await?,
            deadline: self.deadline,
            listener: listener.clone(),
            fresh,
        };
        let request = CopyRequest { brief: brief.clone(), headlines, descriptions, limits, call };
        let first = self.writer.write(&request).await.map_err(Error::of_writer)?;
        let mut usage = first.usage;
        let mut drafts = Drafts::new(&brief, limits, first.content);
        let mut failed = drafts.failed();
        let mut repaired_lines = 0;
        for _ in 0..Self::REPAIRS {
            if failed.is_empty() {
                break;
            }
            let taken = drafts.taken(&failed);
            if let Some(listener) = &listener {
                listener.tell(Progress::Repairing { lines: failed.len() });
            }
            let call = ModelCall {
                prompt: prompt::repair(&brief, limits, &failed, &taken),
                // Whoever wrote the copy mends it: what the provenance says of a generation is true of all of it.
                provider: Some(usage.provider.clone()),
                deadline: self.remaining(started),
                ..request.call.clone()
            };
            let lines = failed.clone();
            let again = RewriteRequest { brief: brief.clone(), limits, lines, taken, call };
            let repair = match self.writer.rewrite(&again).await {
                Ok(repair) => repair,
                Err(error) => {
                    // The variants without a fault are good all the same, and paid for.
                    tracing::warn!(error = %Chain(&error), "failing lines were not written again");
                    break;
                }
            };
            repaired_lines += failed.len() as u32;
            usage = added(usage, &repair.usage);
            drafts.mend(&failed, repair.content);
            failed = drafts.failed();
        }
        let variants = drafts.into_variants();
        if variants.is_empty() {
            let fault = failed.first().map_or_else(String::new, |line| line.fault.clone());
            return Err(Error::UnusableCopy { provider: usage.provider, fault });
        }
        let generation = Generation {
            id: GenerationId::new(self.ids.next()),
            account_id: actor.account_id,
            requested_by: actor.user_id,
            brief,
            variants,
            provenance: provenance(usage, request.call.prompt.version, repaired_lines),
            created_at: self.clock.now(),
        };
        let event = happened(self.ids.as_ref(), actor, generation.occurrence(), generation.created_at);
        self.generations.insert(&generation, &[event]).await?;
        Ok(generation)
    }

    fn remaining(&self, started: Timestamp) -> Duration {
        let spent = self.clock.now().duration_since(started).unsigned_abs();
        self.deadline.saturating_sub(spent)
    }
}

fn added(first: Usage, repair: &Usage) -> Usage {
    Usage {
        input_tokens: first.input_tokens.saturating_add(repair.input_tokens),
        output_tokens: first.output_tokens.saturating_add(repair.output_tokens),
        // A sum of which a part is not known is not known.
        cost_micros: first
            .cost_micros
            .zip(repair.cost_micros)
            .map(|(first, repair)| first.saturating_add(repair)),
        latency_ms: first.latency_ms.saturating_add(repair.latency_ms),
        cached: first.cached && repair.cached,
        ..first
    }
}

fn provenance(usage: Usage, prompt_version: &str, repaired_lines: u32) -> Provenance {
    let Usage { provider, model, input_tokens, output_tokens, cost_micros, latency_ms, cached } = usage;
    Provenance {
        provider,
        model,
        prompt_version: prompt_version.to_owned(),
        input_tokens,
        output_tokens,
        cost_micros,
        latency_ms,
        repaired_lines,
        cached,
    }
}
