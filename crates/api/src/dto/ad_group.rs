use adstead_application::ad_groups::NewAdGroup;
use adstead_domain as domain;
use domain::{AdGroupEdit, AdGroupName, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::budget::{Budget, BudgetInput};
use super::targeting::{Targeting, TargetingInput};
use crate::input::{Field, FromJson, object};
use crate::versions::Versioned;

/// Ads of one campaign that share a narrower audience and, where wanted, a budget of their own.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdGroup {
    id: Uuid,
    account_id: Uuid,
    campaign_id: Uuid,
    name: String,
    /// `null`: the campaign's audience.
    #[schema(required)]
    targeting: Option<Targeting>,
    /// `null`: all of the campaign's budget.
    #[schema(required)]
    budget: Option<Budget>,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Counts the changes; the same number is in `ETag`.
    version: u32,
}

impl From<domain::AdGroup> for AdGroup {
    fn from(group: domain::AdGroup) -> Self {
        let domain::AdGroup {
            id,
            account_id,
            campaign_id,
            name,
            targeting,
            budget,
            created_at,
            updated_at,
            version,
        } = group;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            campaign_id: campaign_id.uuid(),
            name: name.into(),
            targeting: targeting.as_ref().map(Targeting::from),
            budget: budget.map(Budget::from),
            created_at,
            updated_at,
            version: version.number(),
        }
    }
}

impl From<domain::AdGroup> for Versioned<AdGroup> {
    fn from(group: domain::AdGroup) -> Self {
        Self { version: group.version.number(), body: group.into() }
    }
}

/// An ad group to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAdGroup)]
pub(crate) struct AdGroupInput {
    /// What people call it.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "Returning customers")]
    name: Field<AdGroupName>,
    /// A part of the campaign's audience; without it, all of that.
    #[schema(value_type = Option<TargetingInput>)]
    targeting: Field<TargetingInput>,
    /// A part of the campaign's budget; without it, all of that.
    #[schema(value_type = Option<BudgetInput>)]
    budget: Field<BudgetInput>,
}

impl FromJson for AdGroupInput {
    type Value = NewAdGroup;

    fn from_json(json: Value) -> Result<NewAdGroup, Violations> {
        let (Self { name, targeting, budget }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.required());
        let targeting = faults.at("/targeting", targeting.optional());
        let budget = faults.at("/budget", budget.optional());
        faults.finish(|| Some(NewAdGroup { name: name?, targeting: targeting?, budget: budget? }))
    }
}

/// Changes to an ad group; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdGroupEdit)]
pub(crate) struct AdGroupEditInput {
    /// A new name.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Field<AdGroupName>,
    /// A whole new audience; `null` for the campaign's.
    #[schema(value_type = Option<TargetingInput>)]
    targeting: Field<TargetingInput>,
    /// A whole new budget; `null` for the campaign's.
    #[schema(value_type = Option<BudgetInput>)]
    budget: Field<BudgetInput>,
}

impl FromJson for AdGroupEditInput {
    type Value = AdGroupEdit;

    fn from_json(json: Value) -> Result<AdGroupEdit, Violations> {
        let (Self { name, targeting, budget }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.changed());
        let targeting = faults.at("/targeting", targeting.changed_or_cleared());
        let budget = faults.at("/budget", budget.changed_or_cleared());
        faults.finish(|| Some(AdGroupEdit { name: name?, targeting: targeting?, budget: budget? }))
    }
}
