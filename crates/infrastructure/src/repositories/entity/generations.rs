use adstead_domain::{AccountId, Generation, GenerationId, UserId};
use sea_orm::entity::prelude::*;

use super::value::{from_json, instant, json, micros};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "generations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub requested_by: Uuid,
    pub created_at: i64,
    /// Stands in the provenance too; here it can be summed.
    pub cost_micros: i64,
    pub brief: String,
    pub variants: String,
    pub provenance: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Generation> for Model {
    fn from(generation: &Generation) -> Self {
        let Generation { id, account_id, requested_by, brief, variants, provenance, created_at } = generation;
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            requested_by: requested_by.uuid(),
            created_at: micros(*created_at),
            // For sums of what is known alone: the provenance tells whether it is.
            cost_micros: provenance.cost_micros.unwrap_or_default(),
            brief: json(brief),
            variants: json(variants),
            provenance: json(provenance),
        }
    }
}

impl TryFrom<Model> for Generation {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model { account_id, id, requested_by, created_at, cost_micros: _, brief, variants, provenance } =
            row;
        Ok(Self {
            id: GenerationId::new(id),
            account_id: AccountId::new(account_id),
            requested_by: UserId::new(requested_by),
            brief: from_json("generations.brief", &brief)?,
            variants: from_json("generations.variants", &variants)?,
            provenance: from_json("generations.provenance", &provenance)?,
            created_at: instant("generations.created_at", created_at)?,
        })
    }
}
