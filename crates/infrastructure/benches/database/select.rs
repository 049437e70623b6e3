//! What we add to the shortest query.

use std::sync::Arc;
use std::time::Instant;

use adstead_infrastructure::database::DatabaseError;
use adstead_testkit::bench::{Bench, Better, Row};
use sea_orm::{ConnectionTrait, Statement};
use tokio::runtime::Runtime;

use crate::site::Site;

/// Rounds are short and many, so that what else the machine does falls on both sides alike.
const CALLS: u32 = 200;
const ROUNDS: usize = 301;

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench { name, unit: "ns/op", baseline_name: "raw sqlx", target: 1.05, better: Better::Lower }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let database = Arc::new(runtime.block_on(site.database()));
    let ours = || {
        let database = Arc::clone(&database);
        on_a_worker(runtime, async move {
            for _ in 0..CALLS {
                let one = database.manager.read(async |connection| {
                    let select = Statement::from_string(connection.get_database_backend(), "SELECT 1");
                    let row = connection.query_one_raw(select).await?;
                    let one: Option<i32> = row.map(|row| row.try_get_by_index(0)).transpose()?;
                    Ok::<_, DatabaseError>(one)
                });
                assert_eq!(one.await.expect("an answer"), Some(1));
            }
        })
    };
    let baseline = || {
        let database = Arc::clone(&database);
        on_a_worker(runtime, async move {
            for _ in 0..CALLS {
                assert_eq!(database.raw.select_1().await, 1);
            }
        })
    };
    bench.compare_rounds(ROUNDS, ours, baseline).with_note(
        "one after the other on a worker thread of the runtime; both pools test no connection before its use and log nothing. \
         Both sides send the same, and wait as often; sea-orm moves 37 KB of futures more a call, about 1 µs",
    )
}

/// The nanoseconds a call takes, on a thread of the runtime, as in a server.
fn on_a_worker(runtime: &Runtime, calls: impl Future<Output = ()> + Send + 'static) -> f64 {
    runtime.block_on(async {
        let work = async {
            let start = Instant::now();
            calls.await;
            start.elapsed()
        };
        let took = tokio::spawn(work).await.expect("no query fails");
        took.as_nanos() as f64 / f64::from(CALLS)
    })
}
