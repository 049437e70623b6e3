//! `/system`

use adstead_domain::Permission;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::system::{Services, SystemStatus};
use crate::problem::Problem;

/// The routes of the system's state.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(status)).routes(routes!(services))
}

/// Read how this node is doing
///
/// For admins: what it counted of its database, cache, storage and services since its start.
#[utoipa::path(get, path = "/system/status", tag = "system", operation_id = "get_system_status",
    responses((status = 200, description = "The figures", body = SystemStatus)))]
async fn status(State(api): State<ApiState>, Caller(actor): Caller) -> Result<Json<SystemStatus>, Problem> {
    actor.must(Permission::Administer)?;
    Ok(Json(api.system.statistics().into()))
}

/// Read how the external services are doing
///
/// For admins: whether each service can be called, and how its last calls went, as this node sees it. Services may be away while
/// the node is ready.
#[utoipa::path(get, path = "/system/services", tag = "system", operation_id = "list_services",
    responses((status = 200, description = "The services", body = Services)))]
async fn services(State(api): State<ApiState>, Caller(actor): Caller) -> Result<Json<Services>, Problem> {
    actor.must(Permission::Administer)?;
    Ok(Json(api.system.statistics().services.into()))
}
