//! `/campaigns`

use adstead_domain::{Actor, CampaignId, CampaignStep, Version};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::campaign::{Campaign, CampaignEditInput, CampaignInput, CampaignParams};
use crate::input::{Input, Params};
use crate::paging::{Items, Listing};
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::{IfMatch, IfMatchHeader, IfNoneMatch, Versioned};

/// The routes of campaigns.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(create, list))
        .routes(routes!(get, edit))
        .routes(routes!(activate))
        .routes(routes!(pause))
        .routes(routes!(complete))
        .routes(routes!(archive))
}

/// Make a campaign
///
/// It begins as a draft. The first campaign of an account decides its currency.
#[utoipa::path(post, path = "/campaigns", tag = "campaigns", operation_id = "create_campaign",
    request_body = CampaignInput, responses((status = 201, description = "The campaign", body = Campaign)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Input(new): Input<CampaignInput>,
) -> Result<Response, Problem> {
    let campaign = api.application.create_campaign.execute(&actor, new).await?;
    let path = format!("/v1/campaigns/{}", campaign.id);
    Ok(Versioned::from(campaign).created(path))
}

/// List campaigns
///
/// Newest first.
#[utoipa::path(get, path = "/campaigns", tag = "campaigns", operation_id = "list_campaigns",
    params(CampaignParams), responses((status = 200, description = "A page of campaigns", body = Items<Campaign>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params((status, asked)): Params<CampaignParams>,
) -> Result<Json<Items<Campaign>>, Problem> {
    let list = api.list(&actor, Listing::Campaigns { status });
    let campaigns = api.application.find_campaigns.list(&actor, status, list.page(asked)?).await?;
    Ok(Json(list.answer(campaigns)))
}

/// Read a campaign
#[utoipa::path(get, path = "/campaigns/{id}", tag = "campaigns", operation_id = "get_campaign",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The campaign", body = Campaign)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let campaign = api.application.find_campaigns.get(&actor, id).await?;
    Ok(Versioned::from(campaign).unless(&known))
}

/// Change a campaign
///
/// What is left out stays as it is. A completed or archived campaign cannot be changed.
#[utoipa::path(patch, path = "/campaigns/{id}", tag = "campaigns", operation_id = "edit_campaign",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = CampaignEditInput,
    responses((status = 200, description = "The campaign", body = Campaign)))]
async fn edit(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    IfMatch(seen): IfMatch,
    Input(edit): Input<CampaignEditInput>,
) -> Result<Versioned<Campaign>, Problem> {
    Ok(api.application.edit_campaign.execute(&actor, id, edit, seen).await?.into())
}

/// Activate a campaign
///
/// `draft` or `paused` → `active`, inside its schedule and its budget.
#[utoipa::path(post, path = "/campaigns/{id}/activate", tag = "campaigns", operation_id = "activate_campaign",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The campaign", body = Campaign)))]
async fn activate(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Campaign>, Problem> {
    Ok(api.application.step_campaign.activate(&actor, id, seen).await?.into())
}

/// Pause a campaign
///
/// `active` → `paused`.
#[utoipa::path(post, path = "/campaigns/{id}/pause", tag = "campaigns", operation_id = "pause_campaign",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The campaign", body = Campaign)))]
async fn pause(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Campaign>, Problem> {
    step(&api, &actor, id, CampaignStep::Pause, seen).await
}

/// Complete a campaign
///
/// `active` or `paused` → `completed`, for good.
#[utoipa::path(post, path = "/campaigns/{id}/complete", tag = "campaigns", operation_id = "complete_campaign",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The campaign", body = Campaign)))]
async fn complete(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Campaign>, Problem> {
    step(&api, &actor, id, CampaignStep::Complete, seen).await
}

/// Archive a campaign
///
/// `draft`, `paused` or `completed` → `archived`, for good.
#[utoipa::path(post, path = "/campaigns/{id}/archive", tag = "campaigns", operation_id = "archive_campaign",
    params(("id" = Uuid, Path), IfMatchHeader), responses((status = 200, description = "The campaign", body = Campaign)))]
async fn archive(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<CampaignId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<Campaign>, Problem> {
    step(&api, &actor, id, CampaignStep::Archive, seen).await
}

async fn step(
    api: &ApiState,
    actor: &Actor,
    id: CampaignId,
    step: CampaignStep,
    seen: Option<Version>,
) -> Result<Versioned<Campaign>, Problem> {
    Ok(api.application.step_campaign.execute(actor, id, step, seen).await?.into())
}
