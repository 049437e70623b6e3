use adstead_application::optimizations::FollowedRun;
use adstead_domain as domain;
use domain::AdStatus;
use domain::optimization::Rule;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::report::Metrics;
use super::words;
use crate::versions::Versioned;

/// What was looked at, what follows from it, what was done about it, and what came of that.
#[derive(Serialize, ToSchema)]
#[schema(as = Optimization)]
pub(crate) struct OptimizationRun {
    id: Uuid,
    account_id: Uuid,
    ad_id: Uuid,
    /// The first instant of the time that was looked at.
    from: Timestamp,
    /// The first instant after it.
    to: Timestamp,
    /// The ad's figures over that time.
    metrics: Metrics,
    /// What the figures advise, the most pressing first; empty where nothing is amiss.
    recommendations: Vec<Recommendation>,
    /// What was done about it; `null` until the run is applied.
    #[schema(required)]
    applied: Option<Applied>,
    /// The ad's figures of the 28 days after that, as far as they are over; `null` until the run is applied.
    #[schema(required)]
    metrics_since: Option<Metrics>,
    /// The user who asked for it.
    created_by: Uuid,
    created_at: Timestamp,
    /// Counts the changes; the same number is in `ETag`.
    version: u32,
}

/// One piece of advice.
#[derive(Serialize, ToSchema)]
pub(crate) struct Recommendation {
    #[schema(value_type = words::Rule)]
    rule: Rule,
    action: Action,
    /// The advice in words.
    message: String,
    /// The figures that it rests on.
    evidence: Vec<Evidence>,
}

/// What a recommendation advises to do. Applying a run does all but `refresh_copy`, which is for a person.
#[derive(Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(crate) enum Action {
    /// Pause the ad.
    PauseAd,
    /// Set the daily limit of the ad's campaign.
    SetDailyLimit {
        /// The limit that the advice rests on, in micros; the run is not applied when the campaign has another one by then.
        from_micros: i64,
        /// The new limit, in micros of the account's currency.
        micros: i64,
    },
    /// Write new copy.
    RefreshCopy,
}

/// One figure and what it was compared with.
#[derive(Serialize, ToSchema)]
pub(crate) struct Evidence {
    /// The figure's name and unit.
    #[schema(example = "ctr")]
    figure: String,
    /// Its value for this ad.
    value: f64,
    /// What it was compared with.
    benchmark: f64,
    /// What that is.
    #[schema(example = "median of 12 ads of the account")]
    benchmark_is: String,
}

/// That a run was applied.
#[derive(Serialize, ToSchema)]
pub(crate) struct Applied {
    /// The user who applied it.
    by: Uuid,
    at: Timestamp,
    /// What was done.
    actions: Vec<Action>,
    /// How things stood before.
    before: Standing,
    /// How they stood right after.
    after: Standing,
}

/// How an ad and its campaign's daily limit stand.
#[derive(Serialize, ToSchema)]
pub(crate) struct Standing {
    #[schema(value_type = words::AdStatus)]
    ad_status: AdStatus,
    campaign_id: Uuid,
    #[schema(required)]
    daily_limit_micros: Option<i64>,
}

impl From<FollowedRun> for OptimizationRun {
    fn from(followed: FollowedRun) -> Self {
        let FollowedRun { run, metrics_since } = followed;
        let domain::OptimizationRun {
            id,
            account_id,
            ad_id,
            range,
            metrics,
            recommendations,
            applied,
            created_by,
            created_at,
            version,
        } = run;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            ad_id: ad_id.uuid(),
            from: range.from(),
            to: range.to(),
            metrics: metrics.into(),
            recommendations: recommendations.into_iter().map(Recommendation::from).collect(),
            applied: applied.map(Applied::from),
            metrics_since: metrics_since.map(Metrics::from),
            created_by: created_by.uuid(),
            created_at,
            version: version.number(),
        }
    }
}

impl From<FollowedRun> for Versioned<OptimizationRun> {
    fn from(followed: FollowedRun) -> Self {
        Self { version: followed.run.version.number(), body: followed.into() }
    }
}

impl From<domain::Recommendation> for Recommendation {
    fn from(recommendation: domain::Recommendation) -> Self {
        let domain::Recommendation { rule, action, message, evidence } = recommendation;
        let evidence = evidence.into_iter().map(Evidence::from).collect();
        Self { rule, action: action.into(), message, evidence }
    }
}

impl From<domain::optimization::Action> for Action {
    fn from(action: domain::optimization::Action) -> Self {
        use domain::optimization::Action as Advised;
        match action {
            Advised::PauseAd => Self::PauseAd,
            Advised::SetDailyLimit { from_micros, micros } => Self::SetDailyLimit { from_micros, micros },
            Advised::RefreshCopy => Self::RefreshCopy,
        }
    }
}

impl From<domain::optimization::Evidence> for Evidence {
    fn from(evidence: domain::optimization::Evidence) -> Self {
        let domain::optimization::Evidence { figure, value, benchmark, benchmark_is } = evidence;
        Self { figure, value, benchmark, benchmark_is }
    }
}

impl From<domain::optimization::Applied> for Applied {
    fn from(applied: domain::optimization::Applied) -> Self {
        let domain::optimization::Applied { by, at, actions, before, after } = applied;
        let actions = actions.into_iter().map(Action::from).collect();
        Self { by: by.uuid(), at, actions, before: before.into(), after: after.into() }
    }
}

impl From<domain::optimization::Standing> for Standing {
    fn from(standing: domain::optimization::Standing) -> Self {
        let domain::optimization::Standing { ad_status, campaign_id, daily_limit_micros } = standing;
        Self { ad_status, campaign_id: campaign_id.uuid(), daily_limit_micros }
    }
}
