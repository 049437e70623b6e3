//! Counting where rows are sent one by one: SQLite and MariaDB.
//!
//! The statements are written out: built value by value, they took longer than their rows took to bind, and all the time
//! SQLite's only writer is held.

use std::collections::HashSet;

use adstead_domain::{AccountId, Country, Device, EventId, Metrics, PerformanceEvent, Placement};
use jiff::Timestamp;
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};
use uuid::Uuid;

use super::chunks::chunks;
use super::figures::Figures;
use super::turn::take_turn;
use crate::database::{DatabaseError, Engine};
use crate::repositories::entity::value::{micros, signed};

/// Stores those of `events`, each id of which stands there once, that were not counted before, and adds them to the
/// roll-ups; which they are.
pub(super) async fn count<'a>(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    events: &[&'a PerformanceEvent],
) -> Result<Vec<&'a PerformanceEvent>, DatabaseError> {
    if events.is_empty() {
        return Ok(Vec::new());
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
    Ok(new)
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
    let sql = format!(
        "SELECT id FROM performance_events WHERE account_id = ? AND id IN {}",
        row_of_marks(events.len())
    );
    let values = [account.uuid()].into_iter().chain(events.iter().map(|event| event.id.uuid()));
    let known = tx.query_all_raw(statement(tx, sql, values.map(Value::from).collect())).await?;
    known.iter().map(|row| Ok(EventId::new(row.try_get_by_index::<Uuid>(0)?))).collect()
}

async fn insert_events(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    events: &[&PerformanceEvent],
) -> Result<(), DatabaseError> {
    const COLUMNS: usize = 11;
    let sql = format!(
        "INSERT INTO performance_events (account_id, id, kind, ad_id, occurred_at, received_at, cost_micros, \
         revenue_micros, country, device, placement) VALUES {}",
        rows_of_marks(events.len(), COLUMNS)
    );
    let mut values: Vec<Value> = Vec::with_capacity(events.len() * COLUMNS);
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
        let row: [Value; COLUMNS] = [
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
        ];
        values.extend(row);
    }
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}

/// Adds sums to what the roll-ups hold.
async fn add_figures(
    tx: &DatabaseTransaction,
    account: AccountId,
    figures: &[Figures],
) -> Result<(), DatabaseError> {
    const COLUMNS: usize = 8;
    let added = match Engine::of(tx) {
        Engine::MariaDb => {
            "ON DUPLICATE KEY UPDATE impressions = impressions + VALUES(impressions), clicks = clicks + VALUES(clicks), \
             conversions = conversions + VALUES(conversions), spend_micros = spend_micros + VALUES(spend_micros), \
             revenue_micros = revenue_micros + VALUES(revenue_micros)"
        }
        Engine::Sqlite | Engine::Postgres => {
            "ON CONFLICT (account_id, ad_id, bucket_start) DO UPDATE SET impressions = impressions + excluded.impressions, \
             clicks = clicks + excluded.clicks, conversions = conversions + excluded.conversions, \
             spend_micros = spend_micros + excluded.spend_micros, revenue_micros = revenue_micros + excluded.revenue_micros"
        }
    };
    let sql = format!(
        "INSERT INTO performance_rollups (account_id, ad_id, bucket_start, impressions, clicks, conversions, \
         spend_micros, revenue_micros) VALUES {} {added}",
        rows_of_marks(figures.len(), COLUMNS)
    );
    let mut values: Vec<Value> = Vec::with_capacity(figures.len() * COLUMNS);
    for Figures { ad_id, bucket_start, sum } in figures {
        let Metrics { impressions, clicks, conversions, spend_micros, revenue_micros } = *sum;
        let row: [Value; COLUMNS] = [
            account.uuid().into(),
            ad_id.uuid().into(),
            micros(*bucket_start).into(),
            signed(impressions).into(),
            signed(clicks).into(),
            signed(conversions).into(),
            spend_micros.into(),
            revenue_micros.into(),
        ];
        values.extend(row);
    }
    tx.execute_raw(statement(tx, sql, values)).await?;
    Ok(())
}

fn statement(tx: &DatabaseTransaction, sql: String, values: Vec<Value>) -> Statement {
    Statement::from_sql_and_values(tx.get_database_backend(), sql, values)
}

/// `(?, ?, ?)`
fn row_of_marks(columns: usize) -> String {
    format!("({})", vec!["?"; columns].join(", "))
}

/// `(?, ?), (?, ?)`
fn rows_of_marks(rows: usize, columns: usize) -> String {
    vec![row_of_marks(columns); rows].join(", ")
}
