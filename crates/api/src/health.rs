//! `/healthz` and `/readyz`: for load balancers and orchestrators, without a key.

use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::dto::system::Health;
use crate::problem::Problem;

/// The routes that need no key.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(alive)).routes(routes!(ready))
}

/// Ask whether the server lives
///
/// Nothing outside is asked: where there is no answer, restart it.
#[utoipa::path(get, path = "/healthz", tag = "system", operation_id = "get_health", security(()),
    responses((status = 200, description = "It lives", body = Health)))]
async fn alive() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Ask whether the server can serve requests
///
/// The database is in reach and its schema is this build's.
#[utoipa::path(get, path = "/readyz", tag = "system", operation_id = "get_readiness", security(()),
    responses((status = 200, description = "It can", body = Health)))]
async fn ready(State(api): State<ApiState>) -> Result<Json<Health>, Problem> {
    api.system.ready().await.map(|()| Json(Health { status: "ok" })).map_err(Problem::not_ready)
}
