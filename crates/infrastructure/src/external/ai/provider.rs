use std::time::Duration;

use adstead_domain::AdCopy;
use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use adstead_domain::policy::PolicyHint;
use adstead_domain::port::{
    AudienceRequest, CopyRequest, Listener, PortError, Progress, ReviewRequest, RewriteRequest, VoiceRequest,
    Written,
};
use async_trait::async_trait;

use crate::external::{Call, Streaming};
use crate::resilience::{Begun, Deadline};

/// How far a provider may go for an answer.
#[derive(Debug, Clone)]
pub(super) struct Chance {
    /// When the answer is due; one that comes in pieces must have begun by then.
    pub(super) due: Deadline,
    /// When an answer that has begun is due.
    pub(super) deadline: Deadline,
    /// Whether an answer in pieces has begun.
    pub(super) begun: Begun,
    /// Whether nobody else is asked after it, so that it is worth waiting for.
    pub(super) is_last: bool,
}

impl Chance {
    /// A call by which the provider takes its chance.
    pub(super) fn call(&self, operation: &'static str) -> Call {
        Call { operation, deadline: self.due, is_patient: self.is_last }
    }

    /// A call whose answer comes in pieces.
    pub(super) fn streaming_call(&self, operation: &'static str) -> Call {
        Call { operation, deadline: self.deadline, is_patient: self.is_last }
    }

    /// When these pieces must have begun to come.
    pub(super) fn streaming(&self) -> Streaming<'_> {
        Streaming { begun: &self.begun, first: self.due }
    }
}

/// The operations, as errors and logs name them.
pub(super) const WRITE: &str = "copy_writer.write";
pub(super) const REVIEW: &str = "copy_reviewer.review";
pub(super) const VOICE: &str = "copy_analyst.brand_voice";
pub(super) const AUDIENCE: &str = "copy_analyst.audience";
pub(super) const PROBE: &str = "copy_writer.probe";
pub(super) const REWRITE: &str = "copy_writer.rewrite";

/// One who writes copy, with the promises of [`CopyWriter`](adstead_domain::port::CopyWriter) except the choice among
/// providers. Its calls to the outside pass through the
/// [`ExternalServiceManager`](crate::external::ExternalServiceManager) under its name.
#[async_trait]
pub(super) trait AiProvider: Send + Sync {
    /// The time that suffices for an answer.
    fn needs(&self) -> Duration;

    /// Writes all variants of a brief.
    async fn write(&self, request: &CopyRequest, chance: Chance) -> Result<Written<Vec<AdCopy>>, PortError>;

    /// Reads copy for what platforms may object to.
    async fn review(
        &self,
        request: &ReviewRequest,
        chance: Chance,
    ) -> Result<Written<Vec<PolicyHint>>, PortError>;

    /// How whoever wrote these texts speaks.
    async fn brand_voice(
        &self,
        request: &VoiceRequest,
        chance: Chance,
    ) -> Result<Written<VoiceAnalysis>, PortError>;

    /// Whom a product is for.
    async fn audience(
        &self,
        request: &AudienceRequest,
        chance: Chance,
    ) -> Result<Written<Vec<AudienceSegment>>, PortError>;

    /// Writes single lines again.
    async fn rewrite(
        &self,
        request: &RewriteRequest,
        chance: Chance,
    ) -> Result<Written<Vec<String>>, PortError>;
}

/// Tells an answer that is there already, line by line.
pub(super) fn tell<'a>(
    listener: &Listener,
    provider: &str,
    model: &str,
    lines: impl Iterator<Item = &'a String>,
) {
    listener.tell(Progress::Began { provider, model });
    lines.for_each(|line| listener.tell(Progress::Wrote(&format!("{line}\n"))));
}
