//! `/campaigns/{id}/ad-groups` and `/ad-groups`

use adstead_domain::{AdGroupId, CampaignId};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::ad_group::{AdGroup, AdGroupEditInput, AdGroupInput};
use crate::input::{Input, Params};
use crate::paging::{Items, Listing, PageParams};
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::{IfMatch, IfMatchHeader, IfNoneMatch, Versioned};

/// The routes of ad groups.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(get, edit))
}

/// Make an ad group
///
/// Its targeting and its budget stay inside the campaign's.
#[utoipa::path(post, path = "/campaigns/{id}/ad-groups", tag = "ad groups", operation_id = "create_ad_group",
    params(("id" = Uuid, Path, description = "The campaign")), request_body = AdGroupInput,
    responses((status = 201, description = "The ad group", body = AdGroup)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(campaign): Id<CampaignId>,
    Input(new): Input<AdGroupInput>,
) -> Result<Response, Problem> {
    let group = api.application.create_ad_group.execute(&actor, campaign, new).await?;
    let path = format!("/v1/ad-groups/{}", group.id);
    Ok(Versioned::from(group).created(path))
}

/// List a campaign's ad groups
///
/// Newest first.
#[utoipa::path(get, path = "/campaigns/{id}/ad-groups", tag = "ad groups", operation_id = "list_ad_groups",
    params(("id" = Uuid, Path, description = "The campaign"), PageParams),
    responses((status = 200, description = "A page of ad groups", body = Items<AdGroup>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(campaign): Id<CampaignId>,
    Params(asked): Params<PageParams>,
) -> Result<Json<Items<AdGroup>>, Problem> {
    let list = api.list(&actor, Listing::AdGroups { campaign });
    let groups = api.application.find_ad_groups.list(&actor, campaign, list.page(asked)?).await?;
    Ok(Json(list.answer(groups)))
}

/// Read an ad group
#[utoipa::path(get, path = "/ad-groups/{id}", tag = "ad groups", operation_id = "get_ad_group",
    params(("id" = Uuid, Path)), responses((status = 200, description = "The ad group", body = AdGroup)))]
async fn get(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdGroupId>,
    known: IfNoneMatch,
) -> Result<Response, Problem> {
    let group = api.application.find_ad_groups.get(&actor, id).await?;
    Ok(Versioned::from(group).unless(&known))
}

/// Change an ad group
///
/// What is left out stays as it is.
#[utoipa::path(patch, path = "/ad-groups/{id}", tag = "ad groups", operation_id = "edit_ad_group",
    params(("id" = Uuid, Path), IfMatchHeader), request_body = AdGroupEditInput,
    responses((status = 200, description = "The ad group", body = AdGroup)))]
async fn edit(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdGroupId>,
    IfMatch(seen): IfMatch,
    Input(edit): Input<AdGroupEditInput>,
) -> Result<Versioned<AdGroup>, Problem> {
    Ok(api.application.edit_ad_group.execute(&actor, id, edit, seen).await?.into())
}
