//! `/files`: files for whoever holds a signed address, where the storage cannot serve them by itself.

use adstead_domain::port::{ByteStream, MediaType};
use adstead_domain::{FileGrant, FileLeave, NoGrant};
use axum::extract::{FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use futures::{StreamExt, TryStreamExt};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::FileBytes;
use super::served::Served;
use super::upload::{broken_off, refused};
use crate::input::media_type;
use crate::problem::{Problem, ProblemKind};
use crate::versions::IfNoneMatch;
use crate::{ApiState, strays};

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read))
}

pub(super) fn upload_routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(store))
}

/// Read a file by its signed address
///
/// The whole file, or one range of its bytes. `HEAD` answers the headers alone. The address is all that is asked for.
#[utoipa::path(get, path = "/files/{grant}", tag = "assets", operation_id = "get_granted_file",
    params(
        ("grant" = String, Path, description = "Leave to read the file, as `create_asset_link` gave it"),
        ("Range" = Option<String>, Header, description = "One range of bytes; more than one are answered with the whole", example = "bytes=0-1023"),
        ("If-Range" = Option<String>, Header, description = "The `ETag` that the range is of: at another one, the whole is answered"),
        ("If-None-Match" = Option<String>, Header, description = "The `ETag` that you have: the answer is then 304"),
    ),
    responses(
        (status = 200, description = "The content", headers(("ETag" = String, description = "A tag of the content in quotes")), body = FileBytes, content_type = "*/*"),
        (status = 206, description = "The range", body = FileBytes, content_type = "*/*"),
        (status = 304, description = "You have it"),
        (status = 416, description = "The file has no such bytes"),
    ))]
async fn read(
    State(api): State<ApiState>,
    Granted(grant): Granted,
    known: IfNoneMatch,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let files = &api.application.granted_files;
    let FileLeave::Read { content_type, content_disposition } = &grant.leave else {
        return Err(not_for_this(&grant));
    };
    let info = files.head(&grant).await?;
    let stored = info.content_type.as_ref();
    let served = Served {
        tag: format!("\"{}\"", info.tag),
        size: info.size_bytes,
        content_type: content_type
            .as_ref()
            .or(stored)
            .map_or("application/octet-stream", MediaType::as_str)
            .to_owned(),
        disposition: content_disposition.clone().unwrap_or_else(|| "attachment".to_owned()),
    };
    served.answer(&headers, &known, async |range| Ok(files.read(&grant, range).await?.bytes)).await
}

/// Store a file by its signed address
///
/// It must have the size and the type that were agreed on. The address is all that is asked for.
#[utoipa::path(put, path = "/files/{grant}", tag = "assets", operation_id = "store_granted_file",
    params(("grant" = String, Path, description = "Leave to store the file, as `begin_upload` gave it")),
    request_body(content((FileBytes = "*/*")), description = "The file"),
    responses((status = 204, description = "The file is stored")))]
async fn store(
    State(api): State<ApiState>,
    Granted(grant): Granted,
    request: Request,
) -> Result<StatusCode, Problem> {
    let files = &api.application.granted_files;
    let FileLeave::Store { content_type, .. } = &grant.leave else { return Err(not_for_this(&grant)) };
    let sent = media_type(request.headers());
    if let Some(agreed) = content_type.as_ref().filter(|agreed| sent.as_deref() != Some(agreed.as_str())) {
        let detail = format!("the file must be sent as {agreed}: set Content-Type to it");
        return Err(Problem::new(ProblemKind::UnsupportedMediaType, detail));
    }
    let content: ByteStream = request.into_body().into_data_stream().map_err(broken_off).boxed();
    files.store(&grant, content).await.map_err(refused)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The leave that the path is. As an argument it stands before the body, so that a stranger's body is never read.
struct Granted(FileGrant);

impl FromRequestParts<ApiState> for Granted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Problem> {
        let Path(sealed) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|rejection| Problem::new(ProblemKind::NotFound, rejection.body_text()))?;
        let grant = state.application.granted_files.open(&sealed)?;
        strays::refused(parts)?;
        Ok(Self(grant))
    }
}

fn not_for_this(grant: &FileGrant) -> Problem {
    let use_it = match grant.leave {
        FileLeave::Read { .. } => "the address is for reading the file: use GET",
        FileLeave::Store { .. } => "the address is for storing the file: use PUT",
    };
    Problem::new(ProblemKind::Forbidden, use_it)
}

impl From<NoGrant> for Problem {
    fn from(none: NoGrant) -> Self {
        Self::new(ProblemKind::Forbidden, none.to_string())
    }
}
