use adstead_domain::{AccountId, AdGroup, AdGroupId, CampaignId};
use sea_orm::entity::prelude::*;

use super::budget::BudgetColumns;
use super::value::{from_json, instant, json, micros, number, parsed, version};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ad_groups")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub name: String,
    pub currency: Option<String>,
    pub amount_micros: Option<i64>,
    pub daily_limit_micros: Option<i64>,
    pub lifetime_limit_micros: Option<i64>,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i32,
    pub targeting: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&AdGroup> for Model {
    fn from(group: &AdGroup) -> Self {
        let AdGroup { id, account_id, campaign_id, name, targeting, budget, created_at, updated_at, version } =
            group;
        let budget = budget.as_ref().map(BudgetColumns::from);
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            campaign_id: campaign_id.uuid(),
            name: name.as_str().to_owned(),
            amount_micros: budget.as_ref().map(|budget| budget.amount_micros),
            daily_limit_micros: budget.as_ref().and_then(|budget| budget.daily_limit_micros),
            lifetime_limit_micros: budget.as_ref().and_then(|budget| budget.lifetime_limit_micros),
            currency: budget.map(|budget| budget.currency),
            created_at: micros(*created_at),
            updated_at: micros(*updated_at),
            version: number(*version),
            targeting: targeting.as_ref().map(json),
        }
    }
}

impl TryFrom<Model> for AdGroup {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            campaign_id,
            name,
            currency,
            amount_micros,
            daily_limit_micros,
            lifetime_limit_micros,
            created_at,
            updated_at,
            version: changes,
            targeting,
        } = row;
        let budget = match (currency, amount_micros) {
            (Some(currency), Some(amount_micros)) => {
                let columns =
                    BudgetColumns { currency, amount_micros, daily_limit_micros, lifetime_limit_micros };
                Some(columns.parsed("ad_groups.amount_micros")?)
            }
            (None, None) => None,
            _ => return Err(DatabaseError::corrupt("ad_groups.currency", "half a budget")),
        };
        Ok(Self {
            id: AdGroupId::new(id),
            account_id: AccountId::new(account_id),
            campaign_id: CampaignId::new(campaign_id),
            name: parsed("ad_groups.name", &name)?,
            targeting: targeting.map(|text| from_json("ad_groups.targeting", &text)).transpose()?,
            budget,
            created_at: instant("ad_groups.created_at", created_at)?,
            updated_at: instant("ad_groups.updated_at", updated_at)?,
            version: version(changes),
        })
    }
}
