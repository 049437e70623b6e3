use adstead_application::campaigns::NewCampaign;
use adstead_domain as domain;
use domain::{CampaignEdit, CampaignName, CampaignStatus, Objective, Platform, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::budget::{Budget, BudgetInput};
use super::schedule::{Schedule, ScheduleInput};
use super::targeting::{Targeting, TargetingInput};
use super::words;
use crate::input::{Field, FromJson, object};
use crate::paging::{Asked, Limit};
use crate::versions::Versioned;

/// A budget, a flight and an audience on one platform.
#[derive(Serialize, ToSchema)]
pub(crate) struct Campaign {
    id: Uuid,
    account_id: Uuid,
    name: String,
    #[schema(value_type = words::Objective)]
    objective: Objective,
    #[schema(value_type = words::Platform)]
    platform: Platform,
    budget: Budget,
    /// `null`: from activation until it is stopped.
    #[schema(required)]
    schedule: Option<Schedule>,
    targeting: Targeting,
    #[schema(value_type = words::CampaignStatus)]
    status: CampaignStatus,
    /// The user who made it.
    created_by: Uuid,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Counts the changes; the same number is in `ETag`.
    version: u32,
}

impl From<domain::Campaign> for Campaign {
    fn from(campaign: domain::Campaign) -> Self {
        let domain::Campaign {
            id,
            account_id,
            name,
            objective,
            platform,
            budget,
            schedule,
            targeting,
            status,
            created_by,
            created_at,
            updated_at,
            version,
        } = campaign;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            name: name.into(),
            objective,
            platform,
            budget: budget.into(),
            schedule: schedule.as_ref().map(Schedule::from),
            targeting: (&targeting).into(),
            status,
            created_by: created_by.uuid(),
            created_at,
            updated_at,
            version: version.number(),
        }
    }
}

impl From<domain::Campaign> for Versioned<Campaign> {
    fn from(campaign: domain::Campaign) -> Self {
        Self { version: campaign.version.number(), body: campaign.into() }
    }
}

/// A campaign to be made. It begins as a draft.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCampaign)]
pub(crate) struct CampaignInput {
    /// What people call it.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "Spring sale")]
    name: Field<CampaignName>,
    #[schema(value_type = words::Objective, required)]
    objective: Field<Objective>,
    /// It never changes: the ads are written for it.
    #[schema(value_type = words::Platform, required)]
    platform: Field<Platform>,
    #[schema(value_type = BudgetInput, required)]
    budget: Field<BudgetInput>,
    /// Without it, the campaign runs from activation until it is stopped.
    #[schema(value_type = Option<ScheduleInput>)]
    schedule: Field<ScheduleInput>,
    /// Without it, the campaign is for everybody.
    #[schema(value_type = Option<TargetingInput>)]
    targeting: Field<TargetingInput>,
}

impl FromJson for CampaignInput {
    type Value = NewCampaign;

    fn from_json(json: Value) -> Result<NewCampaign, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { name, objective, platform, budget, schedule, targeting } = fields;
        let name = faults.at("/name", name.required());
        let objective = faults.at("/objective", objective.required());
        let platform = faults.at("/platform", platform.required());
        let budget = faults.at("/budget", budget.required());
        let schedule = faults.at("/schedule", schedule.optional());
        let targeting = faults.at("/targeting", targeting.optional());
        faults.finish(|| {
            Some(NewCampaign {
                name: name?,
                objective: objective?,
                platform: platform?,
                budget: budget?,
                schedule: schedule?,
                targeting: targeting?.unwrap_or_default(),
            })
        })
    }
}

/// Changes to a campaign; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CampaignEdit)]
pub(crate) struct CampaignEditInput {
    /// A new name.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Field<CampaignName>,
    #[schema(value_type = words::Objective, required = false)]
    objective: Field<Objective>,
    /// A whole new budget.
    #[schema(value_type = BudgetInput, required = false)]
    budget: Field<BudgetInput>,
    /// A whole new schedule; `null` takes it away.
    #[schema(value_type = Option<ScheduleInput>)]
    schedule: Field<ScheduleInput>,
    /// A whole new audience.
    #[schema(value_type = TargetingInput, required = false)]
    targeting: Field<TargetingInput>,
}

impl FromJson for CampaignEditInput {
    type Value = CampaignEdit;

    fn from_json(json: Value) -> Result<CampaignEdit, Violations> {
        let (Self { name, objective, budget, schedule, targeting }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.changed());
        let objective = faults.at("/objective", objective.changed());
        let budget = faults.at("/budget", budget.changed());
        let schedule = faults.at("/schedule", schedule.changed_or_cleared());
        let targeting = faults.at("/targeting", targeting.changed());
        faults.finish(|| {
            Some(CampaignEdit {
                name: name?,
                objective: objective?,
                budget: budget?,
                schedule: schedule?,
                targeting: targeting?,
            })
        })
    }
}

/// Which campaigns are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignParams {
    /// Only those of one status.
    #[param(value_type = Option<words::CampaignStatus>)]
    status: Field<CampaignStatus>,
    /// How many things a page may have.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Field<Limit>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Field<String>,
}

impl FromJson for CampaignParams {
    type Value = (Option<CampaignStatus>, Asked);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (Self { status, limit, cursor }, mut faults) = object::<Self>(json)?;
        let status = faults.at("/status", status.optional());
        let limit = faults.at("/limit", limit.optional());
        let cursor = faults.at("/cursor", cursor.optional());
        faults.finish(|| Some((status?, Asked { limit: limit?.unwrap_or_default(), cursor: cursor? })))
    }
}
