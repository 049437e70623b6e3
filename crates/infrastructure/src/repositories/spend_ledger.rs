use std::sync::Arc;

use adstead_domain::port::{Payer, PortError, SpendLedger};
use async_trait::async_trait;
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter, UpdateMany};

use super::entity::ai_spending::{Column, Entity, Model};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabaseSpendLedger {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl SpendLedger for DatabaseSpendLedger {
    #[tracing::instrument(level = "debug", skip_all, fields(micros), err(level = "debug"))]
    async fn reserve(
        &self,
        payer: &Payer,
        micros: u64,
        limit_micros: Option<u64>,
    ) -> Result<bool, PortError> {
        let room = amount(limit_micros.unwrap_or(u64::MAX)) - amount(micros);
        let granted = self
            .database
            .transaction(async |tx| {
                let row = Model { account_id: payer.account.uuid(), day: day(payer), spent_micros: 0 };
                let once = OnConflict::columns([Column::AccountId, Column::Day])
                    .do_nothing_on([Column::AccountId, Column::Day])
                    .to_owned();
                Entity::insert(row.into_active_model()).on_conflict(once).exec_without_returning(tx).await?;
                // Whether there is room is looked at by the statement that takes it.
                let taken = added(payer, amount(micros)).filter(Column::SpentMicros.lte(room));
                Ok(taken.exec(tx).await?.rows_affected)
            })
            .await
            .map_err(|error: DatabaseError| error.during("spend_ledger.reserve"))?;
        Ok(granted > 0)
    }

    #[tracing::instrument(
        level = "debug",
        skip_all,
        fields(reserved_micros, spent_micros),
        err(level = "debug")
    )]
    async fn settle(&self, payer: &Payer, reserved_micros: u64, spent_micros: u64) -> Result<(), PortError> {
        let difference = amount(spent_micros) - amount(reserved_micros);
        if difference == 0 {
            return Ok(());
        }
        self.database
            .transaction(async |tx| {
                added(payer, difference).exec(tx).await?;
                Ok(())
            })
            .await
            .map_err(|error: DatabaseError| error.during("spend_ledger.settle"))
    }

    #[tracing::instrument(level = "debug", skip_all, err(level = "debug"))]
    async fn spent(&self, payer: &Payer) -> Result<u64, PortError> {
        let key = (payer.account.uuid(), day(payer));
        let row = self
            .database
            .read(async |database| Ok(Entity::find_by_id(key.clone()).one(database).await?))
            .await
            .map_err(|error: DatabaseError| error.during("spend_ledger.spent"))?;
        Ok(row.map_or(0, |row| u64::try_from(row.spent_micros).unwrap_or_default()))
    }
}

/// More to what the payer has spent on their day.
fn added(payer: &Payer, micros: i64) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::SpentMicros, ExprTrait::add(Expr::col(Column::SpentMicros), micros))
        .filter(Column::AccountId.eq(payer.account.uuid()))
        .filter(Column::Day.eq(day(payer)))
}

fn day(payer: &Payer) -> String {
    payer.day.to_string()
}

/// The amount as the database adds it up: far less than 64 bits hold, so that no sum of a day passes them.
fn amount(micros: u64) -> i64 {
    const MOST: u64 = 1 << 50;
    Ord::min(micros, MOST).cast_signed()
}
