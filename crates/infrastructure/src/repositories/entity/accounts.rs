use adstead_domain::{Account, AccountId};
use sea_orm::entity::prelude::*;

use super::value::{instant, micros, parsed};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub time_zone: String,
    pub currency: Option<String>,
    pub second_reviewer: bool,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Account> for Model {
    fn from(account: &Account) -> Self {
        let Account { id, name, time_zone, currency, second_reviewer, created_at } = account;
        Self {
            id: id.uuid(),
            name: name.as_str().to_owned(),
            time_zone: time_zone.name().to_owned(),
            currency: currency.map(|currency| currency.code().to_owned()),
            second_reviewer: *second_reviewer,
            created_at: micros(*created_at),
        }
    }
}

impl TryFrom<Model> for Account {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model { id, name, time_zone, currency, second_reviewer, created_at } = row;
        Ok(Self {
            id: AccountId::new(id),
            name: parsed("accounts.name", &name)?,
            time_zone: parsed("accounts.time_zone", &time_zone)?,
            currency: currency.map(|code| parsed("accounts.currency", &code)).transpose()?,
            second_reviewer,
            created_at: instant("accounts.created_at", created_at)?,
        })
    }
}
