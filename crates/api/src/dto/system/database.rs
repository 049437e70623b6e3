use std::collections::BTreeMap;

use adstead_domain::port;
use serde::Serialize;
use utoipa::ToSchema;

use super::times::{Times, ms};

/// The database.
#[derive(Serialize, ToSchema)]
pub(crate) struct Database {
    #[schema(example = "postgres")]
    engine: &'static str,
    /// The pools of connections: SQLite has one that writes and one that reads, servers have one for both.
    pools: Vec<Pool>,
    /// Transactions that were committed.
    transactions: u64,
    /// Calls that were run again after a passing fault, by that fault.
    #[schema(example = json!({ "locked": 0, "deadlock": 2, "serialization": 0, "disconnected": 0 }))]
    retries: BTreeMap<&'static str, u64>,
    /// Commits of which nobody knows whether they took effect.
    unknown_outcomes: u64,
    /// Calls that failed.
    errors: u64,
    /// The shapes of statements that were slow, those first that took the most time in all.
    slow_statements: Vec<SlowStatement>,
}

/// A pool of connections to the database.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pool {
    /// What its connections are for: `write`, `read` or `all`.
    #[schema(example = "all")]
    role: &'static str,
    /// Connections that are open.
    size: u32,
    /// Open connections that nobody uses.
    idle: u32,
    /// Callers that hold a connection.
    in_use: u32,
    /// The most connections that may be open.
    max: u32,
    /// Callers that wait for one.
    waiting: u32,
    /// Callers that got one.
    acquires: u64,
    /// Callers that waited in vain and were turned away.
    timeouts: u64,
    /// How long callers waited.
    wait: Times,
    /// How long callers held a connection.
    held: Times,
    /// The caller that holds one for the longest time.
    #[schema(required)]
    longest_holder: Option<Holder>,
    /// Callers that held one for longer than `database.long_hold`.
    long_holds: u64,
}

/// A caller that holds a connection.
#[derive(Serialize, ToSchema)]
pub(crate) struct Holder {
    /// The place in the code where it got the connection.
    #[schema(example = "crates/infrastructure/src/repositories/ads.rs:47")]
    place: String,
    held_ms: f64,
}

/// Statements of one shape that were slow.
#[derive(Serialize, ToSchema)]
pub(crate) struct SlowStatement {
    /// The statement with its parameters left out.
    #[schema(example = "SELECT * FROM ads WHERE account_id = ?")]
    shape: String,
    count: u64,
    total_ms: f64,
    longest_ms: f64,
}

impl From<port::DatabaseStatistics> for Database {
    fn from(database: port::DatabaseStatistics) -> Self {
        let port::DatabaseStatistics {
            engine,
            pools,
            transactions,
            retries,
            unknown_outcomes,
            errors,
            slow_statements,
        } = database;
        Self {
            engine,
            pools: pools.into_iter().map(Pool::from).collect(),
            transactions,
            retries: retries.into_iter().collect(),
            unknown_outcomes,
            errors,
            slow_statements: slow_statements.into_iter().map(SlowStatement::from).collect(),
        }
    }
}

impl From<port::PoolStatistics> for Pool {
    fn from(pool: port::PoolStatistics) -> Self {
        let port::PoolStatistics {
            role,
            size,
            idle,
            in_use,
            max,
            waiting,
            acquires,
            timeouts,
            wait,
            held,
            longest_holder,
            long_holds,
        } = pool;
        let longest_holder =
            longest_holder.map(|port::Holder { place, held }| Holder { place, held_ms: ms(held) });
        Self {
            role,
            size,
            idle,
            in_use,
            max,
            waiting,
            acquires,
            timeouts,
            wait: (&wait).into(),
            held: (&held).into(),
            longest_holder,
            long_holds,
        }
    }
}

impl From<port::SlowStatement> for SlowStatement {
    fn from(statement: port::SlowStatement) -> Self {
        let port::SlowStatement { shape, count, total, longest } = statement;
        Self { shape, count, total_ms: ms(total), longest_ms: ms(longest) }
    }
}
