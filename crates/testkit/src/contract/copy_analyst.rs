//! The contract of [`CopyAnalyst`].

use std::time::{Duration, Instant};

use adstead_domain::analysis::{AudienceBrief, VoiceSamples};
use adstead_domain::port::{
    AudienceRequest, CopyAnalyst, ModelCall, PortError, PortErrorKind, Usage, VoiceRequest, Written,
};

use super::Case;
use super::copy_writer::assert_unknown;
use crate::build::{self, parsed};
use crate::cases;

/// What every [`CopyAnalyst`] must do.
pub const CASES: &[Case<dyn CopyAnalyst>] = cases![
    a_voice_is_fit_for_a_brief_or_refused_in_words,
    as_many_segments_as_are_wanted_are_told_or_refused_in_words,
    an_unknown_provider_is_refused,
    an_answer_comes_within_the_deadline,
];

fn samples(call: ModelCall) -> VoiceRequest {
    let texts = ["We mend what we sell.", "No fuss. Good shoes, honest soles."];
    let samples = VoiceSamples::new(texts.map(parsed).into()).expect("two samples");
    VoiceRequest { samples, call }
}

fn product(segments: u8, call: ModelCall) -> AudienceRequest {
    let brief = AudienceBrief {
        product: parsed("Hand-stitched shoes"),
        description: None,
        market: Some(parsed("Europe")),
        language: parsed("en"),
        segments,
    };
    AudienceRequest { brief, call }
}

/// What was answered; nothing where it cannot be done, and that is said.
fn answered<T>(outcome: Result<Written<T>, PortError>) -> Option<T> {
    match outcome {
        Ok(Written { content, usage: Usage { provider, model, .. } }) => {
            assert!(!provider.is_empty() && !model.is_empty(), "who answered has a name");
            Some(content)
        }
        Err(error) => {
            assert_eq!(error.kind, PortErrorKind::Rejected, "{error:?}");
            assert!(error.source.is_some(), "it says why it cannot: {error:?}");
            None
        }
    }
}

async fn a_voice_is_fit_for_a_brief_or_refused_in_words(analyst: &dyn CopyAnalyst) {
    if let Some(analysis) = answered(analyst.brand_voice(&samples(build::model_call())).await) {
        assert!(!analysis.summary.is_empty(), "{analysis:?}");
        let brief = adstead_domain::Brief { brand_voice: analysis.voice, ..build::brief() };
        brief.checked().expect("the voice is fit for a brief");
    }
}

async fn as_many_segments_as_are_wanted_are_told_or_refused_in_words(analyst: &dyn CopyAnalyst) {
    for wanted in [1, 3, AudienceBrief::MOST] {
        let outcome = analyst.audience(&product(wanted, build::model_call())).await;
        let Some(segments) = answered(outcome) else { continue };
        assert_eq!(segments.len(), usize::from(wanted));
        for segment in segments {
            assert!(!segment.name.is_empty() && !segment.message.is_empty(), "{segment:?}");
            assert!(
                segment.ages.is_none_or(|(from, to)| (13..=to).contains(&from) && to <= 65),
                "{segment:?}"
            );
        }
    }
}

async fn an_unknown_provider_is_refused(analyst: &dyn CopyAnalyst) {
    let call = ModelCall { provider: Some("no such provider".to_owned()), ..build::model_call() };
    assert_unknown(analyst.brand_voice(&samples(call.clone())).await);
    assert_unknown(analyst.audience(&product(1, call)).await);
}

async fn an_answer_comes_within_the_deadline(analyst: &dyn CopyAnalyst) {
    const SLACK: Duration = Duration::from_millis(500);
    for deadline in [Duration::ZERO, Duration::from_millis(50)] {
        let call = ModelCall { deadline, ..build::model_call() };
        let started = Instant::now();
        // Whether they are answers or failures is up to the analyst.
        let _ = analyst.brand_voice(&samples(call.clone())).await;
        let _ = analyst.audience(&product(1, call)).await;
        let taken = started.elapsed();
        assert!(taken < 2 * deadline + SLACK, "two answers within {deadline:?} each took {taken:?}");
    }
}
