//! `/uploads`: files that are stored past the API.

use adstead_application::assets::Uploaded;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::taken_in;
use crate::ApiState;
use crate::caller::Caller;
use crate::dto::asset::{Asset, Upload, UploadInput};
use crate::input::Input;
use crate::problem::Problem;

pub(super) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(begin)).routes(routes!(complete)).routes(routes!(give_up))
}

/// Begin an upload past the API
///
/// The answer holds a request that stores the file where it is kept, without a detour through this server. Send it,
/// then complete the upload. An upload that is not completed goes away by itself.
#[utoipa::path(post, path = "/uploads", tag = "assets", operation_id = "begin_upload", request_body = UploadInput,
    responses((status = 201, description = "The upload", body = Upload)))]
async fn begin(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input(planned): Input<UploadInput>,
) -> Result<Response, Problem> {
    let begun = api.application.begin_upload.execute(&actor, planned).await?;
    let location = [(header::LOCATION, format!("/v1/uploads/{}", begun.ticket))];
    Ok((StatusCode::CREATED, location, Json(Upload::from(begun))).into_response())
}

/// Complete an upload
///
/// The file is looked at as any upload is, and becomes an asset, or is removed and the answer says why. Where the account
/// has an asset of that content already, that asset is answered with 200. An upload is completed once: name the call by an
/// `Idempotency-Key` to hear the answer again.
#[utoipa::path(post, path = "/uploads/{id}/complete", tag = "assets", operation_id = "complete_upload",
    params(("id" = String, Path, description = "The `id` of the upload")),
    responses(
        (status = 200, description = "The asset that the account had already", body = Asset),
        (status = 201, description = "The asset", body = Asset),
    ))]
async fn complete(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
) -> Result<Response, Problem> {
    let uploaded: Uploaded = api.application.complete_upload.execute(&actor, &ticket).await?;
    Ok(taken_in(uploaded))
}

/// Give an upload up
///
/// What was stored of it is removed.
#[utoipa::path(delete, path = "/uploads/{id}", tag = "assets", operation_id = "give_up_upload",
    params(("id" = String, Path, description = "The `id` of the upload")),
    responses((status = 204, description = "Nothing is left of it")))]
async fn give_up(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Path(ticket): Path<String>,
) -> Result<StatusCode, Problem> {
    api.application.complete_upload.give_up(&actor, &ticket).await?;
    Ok(StatusCode::NO_CONTENT)
}
