use sea_orm::entity::prelude::*;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "alerts")]
pub(in crate::repositories) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub alert_key: String,
    pub raised_at: i64,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub(in crate::repositories) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
