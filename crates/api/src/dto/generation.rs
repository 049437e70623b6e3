use adstead_domain as domain;
use domain::{AdType, Language, LineLength, Origin, Platform, Task, Text};
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Warning, words};

mod input;

pub(crate) use input::{AdoptionInput, GenerationInput, GenerationParams, Wanted};

/// One run of the copy writer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Generation {
    id: Uuid,
    account_id: Uuid,
    /// The user who asked for it.
    requested_by: Uuid,
    brief: Brief,
    /// What came back, each inside the platform's hard limits. `POST /v1/generations/{id}/ads` makes ads of them, by
    /// their position from 0.
    variants: Vec<Variant>,
    provenance: Provenance,
    created_at: Timestamp,
}

/// What was asked for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Brief {
    product: String,
    #[schema(required)]
    description: Option<String>,
    #[schema(required)]
    audience: Option<String>,
    benefits: Vec<String>,
    brand_voice: BrandVoice,
    keywords: Vec<String>,
    #[schema(required)]
    call_to_action: Option<String>,
    #[schema(value_type = String, example = "en")]
    language: Language,
    #[schema(value_type = words::Platform)]
    platform: Platform,
    #[schema(value_type = words::AdType)]
    ad_type: AdType,
    variants: u8,
    /// The copy that it was made from; null where it began with nothing.
    #[schema(required)]
    source: Option<Source>,
}

/// The copy that a generation was made from, as it was then.
#[derive(Serialize, ToSchema)]
#[schema(as = GenerationSource)]
pub(crate) struct Source {
    #[schema(value_type = words::Task)]
    task: Task,
    /// The ad that it was taken from; null where that was a variant.
    #[schema(required)]
    ad_id: Option<Uuid>,
    /// The generation that it was taken from; null where that was an ad.
    #[schema(required)]
    generation_id: Option<Uuid>,
    /// The position of the variant in its generation, from 0.
    #[schema(required)]
    variant: Option<usize>,
    headlines: Vec<String>,
    descriptions: Vec<String>,
    #[schema(required)]
    call_to_action: Option<String>,
    #[schema(value_type = words::Platform)]
    platform: Platform,
    #[schema(value_type = words::AdType)]
    ad_type: AdType,
    /// Its language; null where nobody knows it.
    #[schema(required, value_type = Option<String>)]
    language: Option<Language>,
    /// How long the lines that are made of it should be.
    #[schema(required, value_type = Option<words::LineLength>)]
    length: Option<LineLength>,
}

/// How the brand speaks.
#[derive(Serialize, ToSchema)]
pub(crate) struct BrandVoice {
    #[schema(required)]
    tone: Option<String>,
    #[schema(required)]
    style: Option<String>,
    personality: Vec<String>,
    guidelines: Vec<String>,
    banned_words: Vec<String>,
}

/// One proposal for an ad.
#[derive(Serialize, ToSchema)]
pub(crate) struct Variant {
    headlines: Vec<String>,
    descriptions: Vec<String>,
    #[schema(required)]
    call_to_action: Option<String>,
    /// Soft limits of the platform that it passes.
    warnings: Vec<Warning>,
}

/// Where the copy came from and what it cost.
#[derive(Serialize, ToSchema)]
pub(crate) struct Provenance {
    /// The provider's name in the settings; `offline` for the built-in writer.
    #[schema(example = "offline")]
    provider: String,
    model: String,
    /// The version of the prompt's text.
    prompt_version: String,
    input_tokens: u64,
    output_tokens: u64,
    /// In micros of a US dollar, by the prices in the settings; null where nobody knows it.
    #[schema(required)]
    cost_micros: Option<i64>,
    /// Time spent waiting for the provider.
    latency_ms: u64,
    /// Lines that broke a rule and were written again.
    repaired_lines: u32,
    /// Whether the copy was written before, for the same brief of the same account: then it cost nothing this time.
    cached: bool,
}

impl From<domain::Generation> for Generation {
    fn from(generation: domain::Generation) -> Self {
        let domain::Generation { id, account_id, requested_by, brief, variants, provenance, created_at } =
            generation;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            requested_by: requested_by.uuid(),
            brief: brief.into(),
            variants: variants.into_iter().map(Variant::from).collect(),
            provenance: provenance.into(),
            created_at,
        }
    }
}

impl From<domain::Brief> for Brief {
    fn from(brief: domain::Brief) -> Self {
        let domain::Brief {
            product,
            description,
            audience,
            benefits,
            brand_voice,
            keywords,
            call_to_action,
            language,
            platform,
            ad_type,
            variants,
            source,
        } = brief;
        Self {
            product: product.into(),
            description: description.map(String::from),
            audience: audience.map(String::from),
            benefits: strings(benefits),
            brand_voice: brand_voice.into(),
            keywords: strings(keywords),
            call_to_action: call_to_action.map(String::from),
            language,
            platform,
            ad_type,
            variants,
            source: source.map(|source| Source::from(*source)),
        }
    }
}

impl From<domain::Source> for Source {
    fn from(source: domain::Source) -> Self {
        let domain::Source { task, origin, copy, platform, ad_type, language, length } = source;
        let domain::AdCopy { headlines, descriptions, call_to_action } = copy;
        let (ad_id, generation_id, variant) = match origin {
            Origin::Ad { id } => (Some(id.uuid()), None, None),
            Origin::Variant { generation_id, index } => (None, Some(generation_id.uuid()), Some(index)),
        };
        Self {
            task,
            ad_id,
            generation_id,
            variant,
            headlines,
            descriptions,
            call_to_action: call_to_action.map(String::from),
            platform,
            ad_type,
            language,
            length,
        }
    }
}

impl From<domain::BrandVoice> for BrandVoice {
    fn from(voice: domain::BrandVoice) -> Self {
        let domain::BrandVoice { tone, style, personality, guidelines, banned_words } = voice;
        Self {
            tone: tone.map(String::from),
            style: style.map(String::from),
            personality: strings(personality),
            guidelines: strings(guidelines),
            banned_words: strings(banned_words),
        }
    }
}

impl From<domain::Variant> for Variant {
    fn from(variant: domain::Variant) -> Self {
        let domain::Variant { copy, warnings } = variant;
        let domain::AdCopy { headlines, descriptions, call_to_action } = copy;
        Self {
            headlines,
            descriptions,
            call_to_action: call_to_action.map(String::from),
            warnings: warnings.into_iter().map(Warning::from).collect(),
        }
    }
}

impl From<domain::Provenance> for Provenance {
    fn from(provenance: domain::Provenance) -> Self {
        let domain::Provenance {
            provider,
            model,
            prompt_version,
            input_tokens,
            output_tokens,
            cost_micros,
            latency_ms,
            repaired_lines,
            cached,
        } = provenance;
        Self {
            provider,
            model,
            prompt_version,
            input_tokens,
            output_tokens,
            cost_micros,
            latency_ms,
            repaired_lines,
            cached,
        }
    }
}

fn strings<const MAX: usize>(texts: Vec<Text<MAX>>) -> Vec<String> {
    texts.into_iter().map(String::from).collect()
}
