use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use adstead_domain::port::{EventBatch, PerformanceRepository, PortError, Recorded};
use adstead_domain::report::bucket_start;
use adstead_domain::{
    AccountId, AdId, Country, Device, EventId, Metrics, PerformanceEvent, Placement, RejectedEvent,
    Sha256Digest,
};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, InsertStatement, OnConflict, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction};
use uuid::Uuid;

use super::entity::performance::{PerformanceEvents, PerformanceRollups, RejectedEvents};
use super::entity::value::{micros, signed};
use crate::database::{DatabaseError, DatabaseManager};

pub(super) struct DatabasePerformance {
    pub(super) database: Arc<DatabaseManager>,
}

#[async_trait]
impl PerformanceRepository for DatabasePerformance {
    #[tracing::instrument(level = "debug", skip_all, fields(%account, events = batch.events.len()), err(level = "debug"))]
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let EventBatch { events, rejected, received_at } = batch;
        let distinct = distinct_events(&events);
        let refusals = distinct_refusals(&rejected);
        let counted = self
            .database
            .transaction(async |tx| {
                let mut known = HashSet::new();
                for chunk in chunks(&distinct) {
                    known.extend(counted_before(tx, account, chunk).await?);
                }
                let new: Vec<_> =
                    distinct.iter().copied().filter(|event| !known.contains(&event.id)).collect();
                for chunk in chunks(&new) {
                    insert_events(tx, account, received_at, chunk).await?;
                }
                for chunk in chunks(&rolled_up(&new)) {
                    add_figures(tx, account, chunk).await?;
                }
                for chunk in chunks(&refusals) {
                    keep_refusals(tx, account, received_at, chunk).await?;
                }
                Ok(new.len())
            })
            .await
            .map_err(|error: DatabaseError| error.during("performance.record"))?;
        Ok(Recorded { counted, duplicates: events.len() - counted })
    }
}

/// The first event of each id, in the order of the primary key: neighbours go to the same page of its tree.
fn distinct_events(events: &[PerformanceEvent]) -> Vec<&PerformanceEvent> {
    let mut distinct: Vec<_> = events.iter().collect();
    distinct.sort_by_key(|event| event.id);
    distinct.dedup_by_key(|event| event.id);
    distinct
}

/// The last refusal of each digest.
fn distinct_refusals(rejected: &[RejectedEvent]) -> Vec<&RejectedEvent> {
    let by_digest: HashMap<Sha256Digest, _> = rejected.iter().map(|event| (event.digest, event)).collect();
    by_digest.into_values().collect()
}

/// What one ad's events of one bucket add up to.
struct Figures {
    ad_id: AdId,
    bucket_start: Timestamp,
    sum: Metrics,
}

/// The sums of `events`, in the order of the roll-ups' primary key.
fn rolled_up(events: &[&PerformanceEvent]) -> Vec<Figures> {
    let mut sums: BTreeMap<(AdId, Timestamp), Metrics> = BTreeMap::new();
    for event in events {
        *sums.entry((event.ad_id, bucket_start(event.occurred_at))).or_default() += Metrics::of(event);
    }
    sums.into_iter().map(|((ad_id, bucket_start), sum)| Figures { ad_id, bucket_start, sum }).collect()
}

/// Cuts `rows` into chunks of few different lengths, so that their statements are prepared once and used again.
///
/// The greatest has 11 columns × 512 rows, well inside SQLite's 32,766 variables.
fn chunks<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    const LENGTHS: [usize; 4] = [512, 64, 8, 1];
    std::iter::from_fn(move || {
        let length = LENGTHS.into_iter().find(|&length| length <= rows.len())?;
        let (chunk, rest) = rows.split_at(length);
        rows = rest;
        Some(chunk)
    })
}

/// Which of these events were counted before. Nobody can add one until the transaction ends: it holds SQLite's only write
/// lock from its beginning. Asking first is about twice as fast as `INSERT … ON CONFLICT DO NOTHING RETURNING`: most events
/// are new, and each row that a statement answers has to cross from SQLite's thread to this one.
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
        (column, stored.add(Expr::col((Alias::new("excluded"), column))))
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

/// Keeps what was refused, with the reason given last.
async fn keep_refusals(
    tx: &DatabaseTransaction,
    account: AccountId,
    received_at: Timestamp,
    refusals: &[&RejectedEvent],
) -> Result<(), DatabaseError> {
    use RejectedEvents as Column;
    let again = OnConflict::columns([Column::AccountId, Column::Digest])
        .update_columns([Column::ReceivedAt, Column::Reason])
        .to_owned();
    let mut upsert = Query::insert()
        .into_table(Column::Table)
        .columns([Column::AccountId, Column::Digest, Column::ReceivedAt, Column::Reason, Column::Payload])
        .on_conflict(again)
        .take();
    for RejectedEvent { payload, digest, reason } in refusals {
        upsert.values_panic([
            account.uuid().into(),
            digest.to_string().into(),
            micros(received_at).into(),
            reason.as_str().into(),
            payload.as_str().into(),
        ]);
    }
    execute(tx, &upsert).await
}

async fn execute(tx: &DatabaseTransaction, insert: &InsertStatement) -> Result<(), DatabaseError> {
    tx.execute(insert).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_cut_into_few_different_lengths() {
        let rows: Vec<_> = (0..5000).collect();
        let lengths: Vec<_> = chunks(&rows).map(<[_]>::len).collect();
        assert_eq!(lengths, [[512; 9].as_slice(), &[64; 6], &[8; 1]].concat());
        assert_eq!(chunks(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(chunks::<u8>(&[]).count(), 0);
    }
}
