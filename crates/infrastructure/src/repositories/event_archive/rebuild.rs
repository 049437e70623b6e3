//! Compares figures with the events that they were counted from, in the database, and mends them.
//!
//! A figure's *delta* is what its events add up to, less what it is. A comparison is one statement, so that it sees events,
//! figures and the moment since which events are kept as they were at one instant.

use adstead_domain::port::Comparison;
use adstead_domain::report::BUCKET;
use adstead_domain::{AccountId, EventKind};
use sea_orm::{ConnectionTrait, DatabaseTransaction, Statement};

use super::horizon::{self, KEPT_SINCE};
use crate::database::{DatabaseError, Engine, Fault};
use crate::repositories::entity::value::{instant, unsigned};
use crate::repositories::performance::turn::take_turn;

const DIFFERS: &str =
    "(impressions <> 0 OR clicks <> 0 OR conversions <> 0 OR spend_micros <> 0 OR revenue_micros <> 0)";

const EMPTY: &str =
    "(impressions = 0 AND clicks = 0 AND conversions = 0 AND spend_micros = 0 AND revenue_micros = 0)";

pub(super) async fn compare(
    database: &impl ConnectionTrait,
    account: AccountId,
) -> Result<Comparison, DatabaseError> {
    let backend = database.get_database_backend();
    let deltas = deltas(Engine::of(database), account);
    let compare = format!(
        "SELECT {KEPT_SINCE}, count(*), count(CASE WHEN {DIFFERS} THEN 1 END) FROM ({deltas}) AS deltas"
    );
    let row = database.query_one_raw(Statement::from_string(backend, compare)).await?;
    let row = row.ok_or(Fault::Unexpected)?;
    Ok(Comparison {
        since: instant("event_horizon.kept_since", row.try_get_by_index(0)?)?,
        buckets: unsigned("performance_rollups", row.try_get_by_index(1)?)?,
        differing: unsigned("performance_rollups", row.try_get_by_index(2)?)?,
    })
}

/// While it lasts, nobody counts events of the account, and none are deleted of those that it looks at.
pub(super) async fn mend(tx: &DatabaseTransaction, account: AccountId) -> Result<Comparison, DatabaseError> {
    take_turn(tx, account).await?;
    horizon::hold(tx).await?;
    let found = compare(tx, account).await?;
    if found.differing > 0 {
        add_deltas(tx, account).await?;
        let Comparison { differing, .. } = compare(tx, account).await?;
        if differing > 0 {
            let message = format!("{differing} figures differ from their events after they were mended");
            return Err(DatabaseError::new(Fault::Corrupt, message));
        }
    }
    Ok(found)
}

/// Adds what is lacking; what then is nothing goes.
async fn add_deltas(tx: &DatabaseTransaction, account: AccountId) -> Result<(), DatabaseError> {
    let engine = Engine::of(tx);
    let (id, deltas) = (literal(engine, account), deltas(engine, account));
    let on_conflict = match engine {
        Engine::MariaDb => "ON DUPLICATE KEY UPDATE",
        Engine::Sqlite | Engine::Postgres => "ON CONFLICT (account_id, ad_id, bucket_start) DO UPDATE SET",
    };
    let figures = ["impressions", "clicks", "conversions", "spend_micros", "revenue_micros"];
    let sums = figures.map(|figure| match engine {
        Engine::MariaDb => format!("{figure} = performance_rollups.{figure} + VALUES({figure})"),
        Engine::Sqlite | Engine::Postgres => {
            format!("{figure} = performance_rollups.{figure} + excluded.{figure}")
        }
    });
    let (figures, sums) = (figures.join(", "), sums.join(", "));
    let add = format!(
        "INSERT INTO performance_rollups (account_id, ad_id, bucket_start, {figures})
         SELECT {id}, ad_id, bucket_start, {figures} FROM ({deltas}) AS deltas WHERE {DIFFERS}
         {on_conflict} {sums}"
    );
    tx.execute_unprepared(&add).await?;
    let clear = format!(
        "DELETE FROM performance_rollups WHERE account_id = {id} AND bucket_start >= {KEPT_SINCE} AND {EMPTY}"
    );
    tx.execute_unprepared(&clear).await?;
    Ok(())
}

/// The deltas of all buckets whose events are all kept.
fn deltas(engine: Engine, account: AccountId) -> String {
    let id = literal(engine, account);
    let bucket = BUCKET.as_micros();
    let [impression, click, conversion] =
        [EventKind::Impression, EventKind::Click, EventKind::Conversion].map(EventKind::as_str);
    format!(
        "SELECT ad_id, bucket_start, sum(impressions) AS impressions, sum(clicks) AS clicks,
             sum(conversions) AS conversions, sum(spend_micros) AS spend_micros,
             sum(revenue_micros) AS revenue_micros
         FROM (
             SELECT ad_id, occurred_at - occurred_at % {bucket} AS bucket_start,
                 CASE WHEN kind = '{impression}' THEN 1 ELSE 0 END AS impressions,
                 CASE WHEN kind = '{click}' THEN 1 ELSE 0 END AS clicks,
                 CASE WHEN kind = '{conversion}' THEN 1 ELSE 0 END AS conversions,
                 cost_micros AS spend_micros, revenue_micros
             FROM performance_events
             WHERE account_id = {id} AND occurred_at >= {KEPT_SINCE}
                 AND occurred_at - occurred_at % {bucket} >= {KEPT_SINCE}
             UNION ALL
             SELECT ad_id, bucket_start, -impressions, -clicks, -conversions, -spend_micros, -revenue_micros
             FROM performance_rollups
             WHERE account_id = {id} AND bucket_start >= {KEPT_SINCE}
         ) AS signed
         GROUP BY ad_id, bucket_start"
    )
}

/// The account's id as the engine writes it.
fn literal(engine: Engine, account: AccountId) -> String {
    let id = account.uuid();
    match engine {
        Engine::Postgres => format!("'{id}'::uuid"),
        Engine::Sqlite | Engine::MariaDb => format!("x'{}'", id.simple()),
    }
}
