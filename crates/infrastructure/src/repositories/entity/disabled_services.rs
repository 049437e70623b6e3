use adstead_domain::port::DisabledService;
use sea_orm::entity::prelude::*;

use super::value::instant;
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disabled_services")]
pub(in crate::repositories) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub since: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::repositories) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl TryFrom<Model> for DisabledService {
    type Error = DatabaseError;

    fn try_from(Model { name, since }: Model) -> Result<Self, DatabaseError> {
        Ok(Self { name, since: instant("disabled_services.since", since)? })
    }
}
