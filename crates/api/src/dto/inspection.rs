use adstead_application::ads;
use adstead_domain::policy::{PolicyHint, PolicyRule};
use adstead_domain::{Language, Violations};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::analysis::Answered;
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
    #[serde(flatten)]
    by: Answered,
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
        Self { hints: hints.into_iter().map(Hint::from).collect(), by: usage.into() }
    }
}

impl From<PolicyHint> for Hint {
    fn from(hint: PolicyHint) -> Self {
        let PolicyHint { rule, field, index, excerpt, explanation, suggestion } = hint;
        Self { rule, pointer: format!("/{field}s/{index}"), excerpt, explanation, suggestion }
    }
}
