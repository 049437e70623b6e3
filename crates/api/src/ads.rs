//! `/ad-groups/{id}/ads` and `/ads`

use adstead_domain::{Actor, AdGroupId, AdId, AdStep, Decision, Version};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::ad::{Ad, AdEditInput, AdInput, AdParams, ApprovalInput, RejectionInput};
use crate::input::{Input, InputOrNothing, Params};
use crate::paging::{Items, Listing};
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::{IfMatch, IfMatchHeader, IfNoneMatch, Versioned};

/// The routes of ads.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create))
        .routes(routes!(list))
        .routes(routes!(get, edit))
        .routes(routes!(submit))
        .routes(routes!(approve))
        .routes(routes!(reject))
        .routes(routes!(revise))
        .routes(routes!(activate))
        .routes(routes!(pause))
        .routes(routes!(archive))
}

/// Make an ad
///
/// It begins as a draft, on its campaign's platform. What is there keeps that platform's hard limits.
#[utoipa::path(post, path = "/ad-groups/{id}/ads", tag = "ads", operation_id = "create_ad",
    params(("id" = Uuid, Path, description = "The ad group")), request_body = AdInput,
    responses((status = 201, description = "The ad", body = Ad)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(group): Id<AdGroupId>,
    Input(new): Input<AdInput>,
) -> Result<Response, Problem> {
    let ad = api.application.create_ad.execute(&actor, group, new).await?;
    let path = format!("/v1/ads/{}", ad.id);
    Ok(Versioned::from(ad).created(path))
}

/// List ads
///
/// Newest first.
#[utoipa::path(get, path = "/ads", tag = "ads", operation_id = "list_ads",
    params(AdParams), responses((status = 200, description = "A page of ads", body = Items<Ad>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params((filter, asked)): Params<AdParams>,
) -> Result<Json<Items<Ad>>, Problem> {
    let list = api.list(&actor, Listing::Ads(filter));
    let ads = api.application.find_ads.list(&actor, filter, list.page(asked)?).await?;
    Ok(Json(list.answer(ads)))
}

/// Read an ad
#[utoipa::path(get, path = "/ads/{id}", tag = "ads", operation_id = "get_ad",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The ad", body = Ad)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let ad = api.application.find_ads.get(&actor, id).await?;
    Ok(Versioned::from(ad).unless(&known))
}

/// Change an ad
///
/// What is left out stays as it is. New content sends the ad back to `draft`, since nobody has reviewed it.
#[utoipa::path(patch, path = "/ads/{id}", tag = "ads", operation_id = "edit_ad",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = AdEditInput,
    responses((status = 200, description = "The ad", body = Ad)))]
async fn edit(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
    Input(edit): Input<AdEditInput>,
) -> Result<Versioned<Ad>, Problem> {
    Ok(api.application.edit_ad.execute(&actor, id, edit, seen).await?.into())
}

/// Approve an ad
///
/// `pending_review` → `approved`. Who edited the ad cannot approve it, unless the account turned that rule off.
#[utoipa::path(post, path = "/ads/{id}/approve", tag = "ads", operation_id = "approve_ad",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = Option<ApprovalInput>,
    responses((status = 200, description = "The ad", body = Ad)))]
async fn approve(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
    InputOrNothing(notes): InputOrNothing<ApprovalInput>,
) -> Result<Versioned<Ad>, Problem> {
    Ok(api.application.review_ad.execute(&actor, id, Decision::Approved, notes, seen).await?.into())
}

/// Reject an ad
///
/// `pending_review` → `rejected`.
#[utoipa::path(post, path = "/ads/{id}/reject", tag = "ads", operation_id = "reject_ad",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = RejectionInput,
    responses((status = 200, description = "The ad", body = Ad)))]
async fn reject(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
    Input(reason): Input<RejectionInput>,
) -> Result<Versioned<Ad>, Problem> {
    Ok(api.application.review_ad.execute(&actor, id, Decision::Rejected, Some(reason), seen).await?.into())
}

/// Submit an ad for review
///
/// `draft` → `pending_review`. The ad must be complete by its platform's limits.
#[utoipa::path(post, path = "/ads/{id}/submit", tag = "ads", operation_id = "submit_ad",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The ad", body = Ad)))]
async fn submit(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Ad>, Problem> {
    step(&api, &actor, id, AdStep::Submit, seen).await
}

/// Revise a rejected ad
///
/// `rejected` → `draft`.
#[utoipa::path(post, path = "/ads/{id}/revise", tag = "ads", operation_id = "revise_ad",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The ad", body = Ad)))]
async fn revise(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Ad>, Problem> {
    step(&api, &actor, id, AdStep::Revise, seen).await
}

/// Activate an ad
///
/// `approved` or `paused` → `active`, inside its campaign's schedule and budget and its group's budget.
#[utoipa::path(post, path = "/ads/{id}/activate", tag = "ads", operation_id = "activate_ad",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The ad", body = Ad)))]
async fn activate(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Ad>, Problem> {
    Ok(api.application.step_ad.activate(&actor, id, seen).await?.into())
}

/// Pause an ad
///
/// `active` → `paused`.
#[utoipa::path(post, path = "/ads/{id}/pause", tag = "ads", operation_id = "pause_ad",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The ad", body = Ad)))]
async fn pause(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Ad>, Problem> {
    step(&api, &actor, id, AdStep::Pause, seen).await
}

/// Archive an ad
///
/// `draft`, `rejected`, `approved` or `paused` → `archived`, for good.
#[utoipa::path(post, path = "/ads/{id}/archive", tag = "ads", operation_id = "archive_ad",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The ad", body = Ad)))]
async fn archive(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Ad>, Problem> {
    step(&api, &actor, id, AdStep::Archive, seen).await
}

async fn step(
    api: &ApiState,
    actor: &Actor,
    id: AdId,
    step: AdStep,
    seen: Option<Version>,
) -> Result<Versioned<Ad>, Problem> {
    Ok(api.application.step_ad.execute(actor, id, step, seen).await?.into())
}
