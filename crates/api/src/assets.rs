//! `/assets`

mod content;
mod granted;
mod renditions;
mod served;
mod upload;
mod uploads;

use adstead_application::assets::Uploaded;
use adstead_domain::AssetId;
use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::asset::Asset;
use crate::input::Params;
use crate::paging::{Items, Listing, PageParams};
use crate::path::Id;
use crate::problem::Problem;

pub(crate) use upload::FORM_OVERHEAD;

/// The path below which files are read and stored by grants.
pub const GRANTED_FILES: &str = "/v1/files/";

/// The routes of assets, but for the upload, which takes its time.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get, delete))
        .merge(content::routes())
        .merge(uploads::routes())
        .merge(granted::routes())
        .merge(renditions::routes())
}

/// The routes that take files in.
pub(crate) fn upload_routes() -> OpenApiRouter<ApiState> {
    upload::routes().merge(granted::upload_routes())
}

/// The answer to an upload: the asset, new or not.
fn taken_in(uploaded: Uploaded) -> Response {
    let Uploaded { asset, is_new } = uploaded;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    let location = [(header::LOCATION, format!("/v1/assets/{}", asset.id))];
    (status, location, Json(Asset::from(asset))).into_response()
}

/// The bytes of a file.
#[derive(ToSchema)]
#[schema(as = File, value_type = String, format = Binary)]
#[expect(dead_code, reason = "the document is made from it; files are read and sent as a stream")]
struct FileBytes(Vec<u8>);

/// List assets
///
/// Newest first.
#[utoipa::path(get, path = "/assets", tag = "assets", operation_id = "list_assets",
    params(PageParams), responses((status = 200, description = "A page of assets", body = Items<Asset>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(asked): Params<PageParams>,
) -> Result<Json<Items<Asset>>, Problem> {
    let list = api.list(&actor, Listing::Assets);
    let assets = api.application.find_assets.list(&actor, list.page(asked)?).await?;
    Ok(Json(list.answer(assets)))
}

/// Read what is known of an asset
#[utoipa::path(get, path = "/assets/{id}", tag = "assets", operation_id = "get_asset",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The asset", body = Asset)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AssetId>,
) -> Result<Json<Asset>, Problem> {
    Ok(Json(api.application.find_assets.get(&actor, id).await?.into()))
}

/// Remove an asset
///
/// Refused while an ad that is not archived shows it.
#[utoipa::path(delete, path = "/assets/{id}", tag = "assets", operation_id = "delete_asset",
    params(("id" = Uuid, Path)), responses((status = 204, description = "The asset is gone")))]
async fn delete(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AssetId>,
) -> Result<StatusCode, Problem> {
    api.application.delete_asset.execute(&actor, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
