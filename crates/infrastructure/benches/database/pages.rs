//! A page far down a list, by keyset and by OFFSET.

use std::time::Instant;

use adstead_domain::port::AdFilter;
use adstead_domain::{AccountId, PageRequest};
use adstead_testkit::bench::{Bench, Better, Row};
use sqlx::Executor;
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::raw::Raw;
use crate::site::{Database, Site};

const PAGE: usize = 10_000;
const LIMIT: u16 = PageRequest::DEFAULT_LIMIT;

/// Rounds of ours are as short as those of the other side.
const READS: u32 = 20;

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench { name, unit: "pages/s", baseline_name: "OFFSET", target: 100.0, better: Better::Higher }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let before = (PAGE - 1) * usize::from(LIMIT);
    let (database, account, mut ids) = runtime.block_on(async {
        let database = site.database().await;
        let tenant = database.tenant().await;
        let ads = database.ads(&tenant, before + 100).await;
        database.raw.analyze().await;
        (database, tenant.account.id, ads.into_iter().map(|ad| ad.id.uuid()).collect::<Vec<_>>())
    });
    ids.sort_unstable_by(|one, other| other.cmp(one));
    let (last_seen, expected) = (ids[before - 1], &ids[before..before + usize::from(LIMIT)]);

    let ours = || {
        let start = Instant::now();
        for _ in 0..READS {
            let seen = runtime.block_on(keyset(&database, account, last_seen));
            assert_eq!(seen, expected);
        }
        f64::from(READS) / start.elapsed().as_secs_f64()
    };
    let baseline = || {
        let start = Instant::now();
        let rows = runtime.block_on(database.raw.ads_by_offset(account, before));
        let took = start.elapsed().as_secs_f64();
        assert_eq!(rows, usize::from(LIMIT) + 1);
        1.0 / took
    };
    let note = "page 10,000 of 50 ads each, the default, through AdRepository::list with all that an ad holds; the baseline reads the \
                same rows with sqlx and decodes none. On SQLite half of ours is the way of 51 rows from SQLite's thread, each value \
                copied by itself, the other half reading them: 0.7 million of 1.8 million instructions are the domain's parsers";
    bench.compare(ours, baseline).with_note(note)
}

async fn keyset(database: &Database, account: AccountId, after: Uuid) -> Vec<Uuid> {
    let page = PageRequest::new(LIMIT, Some(after)).expect("a page within bounds");
    let page = database.repositories.ads().list(account, AdFilter::default(), page).await.expect("a page");
    page.items.iter().map(|ad| ad.id.uuid()).collect()
}

impl Raw {
    /// As the keyset does, one row more than a page has; how many there were.
    async fn ads_by_offset(&self, account: AccountId, offset: usize) -> usize {
        const MARKS: &str = "SELECT * FROM ads WHERE account_id = ? ORDER BY id DESC LIMIT ? OFFSET ?";
        const NUMBERED: &str = "SELECT * FROM ads WHERE account_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3";
        let (account, limit) = (account.uuid(), i64::from(LIMIT) + 1);
        let offset = i64::try_from(offset).expect("a small number");
        match self {
            Self::Sqlite(pool) => pool
                .fetch_all(sqlx::query(MARKS).bind(account).bind(limit).bind(offset))
                .await
                .map(|it| it.len()),
            Self::Postgres(pool) => pool
                .fetch_all(sqlx::query(NUMBERED).bind(account).bind(limit).bind(offset))
                .await
                .map(|it| it.len()),
            Self::MariaDb(pool) => pool
                .fetch_all(sqlx::query(MARKS).bind(account).bind(limit).bind(offset))
                .await
                .map(|it| it.len()),
        }
        .expect("rows")
    }

    /// Lets the planner know what there is.
    pub(crate) async fn analyze(&self) {
        match self {
            // With a limit, as SQLite advises and `PRAGMA optimize` does: it then takes no samples, for which each
            // statement would be planned anew with its values.
            Self::Sqlite(pool) => {
                pool.execute("PRAGMA analysis_limit = 400; ANALYZE").await.expect("statistics");
            }
            Self::Postgres(pool) => drop(pool.execute("VACUUM ANALYZE").await.expect("statistics")),
            Self::MariaDb(pool) => drop(pool.execute("ANALYZE TABLE ads").await.expect("statistics")),
        }
    }
}
