//! The built-in writer: a grammar, the brief's own words, and no model.
//!
//! It is deterministic: the same brief gets the same copy. It claims nothing that the brief does not say: no numbers, no
//! superlatives, no testimonials, no deadlines.

mod composer;
mod english;
mod facts;
mod grammar;
mod line;
mod seed;
mod spanish;
mod stock;
mod tone;
mod typography;

use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use adstead_domain::platform::CopyField;
use adstead_domain::policy::{self, PolicyHint};
use adstead_domain::port::{
    AudienceRequest, CopyRequest, FailedLine, PortError, PortErrorKind, ReviewRequest, RewriteRequest, Usage,
    VoiceRequest, Written,
};
use adstead_domain::{AdCopy, Brief, Language, Source, Task};
use async_trait::async_trait;

use self::composer::Composer;
use self::facts::Facts;
use self::grammar::Grammar;
use super::provider::{AUDIENCE, AiProvider, Chance, REVIEW, REWRITE, VOICE, WRITE, tell};
use crate::external::names::OFFLINE;
use crate::external::{ExternalServiceManager, ServicePolicy};
use crate::resilience::RetryPolicy;

/// The version of the grammars, named as the model.
const MODEL: &str = "grammar-1";

/// More than the longest answer takes.
const NEEDS: Duration = Duration::from_millis(500);

pub(super) struct OfflineWriter {
    services: Arc<ExternalServiceManager>,
}

impl OfflineWriter {
    pub(super) fn new(services: Arc<ExternalServiceManager>) -> Self {
        let policy = ServicePolicy {
            concurrency: 1024,
            waiting: u32::MAX,
            retry: RetryPolicy::times(0),
            ..ServicePolicy::default()
        };
        services.register(OFFLINE, policy);
        Self { services }
    }

    /// Runs `write`, counted as a call of this service.
    async fn call<T>(
        &self,
        operation: &'static str,
        chance: &Chance,
        write: impl Fn() -> Result<T, Refusal>,
    ) -> Result<Written<T>, PortError> {
        let started = Instant::now();
        let attempt = async || {
            write().map_err(|refusal| PortError::new(PortErrorKind::Rejected, operation).with_source(refusal))
        };
        let content = self.services.call(OFFLINE, chance.call(operation), attempt).await?;
        let usage = Usage {
            provider: OFFLINE.to_owned(),
            model: MODEL.to_owned(),
            input_tokens: 0,
            output_tokens: 0,
            cost_micros: Some(0),
            latency_ms: started.elapsed().as_millis() as u64,
            cached: false,
        };
        Ok(Written { content, usage })
    }
}

#[async_trait]
impl AiProvider for OfflineWriter {
    fn needs(&self) -> Duration {
        NEEDS
    }

    async fn write(&self, request: &CopyRequest, chance: Chance) -> Result<Written<Vec<AdCopy>>, PortError> {
        let written = self.call(WRITE, &chance, || write(request)).await?;
        if let Some(listener) = &request.call.listener {
            let lines =
                written.content.iter().flat_map(|copy| copy.headlines.iter().chain(&copy.descriptions));
            tell(listener, OFFLINE, MODEL, lines);
        }
        Ok(written)
    }

    async fn review(
        &self,
        request: &ReviewRequest,
        chance: Chance,
    ) -> Result<Written<Vec<PolicyHint>>, PortError> {
        self.call(REVIEW, &chance, || review(request)).await
    }

    async fn brand_voice(
        &self,
        _: &VoiceRequest,
        chance: Chance,
    ) -> Result<Written<VoiceAnalysis>, PortError> {
        self.call(VOICE, &chance, || Err(Refusal::NeedsModel("tell how a brand speaks".to_owned()))).await
    }

    async fn audience(
        &self,
        _: &AudienceRequest,
        chance: Chance,
    ) -> Result<Written<Vec<AudienceSegment>>, PortError> {
        self.call(AUDIENCE, &chance, || Err(Refusal::NeedsModel("tell whom a product is for".to_owned())))
            .await
    }

    async fn rewrite(
        &self,
        request: &RewriteRequest,
        chance: Chance,
    ) -> Result<Written<Vec<String>>, PortError> {
        let written = self.call(REWRITE, &chance, || rewrite(request)).await?;
        if let Some(listener) = &request.call.listener {
            tell(listener, OFFLINE, MODEL, written.content.iter());
        }
        Ok(written)
    }
}

/// Why the built-in writer cannot write what it is asked for.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(
        "the built-in writer speaks English (en) and Spanish (es), not {0}: describe a language model under \
         [ai.providers] and name it in ai.order"
    )]
    Language(Language),
    #[error(
        "the built-in writer cannot {0}, that needs a language model: describe one under [ai.providers] and name it in \
         ai.order"
    )]
    NeedsModel(String),
    #[error(
        "the built-in writer can write only {written} of {wanted} that differ: ban fewer words, ask for fewer, or describe \
         a language model under [ai.providers]"
    )]
    OutOfWords { written: usize, wanted: usize },
}

fn write(request: &CopyRequest) -> Result<Vec<AdCopy>, Refusal> {
    let CopyRequest { brief, headlines, descriptions, limits, .. } = request;
    let grammar = grammar(&brief.language)?;
    let facts = Facts::of(brief, grammar);
    let compose =
        |brief: &Brief| Composer::new(brief, limits, grammar, &facts).variants(*headlines, *descriptions);
    let wanted = usize::from(brief.variants);
    let Some(source) = &brief.source else { return all(compose(brief), wanted) };
    // One more than is wanted: one of them may be what the others are made from.
    let mut variants = compose(&Brief { variants: brief.variants.saturating_add(1), ..brief.clone() });
    variants.retain(|copy| copy.headlines != source.copy.headlines);
    match (source.task, source.length) {
        (Task::Vary, None) => {}
        (Task::Vary, Some(length)) => return Err(Refusal::NeedsModel(format!("write {length} lines"))),
        (Task::Translate, _) => return Err(Refusal::NeedsModel("translate".to_owned())),
        (Task::Rewrite, _) => {
            let composer = Composer::new(brief, limits, grammar, &facts);
            variants.insert(0, moved(source, request, &composer)?);
        }
    }
    variants.truncate(wanted);
    all(variants, wanted)
}

fn review(request: &ReviewRequest) -> Result<Vec<PolicyHint>, Refusal> {
    let ReviewRequest { copy, language, .. } = request;
    if policy::knows(language) {
        Ok(policy::hints(copy, language))
    } else {
        Err(Refusal::Language(language.clone()))
    }
}

/// The copy in its new place: the lines that may stand there, and new ones in the place of the others.
fn moved(source: &Source, request: &CopyRequest, composer: &Composer<'_>) -> Result<AdCopy, Refusal> {
    let CopyRequest { brief, headlines, descriptions, limits, .. } = request;
    let mut taken: Vec<String> = Vec::new();
    let mut kept = |field, lines: &[String], most: usize| {
        let mut kept: Vec<String> = Vec::new();
        for line in lines {
            let may_stand = limits.fault_in(field, kept.len(), line).is_none()
                && brief.brand_voice.banned_in(line).is_none()
                && !taken.contains(line);
            if may_stand && kept.len() < most {
                taken.push(line.clone());
                kept.push(line.clone());
            }
        }
        kept
    };
    let mut copy = AdCopy {
        headlines: kept(CopyField::Headline, &source.copy.headlines, *headlines),
        descriptions: kept(CopyField::Description, &source.copy.descriptions, *descriptions),
        call_to_action: source.copy.call_to_action.clone(),
    };
    let missing = |field, have: usize, wanted: usize| {
        let fault = String::new();
        (have..wanted).map(move |index| FailedLine {
            variant: 0,
            field,
            index,
            text: String::new(),
            fault: fault.clone(),
        })
    };
    let places: Vec<_> = missing(CopyField::Headline, copy.headlines.len(), *headlines)
        .chain(missing(CopyField::Description, copy.descriptions.len(), *descriptions))
        .collect();
    let lines = all(composer.lines(&places, &taken), places.len())?;
    for (place, line) in places.iter().zip(lines) {
        match place.field {
            CopyField::Headline => copy.headlines.push(line),
            CopyField::Description => copy.descriptions.push(line),
        }
    }
    Ok(copy)
}

fn rewrite(request: &RewriteRequest) -> Result<Vec<String>, Refusal> {
    let RewriteRequest { brief, limits, lines, taken, .. } = request;
    let grammar = grammar(&brief.language)?;
    let facts = Facts::of(brief, grammar);
    all(Composer::new(brief, limits, grammar, &facts).lines(lines, taken), lines.len())
}

fn grammar(language: &Language) -> Result<&'static Grammar, Refusal> {
    match language.primary() {
        "en" => Ok(&english::GRAMMAR),
        "es" => Ok(&spanish::GRAMMAR),
        _ => Err(Refusal::Language(language.clone())),
    }
}

fn all<T>(written: Vec<T>, wanted: usize) -> Result<Vec<T>, Refusal> {
    if written.len() == wanted {
        Ok(written)
    } else {
        Err(Refusal::OutOfWords { written: written.len(), wanted })
    }
}

#[cfg(test)]
mod tests;
