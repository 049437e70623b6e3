//! Counting where rows are sent one by one: SQLite and MariaDB.

use std::collections::HashSet;

use adstead_domain::{AccountId, Country, Device, EventId, Metrics, PerformanceEvent, Placement};
use jiff::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, InsertStatement, OnConflict, Query, SimpleExpr};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::chunks::chunks;
use super::figures::Figures;
use super::turn::take_turn;
use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::performance::{PerformanceEvents, PerformanceRollups};
use crate::repositories::entity::value::{micros, signed};

/// Stores those of `events`, each id of which stands there once, that were not counted before, and adds them to the
/// roll-ups; how many they are.
pub(super) async fn count(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    events: &[&PerformanceEvent],
) -> Result<usize, DatabaseError> {
    if events.is_empty() {
        return Ok(0);
    }
    take_turn(tx, account).await?;
    let mut known = HashSet::new();
    for chunk in chunks(events) {
        known.extend(counted_before(tx, account, chunk).await?);
    }
    let new: Vec<_> = events.iter().copied().filter(|event| !known.contains(&event.id)).collect();
    for chunk in chunks(&new) {
        insert_events(tx, account, received_at, chunk).await?;
    }
    for chunk in chunks(&Figures::of(&new)) {
        add_figures(tx, account, chunk).await?;
    }
    Ok(new.len())
}

/// Which of these events were counted before. Nobody can add one until the transaction ends.
///
/// Asking first is about twice as fast as `INSERT … ON CONFLICT DO NOTHING RETURNING`: most events are new, and each row
/// that a statement answers has to cross from SQLite's thread to this one. MariaDB's `INSERT IGNORE` would not say which
/// rows it left out.
async fn counted_before(
    tx: &DatabaseTransaction,
    account: AccountId,
    events: &[&PerformanceEvent],
) -> Result<Vec<EventId>, DatabaseError> {
    let known = Query::select()
        .column(PerformanceEvents::Id)
        .from(PerformanceEvents::Table)
        .and_where(Expr::col(PerformanceEvents::AccountId).eq(account.uuid()))
        .and_where(Expr::col(PerformanceEvents::Id).is_in(events.iter().map(|event| event.id.uuid())))
        .take();
    let known = tx.query_all(&known).await?;
    known.iter().map(|row| Ok(EventId::new(row.try_get_by_index::<Uuid>(0)?))).collect()
}

async fn insert_events(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    events: &[&PerformanceEvent],
) -> Result<(), DatabaseError> {
    use PerformanceEvents as Column;
    let mut insert = Query::insert()
        .into_table(Column::Table)
        .columns([
            Column::AccountId,
            Column::Id,
            Column::Kind,
            Column::AdId,
            Column::OccurredAt,
            Column::ReceivedAt,
            Column::CostMicros,
            Column::RevenueMicros,
            Column::Country,
            Column::Device,
            Column::Placement,
        ])
        .take();
    for event in events {
        let PerformanceEvent {
            id,
            kind,
            ad_id,
            occurred_at,
            cost_micros,
            revenue_micros,
            country,
            device,
            placement,
        } = event;
        insert.values_panic([
            account.uuid().into(),
            id.uuid().into(),
            kind.as_str().into(),
            ad_id.uuid().into(),
            micros(*occurred_at).into(),
            micros(received_at).into(),
            (*cost_micros).into(),
            (*revenue_micros).into(),
            country.as_ref().map(Country::as_str).into(),
            device.map(Device::as_str).into(),
            placement.as_ref().map(Placement::as_str).into(),
        ]);
    }
    execute(tx, &insert).await
}

/// Adds sums to what the roll-ups hold.
async fn add_figures(
    tx: &DatabaseTransaction,
    account: AccountId,
    figures: &[Figures],
) -> Result<(), DatabaseError> {
    use PerformanceRollups as Column;
    let key = [Column::AccountId, Column::AdId, Column::BucketStart];
    let added = Column::FIGURES.map(|column| {
        let stored = Expr::col((Column::Table, column));
        (column, stored.add(offered(Engine::of(tx), column)))
    });
    let mut upsert = Query::insert()
        .into_table(Column::Table)
        .columns(key.into_iter().chain(Column::FIGURES))
        .on_conflict(OnConflict::columns(key).values(added).to_owned())
        .take();
    for Figures { ad_id, bucket_start, sum } in figures {
        let Metrics { impressions, clicks, conversions, spend_micros, revenue_micros } = *sum;
        upsert.values_panic([
            account.uuid().into(),
            ad_id.uuid().into(),
            micros(*bucket_start).into(),
            signed(impressions).into(),
            signed(clicks).into(),
            signed(conversions).into(),
            spend_micros.into(),
            revenue_micros.into(),
        ]);
    }
    execute(tx, &upsert).await
}

/// The value that an upsert would have stored.
fn offered(engine: Engine, column: PerformanceRollups) -> SimpleExpr {
    match engine {
        Engine::MariaDb => Func::cust("VALUES").arg(Expr::col(column)).into(),
        Engine::Sqlite | Engine::Postgres => Expr::col((Alias::new("excluded"), column)),
    }
}

async fn execute(tx: &DatabaseTransaction, insert: &InsertStatement) -> Result<(), DatabaseError> {
    tx.execute(insert).await?;
    Ok(())
}
