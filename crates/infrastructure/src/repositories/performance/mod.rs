//! Counts performance events, each once.
//!
//! Recorders of one account take turns, each from the first to the last of its statements: on SQLite there is one writer
//! anyway, on servers a lock that ends with the transaction sees to it. So whether an event was counted before cannot
//! change while a batch is being recorded, and recorders cannot wait for each other's roll-ups in a circle.

mod chunks;
mod figures;
pub(super) mod partitions;
mod portable;
mod postgres;
pub(super) mod turn;

use std::collections::BTreeMap;
use std::sync::Arc;

use adstead_domain::port::{EventBatch, PerformanceRepository, PortError, Recorded};
use adstead_domain::{AccountId, PerformanceEvent, RejectedEvent, Sha256Digest};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use self::chunks::chunks;
use self::partitions::Partitions;
use super::entity::performance::RejectedEvents;
use super::entity::value::micros;
use crate::database::{DatabaseError, DatabaseManager, Engine, Fault};

pub(super) struct DatabasePerformance {
    database: Arc<DatabaseManager>,
    partitions: Partitions,
}

impl DatabasePerformance {
    pub(super) fn new(database: Arc<DatabaseManager>) -> Self {
        Self { database, partitions: Partitions::default() }
    }

    /// A month's partition may be gone since this process last saw it: it is then made again.
    async fn store(
        &self,
        account: AccountId,
        received_at: Timestamp,
        events: &[&PerformanceEvent],
        refusals: &[&RejectedEvent],
    ) -> Result<usize, DatabaseError> {
        match self.try_to_store(account, received_at, events, refusals).await {
            Err(error) if error.fault == Fault::Constraint && self.database.engine() == Engine::Postgres => {
                self.partitions.forget();
                self.try_to_store(account, received_at, events, refusals).await
            }
            outcome => outcome,
        }
    }

    async fn try_to_store(
        &self,
        account: AccountId,
        received_at: Timestamp,
        events: &[&PerformanceEvent],
        refusals: &[&RejectedEvent],
    ) -> Result<usize, DatabaseError> {
        if self.database.engine() == Engine::Postgres {
            self.partitions.provide(&self.database, events).await?;
        }
        self.database
            .transaction(async |tx| {
                let counted = match Engine::of(tx) {
                    Engine::Postgres => postgres::count(tx, account, received_at, events).await?,
                    Engine::Sqlite | Engine::MariaDb => {
                        portable::count(tx, account, received_at, events).await?
                    }
                };
                for chunk in chunks(refusals) {
                    keep_refusals(tx, account, received_at, chunk).await?;
                }
                Ok(counted)
            })
            .await
    }
}

#[async_trait]
impl PerformanceRepository for DatabasePerformance {
    #[tracing::instrument(level = "debug", skip_all, fields(%account, events = batch.events.len()), err(level = "debug"))]
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let EventBatch { events, rejected, received_at } = batch;
        let (distinct, refusals) = (distinct_events(&events), distinct_refusals(&rejected));
        let stored = self.store(account, received_at, &distinct, &refusals).await;
        let counted = stored.map_err(|error| error.during("performance.record"))?;
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

/// The last refusal of each digest, in the order of the digests: recorders of the same ones lock them in one order.
fn distinct_refusals(rejected: &[RejectedEvent]) -> Vec<&RejectedEvent> {
    let by_digest: BTreeMap<Sha256Digest, _> = rejected.iter().map(|event| (event.digest, event)).collect();
    by_digest.into_values().collect()
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
    tx.execute(&upsert).await?;
    Ok(())
}
