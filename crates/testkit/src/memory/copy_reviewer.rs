use adstead_domain::policy::{PolicyHint, hints};
use adstead_domain::port::{CopyReviewer, PortError, ReviewRequest, Usage, Written};
use async_trait::async_trait;

use super::copy_writer::stranger;

/// A reviewer that knows phrases and nothing else, for nothing.
#[derive(Debug, Default)]
pub struct PhraseReviewer;

impl PhraseReviewer {
    /// The one provider that it knows.
    pub const PROVIDER: &str = "phrases";
}

#[async_trait]
impl CopyReviewer for PhraseReviewer {
    async fn review(&self, request: &ReviewRequest) -> Result<Written<Vec<PolicyHint>>, PortError> {
        if let Some(name) = request.call.provider.as_deref().filter(|name| *name != Self::PROVIDER) {
            return Err(stranger(name, Self::PROVIDER, "copy_reviewer.review"));
        }
        let usage = Usage {
            provider: Self::PROVIDER.to_owned(),
            model: "phrases-1".to_owned(),
            input_tokens: 0,
            output_tokens: 0,
            cost_micros: Some(0),
            latency_ms: 0,
            cached: false,
        };
        Ok(Written { content: hints(&request.copy, &request.language), usage })
    }
}
