//! `/assets/{id}/renditions`: images in the sizes that platforms ask for.

use adstead_domain::AssetId;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::FileBytes;
use super::served::{Served, disposition};
use crate::ApiState;
use crate::caller::Caller;
use crate::dto::asset::Renditions;
use crate::path::Id;
use crate::problem::{Problem, ProblemKind};
use crate::versions::IfNoneMatch;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(read))
}

/// List an asset's renditions
///
/// The sizes that platforms ask for and that can be made of the image: none is larger than what can be cut of it. There are
/// none of a video.
#[utoipa::path(get, path = "/assets/{id}/renditions", tag = "assets", operation_id = "list_renditions",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The renditions", body = Renditions)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AssetId>,
) -> Result<Json<Renditions>, Problem> {
    let (asset, renditions) = api.application.render_asset.list(&actor, id).await?;
    Ok(Json(Renditions::of(&asset, renditions)))
}

/// Read a rendition
///
/// It is made when it is asked for first. It shows the middle of the image, upright, and carries no metadata of it.
#[utoipa::path(get, path = "/assets/{id}/renditions/{name}", tag = "assets", operation_id = "get_rendition",
    params(
        ("id" = Uuid, Path),
        ("name" = String, Path, description = "The name of the size, as `list_renditions` has it", example = "instagram-square"),
        ("Range" = Option<String>, Header, description = "One range of bytes; more than one are answered with the whole", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that the range is of: at another one, the whole is answered"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that you have: the answer is then 304"),
    ),
    responses(
        (status = 200, description = "The image", headers(("ETag" = String, description = "A tag of the content in quotes")), body = FileBytes, content_type = "*/*"),
        (status = 206, description = "The range", body = FileBytes, content_type = "*/*"),
        (status = 304, description = "You have it"),
        (status = 416, description = "The image has no such bytes"),
    ))]
async fn read(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Path((id, name)): Path<(String, String)>,
    known: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let render = &api.application.render_asset;
    let id: AssetId = id
        .parse()
        .map_err(|fault: adstead_domain::Violation| Problem::new(ProblemKind::NotFound, fault.message()))?;
    let (asset, rendition) = render.find(&actor, id, &name).await?;
    let info = render.make(&asset, rendition).await?;
    let served = Served {
        tag: format!("\"{}\"", info.tag),
        size: info.size_bytes,
        content_type: rendition.content_type.to_string(),
        disposition: disposition(&format!("{}-{}", rendition.of.name, asset.name)),
    };
    served.answer(&headers, &known, async |range| render.content(&asset, rendition, range).await).await
}
