use adstead_domain::AssetId;
use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::FileBytes;
use super::served::{Served, disposition};
use crate::ApiState;
use crate::caller::Caller;
use crate::dto::asset::{AssetLink, AssetLinkInput};
use crate::input::InputOrNothing;
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::IfNoneMatch;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read)).routes(routes!(link))
}

/// Read an asset's content
///
/// The whole file, or one range of its bytes. `HEAD` answers the headers alone.
#[utoipa::path(get, path = "/assets/{id}/content", tag = "assets", operation_id = "get_asset_content",
    params(
        ("id" = Uuid, Path),
        ("Range" = Option<String>, Header, description = "One range of bytes; more than one are answered with the whole", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that the range is of: at another one, the whole is answered"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that you have: the answer is then 304"),
    ),
    responses(
        (status = 200, description = "The content", headers(("ETag" = String, description = "The SHA-256 in quotes")), body = FileBytes, content_type = "*/*"),
        (status = 206, description = "The range", body = FileBytes, content_type = "*/*"),
        (status = 304, description = "You have it"),
        (status = 416, description = "The file has no such bytes"),
    ))]
async fn read(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AssetId>,
    known: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let find = &api.application.find_assets;
    let asset = find.get(&actor, id).await?;
    let served = Served {
        tag: format!("\"{}\"", asset.sha256),
        size: asset.size_bytes,
        content_type: asset.content_type.to_string(),
        disposition: disposition(asset.name.as_str()),
    };
    served.answer(&headers, &known, async |range| find.content(&asset, range).await).await
}

/// Make a link to an asset's content
///
/// Whoever has the link can read the content until it expires, without a key: to show it to a platform or in a page.
#[utoipa::path(post, path = "/assets/{id}/links", tag = "assets", operation_id = "create_asset_link",
    params(("id" = Uuid, Path)), request_body = Option<AssetLinkInput>,
    responses((status = 201, description = "The link", body = AssetLink)))]
async fn link(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AssetId>,
    InputOrNothing(time): InputOrNothing<AssetLinkInput>,
) -> Result<(StatusCode, Json<AssetLink>), Problem> {
    let shared = api.application.share_asset.execute(&actor, id, time, disposition).await?;
    Ok((StatusCode::CREATED, Json(shared.into())))
}
