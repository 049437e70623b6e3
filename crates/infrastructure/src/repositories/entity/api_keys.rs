use adstead_domain::{AccountId, ApiKey, ApiKeyId, UserId};
use sea_orm::entity::prelude::*;

use super::value::{instant, micros, parsed};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub account_id: Uuid,
    pub user_id: Uuid,
    pub role: String,
    pub digest: String,
    pub created_at: i64,
    pub last_used_at: Option<i64>,
    pub revoked_at: Option<i64>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&ApiKey> for Model {
    fn from(key: &ApiKey) -> Self {
        let ApiKey { id, account_id, user_id, role, digest, created_at, last_used_at, revoked_at } = key;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            user_id: user_id.uuid(),
            role: role.as_str().to_owned(),
            digest: digest.to_string(),
            created_at: micros(*created_at),
            last_used_at: last_used_at.map(micros),
            revoked_at: revoked_at.map(micros),
        }
    }
}

impl TryFrom<Model> for ApiKey {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model { id, account_id, user_id, role, digest, created_at, last_used_at, revoked_at } = row;
        Ok(Self {
            id: ApiKeyId::new(id),
            account_id: AccountId::new(account_id),
            user_id: UserId::new(user_id),
            role: parsed("api_keys.role", &role)?,
            digest: parsed("api_keys.digest", &digest)?,
            created_at: instant("api_keys.created_at", created_at)?,
            last_used_at: last_used_at.map(|at| instant("api_keys.last_used_at", at)).transpose()?,
            revoked_at: revoked_at.map(|at| instant("api_keys.revoked_at", at)).transpose()?,
        })
    }
}
