//! Who tells how a brand speaks and whom a product is for: a language model.

use async_trait::async_trait;

use super::{ModelCall, PortError, Written};
use crate::analysis::{AudienceBrief, AudienceSegment, VoiceAnalysis, VoiceSamples};

/// Tells how a brand speaks and whom a product is for.
///
/// # Contract
/// - `brand_voice` MUST answer a voice that a brief can hold, and a summary that is not empty.
/// - `audience` MUST answer as many segments as are wanted, each with a name and a message, and with ages from 13 to 65 in
///   their order where it has any.
/// - Both MUST name in [`Usage`](super::Usage) the provider and model that answered, also after a fallback.
/// - Both MUST answer, or fail, within the deadline of the call.
/// - Both MUST refuse with `Rejected` a provider that they do not know, with an [`UnknownProvider`](super::UnknownProvider) as its
///   source, and what a provider cannot do, in words fit for the caller.
#[async_trait]
pub trait CopyAnalyst: Send + Sync {
    /// How whoever wrote these texts speaks.
    async fn brand_voice(&self, request: &VoiceRequest) -> Result<Written<VoiceAnalysis>, PortError>;

    /// Whom the product is for.
    async fn audience(&self, request: &AudienceRequest) -> Result<Written<Vec<AudienceSegment>>, PortError>;
}

/// A wish to hear how a brand speaks.
#[derive(Debug, Clone)]
pub struct VoiceRequest {
    /// What it has written.
    pub samples: VoiceSamples,
    /// How it is asked for.
    pub call: ModelCall,
}

/// A wish to hear whom a product is for.
#[derive(Debug, Clone)]
pub struct AudienceRequest {
    /// The product.
    pub brief: AudienceBrief,
    /// How it is asked for.
    pub call: ModelCall,
}
