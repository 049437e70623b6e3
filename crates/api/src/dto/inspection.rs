use adstead_application::ads;
use adstead_domain as domain;
use adstead_domain::{Language, Violations};
use domain::policy::{PolicyHint, PolicyRule};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::input::{Field, FromJson, object};

/// How an ad is to be read.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewInspection)]
pub(crate) struct InspectionInput {
    /// The language of the copy, as a BCP 47 tag.
    #[schema(value_type = String, required, example = "en")]
    language: Field<Language>,
    /// Who is to read, by the name in the settings, such as `offline`; without it, the settings' order of providers.
    #[schema(value_type = Option<String>, example = "offline")]
    provider: Field<String>,
}

impl FromJson for InspectionInput {
    type Value = (Language, Option<String>);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (Self { language, provider }, mut faults) = object::<Self>(json)?;
        let language = faults.at("/language", language.required());
        let provider = faults.at("/provider", provider.optional());
        faults.finish(|| Some((language?, provider?)))
    }
}

/// What a reviewer should look at.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inspection {
    /// Headlines first, in their order.
    hints: Vec<Hint>,
    /// Who read, by the name in the settings.
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

/// Something in a line that a reviewer should look at.
#[derive(Serialize, ToSchema)]
#[schema(as = PolicyHint)]
struct Hint {
    #[schema(value_type = words::PolicyRule)]
    rule: PolicyRule,
    /// Where it stands, such as `/headlines/0`.
    #[schema(example = "/headlines/0")]
    pointer: String,
    /// The words in question.
    excerpt: String,
    /// Why they may be objected to.
    explanation: String,
    /// What could stand in the line instead; null where nobody has an idea.
    #[schema(required)]
    suggestion: Option<String>,
}

impl From<ads::Inspection> for Inspection {
    fn from(inspection: ads::Inspection) -> Self {
        let ads::Inspection { hints, usage } = inspection;
        let domain::port::Usage {
            provider,
            model,
            input_tokens,
            output_tokens,
            cost_micros,
            latency_ms,
            cached: _,
        } = usage;
        let hints = hints.into_iter().map(Hint::from).collect();
        Self { hints, provider, model, input_tokens, output_tokens, cost_micros, latency_ms }
    }
}

impl From<PolicyHint> for Hint {
    fn from(hint: PolicyHint) -> Self {
        let PolicyHint { rule, field, index, excerpt, explanation, suggestion } = hint;
        Self { rule, pointer: format!("/{field}s/{index}"), excerpt, explanation, suggestion }
    }
}
