//! `/platforms`

use std::sync::LazyLock;

use adstead_domain::Sha256Digest;
use axum::body::Bytes;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::platform::Platforms;
use crate::versions::IfNoneMatch;

/// The route of the platforms' limits.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(list))
}

/// The table as it is sent. It is compiled into the binary and the same for everybody, so it is written out once for the
/// life of the process: an entry of the cache would only be a second copy, with a time to outlive and a size to count.
static TABLE: LazyLock<Table> = LazyLock::new(Table::new);

struct Table {
    json: Bytes,
    /// Other limits, of another build, have another tag.
    tag: String,
}

impl Table {
    fn new() -> Self {
        let json =
            serde_json::to_vec(&Platforms::all()).expect("texts and numbers under fixed names are JSON");
        Self { tag: format!("\"{}\"", Sha256Digest::of(&json)), json: json.into() }
    }
}

/// Read what the platforms take
///
/// For each platform the types of ad that it offers, and for each of them how many lines of what length, with sources.
/// It changes with the server's version only: keep it for as long as `Cache-Control` says.
#[utoipa::path(get, path = "/platforms", tag = "platforms", operation_id = "list_platforms",
    params(("If-None-Match" = Option<String>, Header, description = "The `ETag` that you have: the answer is then 304")),
    responses(
        (status = 200, description = "The table of limits", body = Platforms, headers(
            ("ETag" = String, description = "Another one where the table is another"),
            ("Cache-Control" = String, description = "For how many seconds it need not be asked for again"),
        )),
        (status = 304, description = "You have it"),
    ))]
async fn list(_caller: Caller, known: IfNoneMatch) -> Response {
    // An hour: that late at most does anybody learn what a newer version of the server knows.
    let about = [(header::ETAG, &*TABLE.tag), (header::CACHE_CONTROL, "private, max-age=3600")];
    if known.has(&TABLE.tag) {
        return (StatusCode::NOT_MODIFIED, about).into_response();
    }
    (about, [(header::CONTENT_TYPE, "application/json")], TABLE.json.clone()).into_response()
}
