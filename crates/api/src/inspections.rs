//! `/ads/{id}/inspections`

use adstead_domain::AdId;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::inspection::{Inspection, InspectionInput};
use crate::input::Input;
use crate::path::Id;
use crate::problem::Problem;

/// The route that waits for a reader.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Look for what a platform may object to
///
/// In what the ad says, line by line: results that nobody can promise, superlatives without a proof, personal attributes of the
/// reader. Hints for whoever reviews it, by a model and by phrases that are well known for it; nothing is kept, and no hint keeps
/// anybody from approving the ad. `offline` knows phrases of English and Spanish.
#[utoipa::path(post, path = "/ads/{id}/inspections", tag = "ads", operation_id = "inspect_ad",
    params(("id" = Uuid, Path)), request_body = InspectionInput,
    responses((status = 200, description = "The hints, and who gave them", body = Inspection)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    Input((language, provider)): Input<InspectionInput>,
) -> Result<Json<Inspection>, Problem> {
    Ok(Json(api.application.inspect_copy.execute(&actor, id, language, provider).await?.into()))
}
