use std::error::Error as StdError;
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use adstead_application::Error;
use adstead_application::assets::{NewAsset, Uploaded};
use adstead_domain::port::{ByteStream, PortError, PortErrorKind};
use adstead_domain::{Actor, AssetName, ContentType, Permission, Violation};
use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::response::Response;
use futures::{Stream, StreamExt, TryStreamExt, stream};
use multer::{Constraints, Field, Multipart, SizeLimit};
use tracing::Instrument;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{FileBytes, taken_in};
use crate::ApiState;
use crate::caller::Caller;
use crate::dto::asset::{Asset, UploadParams};
use crate::input::{Params, media_type};
use crate::problem::{Problem, ProblemKind};

/// The route of uploads that pass through here.
pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create))
}

/// Upload a file
///
/// The body is the file, under its own type or `application/octet-stream`, with its name in the query; or it is a form
/// with one file. The type is what the content shows: a file that is declared as another is refused. An account has a content
/// once: where it has this one already, that asset is answered with 200.
#[utoipa::path(post, path = "/assets", tag = "assets", operation_id = "upload_asset", params(UploadParams),
    request_body(content((FileBytes = "application/octet-stream"), (FileForm = "multipart/form-data")), description = "The file"),
    responses(
        (status = 200, description = "The asset of that content, which the account had already", body = Asset),
        (status = 201, description = "The asset", body = Asset),
    ))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(name): Params<UploadParams>,
    request: Request,
) -> Result<Response, Problem> {
    actor.must(Permission::Write)?;
    let new = new_asset(name, request, api.limits.max_upload).await?;
    Ok(taken_in(to_its_end(api, actor, new).await.map_err(refused)?))
}

/// Runs the upload as a task of its own: where its client hangs up once the file is stored, what is known of the file
/// is stored nevertheless. A client that hangs up before that breaks the body off, which the upload learns from it.
async fn to_its_end(api: ApiState, actor: Actor, new: NewAsset) -> Result<Uploaded, Error> {
    let upload = async move { api.application.upload_asset.execute(&actor, new).await };
    match tokio::spawn(upload.in_current_span()).await {
        Ok(outcome) => outcome,
        // Nobody aborts the task, so it panicked.
        Err(lost) => panic::resume_unwind(lost.into_panic()),
    }
}

/// What a form may add to its file: the parts have headers of their own.
pub(crate) const FORM_OVERHEAD: u64 = 64 * 1024;

/// A form with one file.
#[derive(utoipa::ToSchema)]
#[expect(dead_code, reason = "the document is made from it; forms are read as a stream")]
struct FileForm {
    file: FileBytes,
}

async fn new_asset(name: Option<AssetName>, request: Request, most: u64) -> Result<NewAsset, Problem> {
    let (parts, body) = request.into_parts();

    if content_length(&parts.headers).is_some_and(|length| length > most + FORM_OVERHEAD) {
        return Err(Problem::too_large(most));
    }
    match media_type(&parts.headers).as_deref() {
        Some("multipart/form-data") => file_of_form(name, &parts.headers, body, most).await,
        declared => Ok(NewAsset {
            name: name.ok_or_else(|| no_name("add ?name= to the path"))?,
            declared: declared_type(declared)?,
            content: body.into_data_stream().map_err(broken_off).boxed(),
        }),
    }
}

async fn file_of_form(
    name: Option<AssetName>,
    headers: &HeaderMap,
    body: Body,
    most: u64,
) -> Result<NewAsset, Problem> {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let boundary =
        multer::parse_boundary(content_type.unwrap_or_default()).map_err(|fault| bad_form(&fault))?;
    let has_file = Arc::new(AtomicBool::new(false));
    let whole = SizeLimit::new().whole_stream(most + FORM_OVERHEAD);
    let pieces = short_preamble(body, Arc::clone(&has_file));
    let mut form = Multipart::with_constraints(pieces, boundary, Constraints::new().size_limit(whole));
    let file = form.next_field().await.map_err(|fault| bad_form(&fault))?;
    has_file.store(true, Ordering::Relaxed);
    let file = file.ok_or_else(|| Problem::malformed("the form is empty: send one file in it"))?;
    let name = match name {
        Some(name) => name,
        None => AssetName::sanitised(
            file.file_name()
                .ok_or_else(|| no_name("give the form's part a filename, or add ?name= to the path"))?,
        ),
    };
    let declared = declared_type(file.content_type().map(AsRef::as_ref))?;
    Ok(NewAsset { name, declared, content: only_file(file, form) })
}

/// The form's bytes, of which little may come before the file: all of that is held in memory.
fn short_preamble(
    body: Body,
    has_file: Arc<AtomicBool>,
) -> impl Stream<Item = Result<Bytes, BoxError>> + Send + 'static {
    let mut passed = 0;
    body.into_data_stream().map(move |piece| {
        if passed > FORM_OVERHEAD && !has_file.load(Ordering::Relaxed) {
            return Err("the form's head is longer than 64 KiB: send the file in its first part".into());
        }
        let piece = piece?;
        passed += piece.len() as u64;
        Ok(piece)
    })
}

/// The bytes of the form's first file; a second file is an error at the end, so that neither is stored.
fn only_file(file: Field<'static>, mut form: Multipart<'static>) -> ByteStream {
    let end = async move {
        match form.next_field().await {
            Ok(None) => None,
            Ok(Some(_)) => {
                Some(Err(BrokenUpload("the form holds more than one file: send one at a time").into()))
            }
            Err(fault) => Some(Err(broken_off(fault))),
        }
    };
    file.map_err(broken_off).chain(stream::once(end).filter_map(std::future::ready)).boxed()
}

fn declared_type(named: Option<&str>) -> Result<Option<ContentType>, Problem> {
    let named = named.filter(|named| *named != "application/octet-stream");
    let parsed = named.map(str::parse).transpose();
    parsed.map_err(|fault: Violation| Problem::new(ProblemKind::UnsupportedMediaType, fault.message()))
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn no_name(advice: &str) -> Problem {
    Violation::invalid(format!("the file has no name: {advice}")).at("/name").into()
}

fn bad_form(fault: &multer::Error) -> Problem {
    match fault {
        multer::Error::StreamReadFailed(why) => Problem::malformed(format!("the form cannot be read: {why}")),
        fault => Problem::malformed(format!("the form cannot be read: {fault}")),
    }
}

/// Why an upload could not be read to its end, in words for its sender.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct BrokenUpload(&'static str);

impl From<BrokenUpload> for PortError {
    fn from(broken: BrokenUpload) -> Self {
        Self::new(PortErrorKind::Rejected, "request.body").with_source(broken)
    }
}

pub(super) fn broken_off(_: impl StdError) -> PortError {
    BrokenUpload("the upload broke off, or stood still for too long: send the file again").into()
}

/// What came of an upload that was not stored: the fault of its sender where the body could not be read.
pub(super) fn refused(error: Error) -> Problem {
    if let Error::Port(PortError { source: Some(source), .. }) = &error
        && let Some(broken) = source.downcast_ref::<BrokenUpload>()
    {
        return Problem::malformed(broken.to_string());
    }
    error.into()
}
