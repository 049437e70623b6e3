//! Counting on PostgreSQL: one statement a batch.

use adstead_domain::report::BUCKET;
use adstead_domain::{AccountId, Country, Device, EventKind, PerformanceEvent, Placement};
use jiff::Timestamp;
use sea_orm::sea_query::{ArrayType, Value};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};

use super::turn::take_turn;
use crate::database::DatabaseError;
use crate::repositories::entity::value::micros;

/// Stores those of `events`, each id of which stands there once, that were not counted before, and adds them to the
/// roll-ups; how many they are.
///
/// Columns travel as arrays. An id may not come again with another time either, which may belong to another partition,
/// where the primary key does not find it: so the statement looks for it first, and nobody else adds one meanwhile. Rows
/// are stored in the order of their keys, so that neighbours go to the same page.
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
    let columns = [
        Value::from(account.uuid()),
        micros(received_at).into(),
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
    ];
    let counted =
        tx.query_one_raw(Statement::from_sql_and_values(DbBackend::Postgres, statement(), columns)).await?;
    let counted: i64 = counted.map(|row| row.try_get_by_index(0)).transpose()?.unwrap_or_default();
    Ok(usize::try_from(counted).unwrap_or_default())
}

fn array(kind: ArrayType, events: &[&PerformanceEvent], value: impl Fn(&PerformanceEvent) -> Value) -> Value {
    Value::Array(kind, Some(Box::new(events.iter().map(|event| value(event)).collect())))
}

fn statement() -> String {
    let bucket = BUCKET.as_micros();
    let [impression, click, conversion] =
        [EventKind::Impression, EventKind::Click, EventKind::Conversion].map(EventKind::as_str);
    format!(
        "WITH sent AS (
             SELECT * FROM unnest(
                 $3::uuid[], $4::text[], $5::uuid[], $6::bigint[], $7::bigint[], $8::bigint[],
                 $9::text[], $10::text[], $11::text[]
             ) AS sent (id, kind, ad_id, occurred_at, cost_micros, revenue_micros, country, device, placement)
         ), fresh AS (
             INSERT INTO performance_events (
                 account_id, id, kind, ad_id, occurred_at, received_at, cost_micros, revenue_micros,
                 country, device, placement
             )
             SELECT $1, id, kind, ad_id, occurred_at, $2, cost_micros, revenue_micros,
                 nullif(country, ''), nullif(device, ''), nullif(placement, '')
             FROM sent
             WHERE NOT EXISTS (
                 SELECT FROM performance_events AS stored WHERE stored.account_id = $1 AND stored.id = sent.id
             )
             RETURNING ad_id, kind, occurred_at, cost_micros, revenue_micros
         ), counted AS (
             INSERT INTO performance_rollups AS stored (
                 account_id, ad_id, bucket_start, impressions, clicks, conversions, spend_micros, revenue_micros
             )
             SELECT $1, ad_id, occurred_at - occurred_at % {bucket} AS bucket_start,
                 count(*) FILTER (WHERE kind = '{impression}'),
                 count(*) FILTER (WHERE kind = '{click}'),
                 count(*) FILTER (WHERE kind = '{conversion}'),
                 sum(cost_micros)::bigint, sum(revenue_micros)::bigint
             FROM fresh
             GROUP BY ad_id, bucket_start
             ON CONFLICT (account_id, ad_id, bucket_start) DO UPDATE SET
                 impressions = stored.impressions + excluded.impressions,
                 clicks = stored.clicks + excluded.clicks,
                 conversions = stored.conversions + excluded.conversions,
                 spend_micros = stored.spend_micros + excluded.spend_micros,
                 revenue_micros = stored.revenue_micros + excluded.revenue_micros
         )
         SELECT count(*) FROM fresh"
    )
}
