use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adstead_domain::AdCopy;
use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use adstead_domain::policy::PolicyHint;
use adstead_domain::port::{
    AudienceRequest, Chain, CopyAnalyst, CopyRequest, CopyReviewer, CopyWriter, ModelCall, PortError,
    PortErrorKind, ReviewRequest, RewriteRequest, SpendLedger, UnknownProvider, VoiceRequest, Written,
};
use async_trait::async_trait;
use futures::future::BoxFuture;

use super::config::{AiConfig, AiConfigError};
use super::offline::OfflineWriter;
use super::openai::OpenAiProvider;
use super::provider::{AUDIENCE, AiProvider, Chance, REVIEW, REWRITE, VOICE, WRITE};
use super::spending::Spending;
use crate::external::ExternalServiceManager;
use crate::external::names::{OFFLINE, RESERVED};
use crate::resilience::{Begun, Deadline};

/// The domain's copy writer: providers by name, asked in order until one answers.
pub struct AiProviderService {
    /// Never empty.
    order: Vec<Group>,
    providers: BTreeMap<String, Box<dyn AiProvider>>,
}

impl AiProviderService {
    /// A service with these providers and the built-in writer, each registered with `services` under its name.
    ///
    /// A process-wide TLS provider (`rustls::crypto::CryptoProvider::install_default`) must stand before.
    ///
    /// # Errors
    /// What is wrong with `config`.
    pub fn new(config: &AiConfig, services: &Arc<ExternalServiceManager>) -> Result<Self, AiConfigError> {
        Self::open(config, services, None)
    }

    /// The same, with what accounts spend kept in `ledger`, and none let spend more than `config` says.
    ///
    /// What a call may cost at most is set aside before it and settled after it: as many tokens as its text has bytes are
    /// read, and as many written as one answer may have.
    ///
    /// # Errors
    /// What is wrong with `config`: also a provider whose prices are not known, where there is a limit.
    pub fn with_ledger(
        config: &AiConfig,
        services: &Arc<ExternalServiceManager>,
        ledger: Arc<dyn SpendLedger>,
    ) -> Result<Self, AiConfigError> {
        let limit_micros = config.spend_per_day_micros;
        Self::open(config, services, Some(&Spending { ledger, limit_micros }))
    }

    fn open(
        config: &AiConfig,
        services: &Arc<ExternalServiceManager>,
        spending: Option<&Spending>,
    ) -> Result<Self, AiConfigError> {
        let offline: Box<dyn AiProvider> = Box::new(OfflineWriter::new(Arc::clone(services)));
        let mut providers = BTreeMap::from([(OFFLINE.to_owned(), offline)]);
        for (name, settings) in &config.providers {
            if RESERVED.contains(&name.as_str()) {
                return Err(AiConfigError::ReservedName { name: name.clone() });
            }
            if config.spend_per_day_micros.is_some() && settings.prices.is_none() {
                return Err(AiConfigError::UnknownPrice { name: name.clone() });
            }
            let provider = OpenAiProvider::new(name, settings, Arc::clone(services), spending.cloned())?;
            providers.insert(name.clone(), Box::new(provider));
        }
        if config.order.iter().all(Vec::is_empty) {
            return Err(AiConfigError::NoProvider);
        }
        if let Some(name) = config.order.iter().flatten().find(|name| !providers.contains_key(*name)) {
            let known = providers.into_keys().collect();
            return Err(AiConfigError::UnknownProvider { name: name.clone(), known });
        }
        let weight = |name: &String| config.providers.get(name).map_or(1, |provider| provider.weight.get());
        let group = |names: &Vec<String>| Group {
            members: names.iter().map(|name| (name.clone(), weight(name))).collect(),
            turn: AtomicU32::new(0),
        };
        Ok(Self { order: config.order.iter().map(group).collect(), providers })
    }

    /// The names by which a caller may choose a provider, in the order of fallback.
    fn providers(&self) -> Vec<String> {
        let ordered: Vec<_> = self.order.iter().flat_map(Group::names).collect();
        let others = self.providers.keys().map(String::as_str).filter(|name| !ordered.contains(name));
        ordered.iter().copied().chain(others).map(str::to_owned).collect()
    }

    /// Whom to ask, in this order: the one that the caller names, or all of the settings' order.
    fn candidates(
        &self,
        wanted: Option<&str>,
        operation: &'static str,
    ) -> Result<Vec<Candidate<'_>>, PortError> {
        let known = |name: &str| {
            let (name, provider) = self.providers.get_key_value(name)?;
            Some(Candidate { name, provider: provider.as_ref() })
        };
        match wanted {
            None => Ok(self.order.iter().flat_map(Group::next).filter_map(known).collect()),
            Some(name) => known(name).map(|found| vec![found]).ok_or_else(|| {
                let unknown = UnknownProvider { name: name.to_owned(), known: self.providers() };
                PortError::new(PortErrorKind::Rejected, operation).with_source(unknown)
            }),
        }
    }

    /// The first answer that a candidate gives. Each may take what those after it do not need, and at least an even share.
    /// Of a candidate whose answer has begun, a part was told: nobody is asked after it, and it may take all the time.
    async fn first_answer<'a, T>(
        &'a self,
        operation: &'static str,
        call: &ModelCall,
        ask: impl Fn(&'a dyn AiProvider, Chance) -> BoxFuture<'a, Result<Written<T>, PortError>>,
    ) -> Result<Written<T>, PortError> {
        let deadline = Deadline::after(call.deadline);
        let candidates = self.candidates(call.provider.as_deref(), operation)?;
        let mut failures = Vec::new();
        for (index, &Candidate { name, provider }) in candidates.iter().enumerate() {
            let later = &candidates[index + 1..];
            let needed_later = later.iter().map(|candidate| candidate.provider.needs()).sum();
            let left = deadline.remaining();
            let even_share = left / (1 + later.len() as u32);
            let due = deadline.within(left.saturating_sub(needed_later).max(even_share));
            let begun = Begun::default();
            let chance = Chance { due, deadline, begun: begun.clone(), is_last: later.is_empty() };
            let error = match begun.bound(operation, due, deadline, ask(provider, chance)).await {
                Ok(written) => return Ok(written),
                Err(error) => error,
            };
            if begun.is_noted() {
                failures.push(Failure { provider: name.to_owned(), error });
                break;
            }
            if let Some(next) = later.first() {
                let (error, next) = (Chain(&error), next.name);
                tracing::warn!(provider = name, next, %error, "an AI provider failed, asking the next one");
            }
            failures.push(Failure { provider: name.to_owned(), error });
        }
        Err(NoProviderAnswered { failures }.into_port_error(operation))
    }
}

/// Providers that stand in for one another.
struct Group {
    /// Names of providers, each with how many of the turns are its own.
    members: Vec<(String, u32)>,
    turn: AtomicU32,
}

impl Group {
    /// The names, that one first whose turn it is.
    fn next(&self) -> Vec<&str> {
        let turns = self.members.iter().map(|(_, weight)| *weight).sum::<u32>().max(1);
        let mut turn = self.turn.fetch_add(1, Ordering::Relaxed) % turns;
        let is_first = |(_, weight): &(String, u32)| match turn.checked_sub(*weight) {
            Some(left) => {
                turn = left;
                false
            }
            None => true,
        };
        let first = self.members.iter().position(is_first).unwrap_or_default();
        let mut names: Vec<_> = self.names().collect();
        names[..=first].rotate_right(1);
        names
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.members.iter().map(|(name, _)| name.as_str())
    }
}

#[async_trait]
impl CopyWriter for AiProviderService {
    async fn write(&self, request: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        self.first_answer(WRITE, &request.call, |provider, chance| provider.write(request, chance)).await
    }

    async fn rewrite(&self, request: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        self.first_answer(REWRITE, &request.call, |provider, chance| provider.rewrite(request, chance)).await
    }
}

#[async_trait]
impl CopyReviewer for AiProviderService {
    async fn review(&self, request: &ReviewRequest) -> Result<Written<Vec<PolicyHint>>, PortError> {
        self.first_answer(REVIEW, &request.call, |provider, chance| provider.review(request, chance)).await
    }
}

#[async_trait]
impl CopyAnalyst for AiProviderService {
    async fn brand_voice(&self, request: &VoiceRequest) -> Result<Written<VoiceAnalysis>, PortError> {
        self.first_answer(VOICE, &request.call, |provider, chance| provider.brand_voice(request, chance))
            .await
    }

    async fn audience(&self, request: &AudienceRequest) -> Result<Written<Vec<AudienceSegment>>, PortError> {
        self.first_answer(AUDIENCE, &request.call, |provider, chance| provider.audience(request, chance))
            .await
    }
}

impl fmt::Debug for AiProviderService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AiProviderService").field("providers", &self.providers()).finish_non_exhaustive()
    }
}

#[derive(Clone, Copy)]
struct Candidate<'a> {
    name: &'a str,
    provider: &'a dyn AiProvider,
}

/// Every provider that was asked failed. Its text holds the causes, since there is more than one.
#[derive(Debug)]
struct NoProviderAnswered {
    /// In the order in which they were asked, never empty.
    failures: Vec<Failure>,
}

#[derive(Debug)]
struct Failure {
    provider: String,
    error: PortError,
}

impl NoProviderAnswered {
    /// The kind is that of the last failure that may pass, so that the caller tries again where that can help.
    fn into_port_error(self, operation: &'static str) -> PortError {
        let errors = || self.failures.iter().rev().map(|failure| &failure.error);
        let passing = || errors().filter(|error| error.kind.is_transient());
        let told = passing().next().or_else(|| errors().next());
        let kind = told.map_or(PortErrorKind::Unexpected, |error| error.kind);
        // Where one does not say when it can be asked again, that may be at once.
        let retry_after =
            passing().map(|error| error.retry_after).min_by_key(|wait| wait.unwrap_or_default()).flatten();
        PortError { retry_after, ..PortError::new(kind, operation) }.with_source(self)
    }
}

impl fmt::Display for NoProviderAnswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, Failure { provider, error }) in self.failures.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{provider}: {:?}", error.kind)?;
            if let Some(cause) = error.source() {
                write!(f, ": {}", Chain(cause))?;
            }
        }
        Ok(())
    }
}

impl Error for NoProviderAnswered {}
