use adstead_domain::{AccountId, Campaign, CampaignId, UserId};
use sea_orm::entity::prelude::*;

use super::budget::BudgetColumns;
use super::value::{from_json, instant, json, micros, number, parsed, version};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "campaigns")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub objective: String,
    pub platform: String,
    pub status: String,
    pub currency: String,
    pub amount_micros: i64,
    pub daily_limit_micros: Option<i64>,
    pub lifetime_limit_micros: Option<i64>,
    pub created_by: Uuid,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i32,
    pub schedule: Option<String>,
    pub targeting: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Campaign> for Model {
    fn from(campaign: &Campaign) -> Self {
        let Campaign {
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
        let BudgetColumns { currency, amount_micros, daily_limit_micros, lifetime_limit_micros } =
            budget.into();
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            name: name.as_str().to_owned(),
            objective: objective.as_str().to_owned(),
            platform: platform.as_str().to_owned(),
            status: status.as_str().to_owned(),
            currency,
            amount_micros,
            daily_limit_micros,
            lifetime_limit_micros,
            created_by: created_by.uuid(),
            created_at: micros(*created_at),
            updated_at: micros(*updated_at),
            version: number(*version),
            schedule: schedule.as_ref().map(json),
            targeting: json(targeting),
        }
    }
}

impl TryFrom<Model> for Campaign {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            name,
            objective,
            platform,
            status,
            currency,
            amount_micros,
            daily_limit_micros,
            lifetime_limit_micros,
            created_by,
            created_at,
            updated_at,
            version: changes,
            schedule,
            targeting,
        } = row;
        let budget = BudgetColumns { currency, amount_micros, daily_limit_micros, lifetime_limit_micros };
        Ok(Self {
            id: CampaignId::new(id),
            account_id: AccountId::new(account_id),
            name: parsed("campaigns.name", &name)?,
            objective: parsed("campaigns.objective", &objective)?,
            platform: parsed("campaigns.platform", &platform)?,
            budget: budget.parsed("campaigns.amount_micros")?,
            schedule: schedule.map(|text| from_json("campaigns.schedule", &text)).transpose()?,
            targeting: from_json("campaigns.targeting", &targeting)?,
            status: parsed("campaigns.status", &status)?,
            created_by: UserId::new(created_by),
            created_at: instant("campaigns.created_at", created_at)?,
            updated_at: instant("campaigns.updated_at", updated_at)?,
            version: version(changes),
        })
    }
}
