use adstead_domain::{Asset, AssetId};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::FileBytes;
use crate::ApiState;
use crate::caller::Caller;
use crate::path::Id;
use crate::problem::{Problem, ProblemKind};
use crate::range::{Wanted, wanted};
use crate::versions::IfNoneMatch;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(read))
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
    let asset = api.application.find_assets.get(&actor, id).await?;
    let tag = format!("\"{}\"", asset.sha256);
    if known.has(&tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let size = asset.size_bytes;
    let (status, range) = match wanted(range_of(&headers, &tag), size) {
        Wanted::Everything => (StatusCode::OK, None),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, Some(part)),
        Wanted::Nothing => return Ok(no_such_range(size)),
    };
    let content = api.application.find_assets.content(&asset, range.clone()).await?;
    let sent = range.as_ref().map_or(size, |part| part.end - part.start);
    let mut response = (status, about(&asset, tag), Body::from_stream(content)).into_response();
    response.headers_mut().insert(header::CONTENT_LENGTH, sent.into());
    if let Some(part) = range {
        let bytes = format!("bytes {}-{}/{size}", part.start, part.end - 1);
        let bytes = HeaderValue::try_from(bytes).expect("digits are a header value");
        response.headers_mut().insert(header::CONTENT_RANGE, bytes);
    }
    Ok(response)
}

/// The range that is asked for, unless it is of another content than this.
fn range_of<'a>(headers: &'a HeaderMap, tag: &str) -> Option<&'a str> {
    let of_another = headers.get(header::IF_RANGE).is_some_and(|known| known.as_bytes() != tag.as_bytes());
    let range = headers.get(header::RANGE).filter(|_| !of_another)?;
    range.to_str().ok()
}

fn no_such_range(size: u64) -> Response {
    let problem = Problem::new(
        ProblemKind::RangeNotSatisfiable,
        format!("the file has {size} bytes: ask for some of them"),
    );
    ([(header::CONTENT_RANGE, format!("bytes */{size}"))], problem).into_response()
}

/// What a file is called and is; that it may be shown but never run, whatever it holds.
fn about(asset: &Asset, tag: String) -> [(HeaderName, String); 7] {
    [
        (header::CONTENT_TYPE, asset.content_type.as_str().to_owned()),
        (header::ETAG, tag),
        (header::ACCEPT_RANGES, "bytes".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(asset.name.as_str())),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox".to_owned()),
        (header::CACHE_CONTROL, "private, no-cache".to_owned()),
    ]
}

/// The file's name (RFC 6266), in full as UTF-8 (RFC 8187) and, for old clients, as what ASCII can say of it.
fn disposition(name: &str) -> String {
    // RFC 8187, section 3.2.1: attr-char.
    const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
        .remove(b'!')
        .remove(b'#')
        .remove(b'$')
        .remove(b'&')
        .remove(b'+')
        .remove(b'-')
        .remove(b'.')
        .remove(b'^')
        .remove(b'_')
        .remove(b'`')
        .remove(b'|')
        .remove(b'~');
    let plain = |c: char| if c.is_ascii() && !matches!(c, '"' | '\\' | '%') { c } else { '_' };
    let ascii: String = name.chars().map(plain).collect();
    format!("inline; filename=\"{ascii}\"; filename*=UTF-8''{}", utf8_percent_encode(name, ENCODED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_travels_in_full_and_as_ascii() {
        assert_eq!(disposition("hero.png"), "inline; filename=\"hero.png\"; filename*=UTF-8''hero.png");
        assert_eq!(
            disposition("Größe \"L\".png"),
            "inline; filename=\"Gr__e _L_.png\"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20%22L%22.png"
        );
    }
}
