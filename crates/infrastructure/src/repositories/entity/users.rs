use adstead_domain::{AccountId, User, UserId};
use sea_orm::entity::prelude::*;

use super::value::{instant, micros, parsed};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub email: String,
    pub created_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&User> for Model {
    fn from(user: &User) -> Self {
        let User { id, account_id, email, created_at } = user;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            email: email.as_str().to_owned(),
            created_at: micros(*created_at),
        }
    }
}

impl TryFrom<Model> for User {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model { id, account_id, email, created_at } = row;
        Ok(Self {
            id: UserId::new(id),
            account_id: AccountId::new(account_id),
            email: parsed("users.email", &email)?,
            created_at: instant("users.created_at", created_at)?,
        })
    }
}
