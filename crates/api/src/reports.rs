//! `/reports` and `/ads/{id}/prediction`

use adstead_domain::AdId;
use axum::Json;
use axum::extract::State;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::ApiState;
use crate::age::Aged;
use crate::caller::Caller;
use crate::dto::budget_use::BudgetUse;
use crate::dto::campaign::CampaignParams;
use crate::dto::funnel::{Funnel, FunnelParams, FunnelRequest};
use crate::dto::prediction::{Prediction, PredictionParams};
use crate::dto::report::{PerformanceReport, ReportParams};
use crate::dto::summary::{SummaryParams, SummaryReport};
use crate::input::Params;
use crate::paging::{Items, Listing};
use crate::path::Id;
use crate::problem::Problem;

/// The routes of reports and forecasts.
pub(crate) fn routes() -> OpenApiRouter<ApiState> {
    OpenApiRouter::new()
        .routes(routes!(performance))
        .routes(routes!(funnel))
        .routes(routes!(budgets))
        .routes(routes!(summary))
        .routes(routes!(predict))
}

/// Read how ads performed
///
/// Days and hours are the account's. Figures are kept by the quarter of an hour: an instant in between is widened to it.
/// A report has at most 50,000 rows.
#[utoipa::path(get, path = "/reports/performance", tag = "reports", operation_id = "get_performance_report",
    params(ReportParams), responses((status = 200, description = "The report", body = PerformanceReport)))]
async fn performance(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(wanted): Params<ReportParams>,
) -> Result<Aged<PerformanceReport>, Problem> {
    let (granularity, group_by) = (wanted.granularity, wanted.group_by);
    let report = api.application.performance_report.execute(&actor, wanted).await?;
    Ok(api.aged(report.computed_at, PerformanceReport::new(report, granularity, group_by)))
}

/// Read the funnel of ads
///
/// How many of those who saw the ads clicked, and how many did what the ads are for.
#[utoipa::path(get, path = "/reports/funnel", tag = "reports", operation_id = "get_funnel_report",
    params(FunnelParams), responses((status = 200, description = "The funnel", body = Funnel)))]
async fn funnel(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(FunnelRequest { from, to, filter }): Params<FunnelParams>,
) -> Result<Aged<Funnel>, Problem> {
    let funnel = api.application.funnel_report.execute(&actor, from, to, filter).await?;
    Ok(api.aged(funnel.computed_at, funnel.into()))
}

/// Read what campaigns spent of their budgets
///
/// Newest campaign first. What they spent is read for each request.
#[utoipa::path(get, path = "/reports/budgets", tag = "reports", operation_id = "list_budget_use",
    params(CampaignParams), responses((status = 200, description = "A page of campaigns", body = Items<BudgetUse>)))]
async fn budgets(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params((status, asked)): Params<CampaignParams>,
) -> Result<Json<Items<BudgetUse>>, Problem> {
    let list = api.list(&actor, Listing::Budgets { status });
    let budgets = api.application.budget_report.execute(&actor, status, list.page(asked)?).await?;
    Ok(Json(list.answer(budgets)))
}

/// Read how the account stands
#[utoipa::path(get, path = "/reports/summary", tag = "reports", operation_id = "get_summary_report",
    params(SummaryParams), responses((status = 200, description = "The summary", body = SummaryReport)))]
async fn summary(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Params(user): Params<SummaryParams>,
) -> Result<Aged<SummaryReport>, Problem> {
    let summary = api.application.summary_report.execute(&actor, user).await?;
    Ok(api.aged(summary.computed_at, summary.into()))
}

/// Forecast an ad's next days
///
/// From the ad's own whole days up to yesterday; with too few of them, it says so and forecasts nothing.
#[utoipa::path(get, path = "/ads/{id}/prediction", tag = "reports", operation_id = "predict_ad",
    params(("id" = Uuid, Path), PredictionParams),
    responses((status = 200, description = "The forecast", body = Prediction)))]
async fn predict(
    State(api): State<ApiState>,
    Caller(actor): Caller,
    Id(id): Id<AdId>,
    Params(horizon_days): Params<PredictionParams>,
) -> Result<Aged<Prediction>, Problem> {
    let forecast = api.application.predict_ad.execute(&actor, id, horizon_days).await?;
    Ok(api.aged(forecast.computed_at, forecast.into()))
}
