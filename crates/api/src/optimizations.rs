//! `/ads/{id}/optimizations` and `/optimizations`

use adstead_application::optimizations::FollowedRun;
use adstead_domain::{AdId, OptimizationRunId};
use axum::Json;
use axum::extract::State;
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::caller::Caller;
use crate::dto::optimization::OptimizationRun;
use crate::input::Params;
use crate::paging::{Items, Listing, PageParams};
use crate::path::Id;
use crate::problem::Problem;
use crate::versions::{IfMatch, IfMatchHeader, Versioned};

/// The routes of optimisation runs.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new().routes(routes!(create, list)).routes(routes!(apply))
}

/// Analyse an ad
///
/// Rules on the figures of the last 28 days: against the account's own median, the daily limit, and the ad's own past.
/// Each recommendation carries its evidence.
#[utoipa::path(post, path = "/ads/{id}/optimizations", tag = "optimizations", operation_id = "analyse_ad",
    params(("id" = Uuid, Path, description = "The ad")),
    responses((status = 201, description = "The run", body = OptimizationRun)))]
async fn create(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(ad): Id<AdId>,
) -> Result<Response, Problem> {
    let run = api.application.analyse_ad.execute(&actor, ad).await?;
    let run = FollowedRun { run, metrics_since: None };
    Ok(Versioned::from(run).created(format!("/v1/ads/{ad}/optimizations")))
}

/// List an ad's optimisation runs
///
/// Newest first; an applied run tells what came of it.
#[utoipa::path(get, path = "/ads/{id}/optimizations", tag = "optimizations", operation_id = "list_optimizations",
    params(("id" = Uuid, Path, description = "The ad"), PageParams),
    responses((status = 200, description = "A page of runs", body = Items<OptimizationRun>)))]
async fn list(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(ad): Id<AdId>,
    Params(asked): Params<PageParams>,
) -> Result<Json<Items<OptimizationRun>>, Problem> {
    let list = api.list(&actor, Listing::Optimizations { ad });
    let runs = api.application.find_optimizations.of_ad(&actor, ad, list.page(asked)?).await?;
    Ok(Json(list.answer(runs)))
}

/// Do what a run recommends
///
/// Once for each run. What only a person can do, such as new copy, is left to one.
#[utoipa::path(post, path = "/optimizations/{id}/apply", tag = "optimizations", operation_id = "apply_optimization",
    params(("id" = Uuid, Path), IfMatchHeader),
    responses((status = 200, description = "The run, with how things stood before and after", body = OptimizationRun)))]
async fn apply(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<OptimizationRunId>,
    IfMatch(seen): IfMatch,
) -> Result<Versioned<OptimizationRun>, Problem> {
    let run = api.application.apply_optimization.execute(&actor, id, seen).await?;
    Ok(FollowedRun { run, metrics_since: None }.into())
}
