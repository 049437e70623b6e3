//! `/analyses`

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::analysis::{AudienceAnalysis, AudienceInput, VoiceAnalysis, VoiceInput};
use crate::input::Input;
use crate::problem::Problem;

/// The routes that wait for an analyst.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(brand_voice)).routes(routes!(audience))
}

/// Hear how a brand speaks
///
/// From texts that it has written; the answer's `brand_voice` is fit for a brief. It needs a model: `offline` says so. Nothing is
/// kept.
#[utoipa::path(post, path = "/analyses/brand-voice", tag = "generations", operation_id = "analyse_brand_voice",
    request_body = VoiceInput,
    responses((status = 200, description = "How it speaks, and who says so", body = VoiceAnalysis)))]
async fn brand_voice(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input((samples, provider)): Input<VoiceInput>,
) -> Result<Json<VoiceAnalysis>, Problem> {
    Ok(Json(api.application.analyse.brand_voice(&actor, samples, provider).await?.into()))
}

/// Hear whom a product is for
///
/// Groups of people, the most likely first, each with what to tell them. It needs a model: `offline` says so. Nothing is kept.
#[utoipa::path(post, path = "/analyses/audience", tag = "generations", operation_id = "analyse_audience",
    request_body = AudienceInput,
    responses((status = 200, description = "Whom it is for, and who says so", body = AudienceAnalysis)))]
async fn audience(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input((brief, provider)): Input<AudienceInput>,
) -> Result<Json<AudienceAnalysis>, Problem> {
    Ok(Json(api.application.analyse.audience(&actor, brief, provider).await?.into()))
}
