use adstead_domain::BrandVoice;
use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use adstead_domain::port::{
    AudienceRequest, CopyAnalyst, ModelCall, PortError, Usage, VoiceRequest, Written,
};
use async_trait::async_trait;

use super::copy_writer::stranger;

/// An analyst that says the same of everybody, for nothing.
#[derive(Debug, Default)]
pub struct PlainAnalyst;

impl PlainAnalyst {
    /// The one provider that it knows.
    pub const PROVIDER: &str = "plain";
}

#[async_trait]
impl CopyAnalyst for PlainAnalyst {
    async fn brand_voice(&self, request: &VoiceRequest) -> Result<Written<VoiceAnalysis>, PortError> {
        let summary = format!("It speaks in {} texts.", request.samples.iter().count());
        answer(&request.call, VoiceAnalysis { voice: BrandVoice::default(), summary })
    }

    async fn audience(&self, request: &AudienceRequest) -> Result<Written<Vec<AudienceSegment>>, PortError> {
        let segment = |number: u8| AudienceSegment {
            name: format!("Group {number}"),
            description: "People.".to_owned(),
            ages: Some((18, 65)),
            interests: Vec::new(),
            motives: Vec::new(),
            objections: Vec::new(),
            message: request.brief.product.as_str().to_owned(),
        };
        answer(&request.call, (1..=request.brief.segments).map(segment).collect())
    }
}

fn answer<T>(call: &ModelCall, content: T) -> Result<Written<T>, PortError> {
    if let Some(name) = call.provider.as_deref().filter(|name| *name != PlainAnalyst::PROVIDER) {
        return Err(stranger(name, PlainAnalyst::PROVIDER, "copy_analyst"));
    }
    let usage = Usage {
        provider: PlainAnalyst::PROVIDER.to_owned(),
        model: "plain-1".to_owned(),
        input_tokens: 0,
        output_tokens: 0,
        cost_micros: Some(0),
        latency_ms: 0,
        cached: false,
    };
    Ok(Written { content, usage })
}
