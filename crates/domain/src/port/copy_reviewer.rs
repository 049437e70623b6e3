//! Who reads ad copy for what platforms may object to.

use async_trait::async_trait;

use super::{ModelCall, PortError, Written};
use crate::ad::AdCopy;
use crate::policy::PolicyHint;
use crate::{Language, Platform};

/// Reads copy for what platforms may object to.
///
/// # Contract
/// - Each hint MUST point at a line of the copy, and its excerpt MUST stand in that line, whatever its case.
/// - It MUST name in [`Usage`](super::Usage) the provider and model that read, also after a fallback.
/// - It MUST answer, or fail, within the deadline of the call.
/// - It MUST refuse a provider that it does not know with `Rejected`, and an [`UnknownProvider`](super::UnknownProvider) as its source.
#[async_trait]
pub trait CopyReviewer: Send + Sync {
    /// What a reviewer should look at.
    async fn review(&self, request: &ReviewRequest) -> Result<Written<Vec<PolicyHint>>, PortError>;
}

/// Copy to be read.
#[derive(Debug, Clone)]
pub struct ReviewRequest {
    /// The copy.
    pub copy: AdCopy,
    /// Its language.
    pub language: Language,
    /// Where it will run.
    pub platform: Platform,
    /// How it is asked for.
    pub call: ModelCall,
}
