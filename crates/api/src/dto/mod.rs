//! The shapes of the API: what clients write (structs of fields), and what they read.

pub(crate) mod ad;
pub(crate) mod ad_group;
pub(crate) mod analysis;
pub(crate) mod asset;
pub(crate) mod budget;
pub(crate) mod budget_use;
pub(crate) mod campaign;
pub(crate) mod event;
pub(crate) mod funnel;
pub(crate) mod generation;
pub(crate) mod inspection;
pub(crate) mod model_spend;
pub(crate) mod optimization;
pub(crate) mod platform;
pub(crate) mod prediction;
pub(crate) mod report;
pub(crate) mod schedule;
pub(crate) mod subscription;
pub(crate) mod summary;
pub(crate) mod system;
pub(crate) mod targeting;
pub(crate) mod words;

use utoipa::ToSchema;

/// Something that is allowed but that its author should know.
#[derive(serde::Serialize, ToSchema)]
pub(crate) struct Warning {
    /// Where, as a JSON pointer (RFC 6901).
    #[schema(example = "/headlines/0")]
    pointer: String,
    /// What it is and what may come of it.
    message: String,
}

impl From<adstead_domain::Warning> for Warning {
    fn from(warning: adstead_domain::Warning) -> Self {
        let adstead_domain::Warning { pointer, message } = warning;
        Self { pointer, message }
    }
}
