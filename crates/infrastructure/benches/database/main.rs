//! The database layer against what it is built on, on each engine:
//! `cargo bench -p adstead-infrastructure --bench database [-- [--json] [ingest …]]`; words choose rows by part of their
//! names.
//!
//! Data is on a disk, and a commit waits for it, on both sides of each comparison.

mod ingest;
mod insert_many;
mod outbox;
mod pages;
mod raw;
mod report;
mod select;
mod site;

use adstead_infrastructure::database::Engine;
use adstead_testkit::bench::{Bench, Row, print};
use site::Site;
use tokio::runtime::{Builder, Runtime};

/// What is compared on a site.
type Comparison = fn(&Runtime, &Site, Bench) -> Row;

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut rows = Vec::new();
    for engine in [Engine::Sqlite, Engine::Postgres, Engine::MariaDb] {
        let wanted: Vec<_> = comparisons(engine).into_iter().filter(|(bench, _)| bench.is_wanted()).collect();
        if wanted.is_empty() {
            continue;
        }
        let site = runtime.block_on(Site::open(engine));
        rows.extend(wanted.into_iter().map(|(bench, compare)| match &site {
            Some(site) => compare(&runtime, site, bench),
            None => bench.missing(format!("not measured: this machine has no {}", engine.name())),
        }));
    }
    print(&rows);
}

/// What is compared on an engine. The rows that name no engine are PostgreSQL's.
fn comparisons(engine: Engine) -> Vec<(Bench, Comparison)> {
    match engine {
        Engine::Sqlite => vec![
            (select::bench("database.select_1.sqlite"), select::compare),
            (ingest::bench("database.ingest.sqlite", "raw multi-row INSERT"), ingest::compare),
            (insert_many::bench("database.insert_many.sqlite"), insert_many::compare),
            (insert_many::bench("database.insert_many.bare.sqlite"), insert_many::compare_bare),
            (pages::bench("database.page_10000.sqlite"), pages::compare),
            (report::bench("database.report.sqlite"), report::compare),
            (outbox::bench("database.outbox.sqlite"), outbox::compare),
        ],
        Engine::Postgres => vec![
            (select::bench("database.select_1.postgres"), select::compare),
            (ingest::bench("database.ingest.postgres", "raw COPY"), ingest::compare),
            (insert_many::bench("database.insert_many"), insert_many::compare),
            (insert_many::bench("database.insert_many.bare"), insert_many::compare_bare),
            (pages::bench("database.page_10000"), pages::compare),
            (report::bench("database.report"), report::compare),
            (outbox::bench("database.outbox"), outbox::compare),
        ],
        Engine::MariaDb => {
            vec![
                (ingest::bench("database.ingest.mariadb", "raw multi-row INSERT"), ingest::compare),
                (outbox::bench("database.outbox.mariadb"), outbox::compare),
            ]
        }
    }
}
