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
use adstead_domain::{
    AccountId, DomainEvent, EventId, EventKind, PerformanceEvent, RejectedEvent, Sha256Digest,
};
use async_trait::async_trait;
use jiff::Timestamp;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ConnectionTrait, DatabaseTransaction};

use self::chunks::chunks;
use self::partitions::Partitions;
use super::entity::performance::RejectedEvents;
use super::entity::value::micros;
use super::outbox::Publisher;
use crate::database::{DatabaseError, DatabaseManager, Engine, Fault};

pub(super) struct DatabasePerformance {
    database: Arc<DatabaseManager>,
    publisher: Arc<Publisher>,
    partitions: Partitions,
}

/// What is to be stored of a batch, without what stands in it twice.
struct Distinct<'a> {
    received_at: Timestamp,
    events: Vec<&'a PerformanceEvent>,
    refusals: Vec<&'a RejectedEvent>,
    conversions: &'a BTreeMap<EventId, DomainEvent>,
}

/// What became of it.
struct Stored<'a> {
    counted: usize,
    told: Vec<&'a DomainEvent>,
}

impl DatabasePerformance {
    pub(super) fn new(database: Arc<DatabaseManager>, publisher: Arc<Publisher>) -> Self {
        Self { database, publisher, partitions: Partitions::default() }
    }

    /// A month's partition may be gone since this process last saw it: it is then made again.
    async fn store<'a>(&self, account: AccountId, batch: &Distinct<'a>) -> Result<Stored<'a>, DatabaseError> {
        match self.try_to_store(account, batch).await {
            Err(error) if error.fault == Fault::Constraint && self.database.engine() == Engine::Postgres => {
                self.partitions.forget();
                self.try_to_store(account, batch).await
            }
            outcome => outcome,
        }
    }

    async fn try_to_store<'a>(
        &self,
        account: AccountId,
        batch: &Distinct<'a>,
    ) -> Result<Stored<'a>, DatabaseError> {
        let Distinct { received_at, events, refusals, conversions } = batch;
        if self.database.engine() == Engine::Postgres {
            self.partitions.provide(&self.database, events).await?;
        }
        self.database
            .transaction(async |tx| {
                let new = match Engine::of(tx) {
                    Engine::Postgres => postgres::count(tx, account, *received_at, events).await?,
                    Engine::Sqlite | Engine::MariaDb => {
                        portable::count(tx, account, *received_at, events).await?
                    }
                };
                for chunk in chunks(refusals) {
                    keep_refusals(tx, account, *received_at, chunk).await?;
                }
                let converted = new.iter().filter(|event| event.kind == EventKind::Conversion);
                let told: Vec<_> = converted.filter_map(|event| conversions.get(&event.id)).collect();
                self.publisher.publish(tx, told.iter().copied()).await?;
                Ok(Stored { counted: new.len(), told })
            })
            .await
    }
}

#[async_trait]
impl PerformanceRepository for DatabasePerformance {
    #[tracing::instrument(level = "debug", skip_all, fields(%account, events = batch.events.len()), err(level = "debug"))]
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError> {
        let distinct = Distinct {
            received_at: batch.received_at,
            events: distinct_events(&batch.events),
            refusals: distinct_refusals(&batch.rejected),
            conversions: &batch.conversions,
        };
        let stored = self.store(account, &distinct).await;
        let Stored { counted, told } = stored.map_err(|error| error.during("performance.record"))?;
        self.publisher.committed(told);
        Ok(Recorded { counted, duplicates: batch.events.len() - counted })
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
