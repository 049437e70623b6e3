//! Counting on PostgreSQL: columns travel as arrays, whatever the number of events.

use std::collections::HashSet;

use adstead_domain::{AccountId, Country, Device, EventId, PerformanceEvent, Placement};
use jiff::Timestamp;
use sea_orm::sea_query::{ArrayType, Value};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use uuid::Uuid;

use super::figures::Figures;
use super::turn::take_turn;
use crate::database::DatabaseError;
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
    let mut new = events.to_vec();
    // Nearly always all are new, and this is the only question. Nobody can add one until the transaction ends, so the second
    // is the last.
    loop {
        let known = store_unless_known(tx, account, received_at, &new).await?;
        if known.is_empty() {
            return Ok(new);
        }
        new.retain(|event| !known.contains(&event.id));
        if new.is_empty() {
            return Ok(new);
        }
    }
}

/// Stores events and adds them to the roll-ups, unless there are some among them that were counted before: then nothing is
/// stored, and these are answered.
///
/// An id may not come again with another time either, which may belong to another partition, where the primary key does
/// not stop it. Where nothing is stored between the first and the last id, as with ids of the moment (UUIDv7) that nobody
/// else sends at the same time, one look tells that all are new. Otherwise there is one for each event and partition. Both
/// are subqueries with a limit: a join, or `EXISTS`, the planner may answer by reading all that is stored.
async fn store_unless_known(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    events: &[&PerformanceEvent],
) -> Result<HashSet<EventId>, DatabaseError> {
    const STORE: &str = "WITH known AS MATERIALIZED (
            SELECT sent.id FROM unnest($4::uuid[]) AS sent (id)
            WHERE (
                SELECT stored.id FROM performance_events AS stored
                WHERE stored.account_id = $1 AND stored.id >= ($4::uuid[])[1]
                ORDER BY stored.account_id, stored.id LIMIT 1
            ) <= ($4::uuid[])[$3]
            AND (
                SELECT true FROM performance_events AS stored
                WHERE stored.account_id = $1 AND stored.id = sent.id LIMIT 1
            )
        ), stored AS (
            INSERT INTO performance_events (
                account_id, received_at, id, kind, ad_id, occurred_at, cost_micros, revenue_micros,
                country, device, placement
            )
            SELECT $1, $2, id, kind, ad_id, occurred_at, cost_micros, revenue_micros,
                nullif(country, ''), nullif(device, ''), nullif(placement, '')
            FROM unnest(
                $4::uuid[], $5::text[], $6::uuid[], $7::bigint[], $8::bigint[], $9::bigint[],
                $10::text[], $11::text[], $12::text[]
            ) AS sent (id, kind, ad_id, occurred_at, cost_micros, revenue_micros, country, device, placement)
            WHERE NOT EXISTS (SELECT FROM known)
        ), counted AS (
            INSERT INTO performance_rollups AS counted (
                account_id, ad_id, bucket_start, impressions, clicks, conversions, spend_micros, revenue_micros
            )
            SELECT $1, added.* FROM unnest(
                $13::uuid[], $14::bigint[], $15::bigint[], $16::bigint[], $17::bigint[], $18::bigint[],
                $19::bigint[]
            ) AS added
            WHERE NOT EXISTS (SELECT FROM known)
            ON CONFLICT (account_id, ad_id, bucket_start) DO UPDATE SET
                impressions = counted.impressions + excluded.impressions,
                clicks = counted.clicks + excluded.clicks,
                conversions = counted.conversions + excluded.conversions,
                spend_micros = counted.spend_micros + excluded.spend_micros,
                revenue_micros = counted.revenue_micros + excluded.revenue_micros
        )
        SELECT id FROM known";
    let figures = Figures::of(events);
    let columns = [
        Value::from(account.uuid()),
        micros(received_at).into(),
        i32::try_from(events.len()).unwrap_or(i32::MAX).into(),
        array(ArrayType::Uuid, events, |event| event.id.uuid().into()),
        array(ArrayType::String, events, |event| event.kind.as_str().into()),
        array(ArrayType::Uuid, events, |event| event.ad_id.uuid().into()),
        array(ArrayType::BigInt, events, |event| micros(event.occurred_at).into()),
        array(ArrayType::BigInt, events, |event| event.cost_micros.into()),
        array(ArrayType::BigInt, events, |event| event.revenue_micros.into()),
        array(ArrayType::String, events, |event| {
            event.country.as_ref().map(Country::as_str).unwrap_or_default().into()
        }),
        array(ArrayType::String, events, |event| event.device.map(Device::as_str).unwrap_or_default().into()),
        array(ArrayType::String, events, |event| {
            event.placement.as_ref().map(Placement::as_str).unwrap_or_default().into()
        }),
        array(ArrayType::Uuid, &figures, |it| it.ad_id.uuid().into()),
        array(ArrayType::BigInt, &figures, |it| micros(it.bucket_start).into()),
        array(ArrayType::BigInt, &figures, |it| signed(it.sum.impressions).into()),
        array(ArrayType::BigInt, &figures, |it| signed(it.sum.clicks).into()),
        array(ArrayType::BigInt, &figures, |it| signed(it.sum.conversions).into()),
        array(ArrayType::BigInt, &figures, |it| it.sum.spend_micros.into()),
        array(ArrayType::BigInt, &figures, |it| it.sum.revenue_micros.into()),
    ];
    let store = Statement::from_sql_and_values(DbBackend::Postgres, STORE, columns);
    let known = tx.query_all_raw(store).await?;
    known.iter().map(|row| Ok(EventId::new(row.try_get_by_index::<Uuid>(0)?))).collect()
}

fn array<T>(kind: ArrayType, rows: &[T], value: impl Fn(&T) -> Value) -> Value {
    Value::Array(kind, Some(Box::new(rows.iter().map(value).collect())))
}
