//! `/me`

use axum::Json;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::system::Me;

/// The route that tells callers who they are.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(get))
}

/// Read whose key this is
#[utoipa::path(get, path = "/me", tag = "system", operation_id = "get_me",
    responses((status = 200, description = "The account, the user and the role of this key", body = Me)))]
async fn get(Caller(actor): Caller) -> Json<Me> {
    Json(actor.into())
}
