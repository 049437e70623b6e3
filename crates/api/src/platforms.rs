//! `/platforms`

use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::platform::Platforms;

/// The route of the platforms' limits.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// Read what the platforms take
///
/// For each platform the types of ad that it offers, and for each of them how many lines of what length, with sources.
#[utoipa::path(get, path = "/platforms", tag = "platforms", operation_id = "list_platforms",
    responses((status = 200, description = "The table of limits", body = Platforms)))]
async fn list(_caller: Caller) -> Json<Platforms> {
    Json(Platforms::all())
}
