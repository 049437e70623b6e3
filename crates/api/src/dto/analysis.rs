use adstead_domain as domain;
use adstead_domain::{Language, Text, Violation, Violations};
use domain::analysis::{AudienceBrief, AudienceSegment, VoiceSamples};
use domain::port::{Usage, Written};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::generation::BrandVoice;
use crate::input::{Field, FromJson, List, object};

/// Texts that a brand has written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBrandVoiceAnalysis)]
pub(crate) struct VoiceInput {
    /// The texts; each up to 2,000 characters.
    #[schema(value_type = Vec<String>, required, min_items = 1, max_items = 20, example = json!(["We mend what we sell."]))]
    samples: Field<List<Text<2000>>>,
    /// Who is to answer, by the name in the settings; without it, the settings' order of providers.
    #[schema(value_type = Option<String>)]
    provider: Field<String>,
}

impl FromJson for VoiceInput {
    type Value = (VoiceSamples, Option<String>);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (Self { samples, provider }, mut faults) = object::<Self>(json)?;
        let samples = faults.at("/samples", samples.required());
        let samples = samples.and_then(|samples| faults.at("/samples", VoiceSamples::new(samples)));
        let provider = faults.at("/provider", provider.optional());
        faults.finish(|| Some((samples?, provider?)))
    }
}

/// A product, and where it is sold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAudienceAnalysis)]
pub(crate) struct AudienceInput {
    /// What is advertised.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "Hand-stitched shoes")]
    product: Field<Text<200>>,
    /// What it is, in a few sentences.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    description: Field<Text<2000>>,
    /// Where and to whom it is sold today.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 500, example = "walkers in the Alps")]
    market: Field<Text<500>>,
    /// The language of the answer, as a BCP 47 tag.
    #[schema(value_type = String, required, example = "en")]
    language: Field<Language>,
    /// How many groups are wanted; 3 where it is left out.
    #[schema(value_type = Option<u8>, minimum = 1, maximum = 5, example = 3)]
    segments: Field<i64>,
    /// Who is to answer, by the name in the settings; without it, the settings' order of providers.
    #[schema(value_type = Option<String>)]
    provider: Field<String>,
}

impl FromJson for AudienceInput {
    type Value = (AudienceBrief, Option<String>);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { product, description, market, language, segments, provider } = fields;
        let product = faults.at("/product", product.required());
        let description = faults.at("/description", description.optional());
        let market = faults.at("/market", market.optional());
        let language = faults.at("/language", language.required());
        let segments = faults.at("/segments", segments.optional());
        let segments = segments.and_then(|wanted| faults.at("/segments", count(wanted.unwrap_or(3))));
        let provider = faults.at("/provider", provider.optional());
        let (brief, provider) = faults.finish(|| {
            let brief = AudienceBrief {
                product: product?,
                description: description?,
                market: market?,
                language: language?,
                segments: segments?,
            };
            Some((brief, provider?))
        })?;
        Ok((brief.checked()?, provider))
    }
}

/// A number of segments; whether it is a sensible one is for the brief to say.
fn count(wanted: i64) -> Result<u8, Violation> {
    u8::try_from(wanted).map_err(|_| {
        let most = AudienceBrief::MOST;
        Violation::invalid(format!("{wanted} segments are out of bounds: ask for 1 to {most}"))
    })
}

/// How a brand speaks.
#[derive(Serialize, ToSchema)]
#[schema(as = BrandVoiceAnalysis)]
pub(crate) struct VoiceAnalysis {
    /// The voice, fit for a brief.
    brand_voice: BrandVoice,
    /// What it is in a few sentences.
    summary: String,
    #[serde(flatten)]
    by: Answered,
}

/// Whom a product is for.
#[derive(Serialize, ToSchema)]
pub(crate) struct AudienceAnalysis {
    /// The most likely first.
    segments: Vec<Segment>,
    #[serde(flatten)]
    by: Answered,
}

/// People who may want a product for the same reasons.
#[derive(Serialize, ToSchema)]
#[schema(as = AudienceSegment)]
struct Segment {
    name: String,
    description: String,
    /// The youngest of them, from 13; null where age tells nothing.
    #[schema(required)]
    min_age: Option<u8>,
    /// The oldest of them, up to 65, which stands for older ones too; null where age tells nothing.
    #[schema(required)]
    max_age: Option<u8>,
    /// What they are interested in.
    interests: Vec<String>,
    /// Why they would want it.
    motives: Vec<String>,
    /// What may keep them from it.
    objections: Vec<String>,
    /// What to tell them first.
    message: String,
}

/// Who answered, and what it took.
#[derive(Serialize, ToSchema)]
pub(crate) struct Answered {
    /// The provider's name in the settings.
    provider: String,
    model: String,
    input_tokens: u64,
    output_tokens: u64,
    /// In micros of a US dollar, by the prices in the settings; null where nobody knows it.
    #[schema(required)]
    cost_micros: Option<i64>,
    /// Time spent waiting for the provider.
    latency_ms: u64,
}

impl From<Usage> for Answered {
    fn from(usage: Usage) -> Self {
        let Usage { provider, model, input_tokens, output_tokens, cost_micros, latency_ms, cached: _ } =
            usage;
        Self { provider, model, input_tokens, output_tokens, cost_micros, latency_ms }
    }
}

impl From<Written<domain::analysis::VoiceAnalysis>> for VoiceAnalysis {
    fn from(written: Written<domain::analysis::VoiceAnalysis>) -> Self {
        let Written { content: domain::analysis::VoiceAnalysis { voice, summary }, usage } = written;
        Self { brand_voice: voice.into(), summary, by: usage.into() }
    }
}

impl From<Written<Vec<AudienceSegment>>> for AudienceAnalysis {
    fn from(written: Written<Vec<AudienceSegment>>) -> Self {
        let Written { content, usage } = written;
        Self { segments: content.into_iter().map(Segment::from).collect(), by: usage.into() }
    }
}

impl From<AudienceSegment> for Segment {
    fn from(segment: AudienceSegment) -> Self {
        let AudienceSegment { name, description, ages, interests, motives, objections, message } = segment;
        let (min_age, max_age) = ages.unzip();
        Self { name, description, min_age, max_age, interests, motives, objections, message }
    }
}
