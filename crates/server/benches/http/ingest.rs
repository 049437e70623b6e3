//! Events that come over HTTP, against events that are handed to the repository.

use std::sync::Arc;

use adstead_backends::{Backend, Server, durable};
use adstead_domain::port::{Clock, PerformanceRepository};
use adstead_domain::{AccountId, Country, Device, PerformanceEvent, Placement};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::system::SystemClock;
use adstead_testkit::bench::{Bench, Better, FEW_ROUNDS, Row};
use adstead_testkit::{Traffic, build};
use jiff::SignedDuration;
use serde_json::json;
use std::time::Instant;
use tempfile::TempDir;
use tokio::runtime::{Builder, Runtime};

use crate::load;
use crate::process::Adstead;

/// Events of one request.
const BATCH: usize = 500;

/// Senders at a time.
const SENDERS: usize = 8;

/// Requests of each sender in one round.
const REQUESTS: usize = 10;

const ADS: usize = 20;

pub(crate) fn rows() -> Vec<Row> {
    let sqlite = TempDir::new().expect("a temporary folder");
    let url = format!("sqlite://{}", sqlite.path().join("direct.db").display());
    let on_sqlite = compare(bench("http.ingest"), None, &url);
    let bench = bench("http.ingest.postgres");
    let on_postgres = match durable(Backend::Postgres) {
        Some(server) => {
            let others = runtime().block_on(another_database(&server));
            compare(bench, Some(&server.url()), &others)
        }
        None => bench.missing("not measured: this machine has no PostgreSQL"),
    };
    vec![on_sqlite, on_postgres]
}

fn bench(name: &'static str) -> Bench {
    Bench {
        name,
        unit: "events/s",
        baseline_name: "PerformanceRepository::record",
        target: 0.7,
        better: Better::Higher,
    }
}

/// A server on `database`, against a repository in this process on `others`.
fn compare(bench: Bench, database: Option<&str>, others: &str) -> Row {
    let folder = TempDir::new().expect("a temporary folder");
    let server = Adstead::start_on(folder.path(), database);
    let key = server.first_key();
    let ads = (0..ADS).map(|_| load::draft_ad(server.address, &key).parse().expect("an id")).collect();
    let start = SystemClock.now() - SignedDuration::from_hours(1);
    let mut traffic = Traffic::of(ads, start, SignedDuration::from_micros(100));
    let mut batches = move || -> Vec<Vec<Vec<PerformanceEvent>>> {
        let sender = |_| (0..REQUESTS).map(|_| traffic.events(BATCH)).collect();
        (0..SENDERS).map(sender).collect()
    };

    let runtime = runtime();
    let direct = runtime.block_on(Direct::open(others));
    let clients = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut other_batches = batches.clone();
    let ours = || {
        let request = |events: &Vec<PerformanceEvent>| {
            load::request(server.address, "POST", "/v1/events", &key, &body(events))
        };
        let requests = batches().iter().map(|sender| sender.iter().map(request).collect()).collect();
        per_second(load::send(&clients, server.address, requests))
    };
    let baseline = || per_second(direct.record(&runtime, other_batches()));
    let note = "500 events a batch from 8 senders, over HTTP from another process with one thread of clients, or from as \
                many tasks in one process; each commit waits for the disk";
    bench.compare_rounds(FEW_ROUNDS, ours, baseline).with_note(note)
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

fn per_second(seconds: f64) -> f64 {
    (BATCH * SENDERS * REQUESTS) as f64 / seconds
}

/// The repository, and an account.
struct Direct {
    performance: Arc<dyn PerformanceRepository>,
    account: AccountId,
}

impl Direct {
    async fn open(url: &str) -> Self {
        let database = DatabaseManager::connect(&DatabaseConfig::new(url)).await.expect("it opens");
        database.migrate().await.expect("migrations that apply");
        let repositories = RepositoryFactory::new(Arc::new(database));
        let account = build::account();
        repositories.accounts().insert(&account).await.expect("an account");
        Self { performance: repositories.performance(), account: account.id }
    }

    /// The seconds that it takes to record the batches of each sender.
    fn record(&self, runtime: &Runtime, senders: Vec<Vec<Vec<PerformanceEvent>>>) -> f64 {
        runtime.block_on(async {
            let start = Instant::now();
            let sending = senders.into_iter().map(|batches| {
                let (performance, account) = (Arc::clone(&self.performance), self.account);
                tokio::spawn(async move {
                    for events in batches {
                        let recorded = performance.record(account, build::batch(events)).await;
                        assert_eq!(recorded.expect("events").counted, BATCH);
                    }
                })
            });
            for sent in sending.collect::<Vec<_>>() {
                sent.await.expect("a sender ends");
            }
            start.elapsed().as_secs_f64()
        })
    }
}

/// Makes a database beside the server's own, and answers its address.
async fn another_database(server: &Server) -> String {
    use sqlx::{Connection, Executor, PgConnection};
    let mut connection = PgConnection::connect(&server.admin_url()).await.expect("it answers");
    connection.execute("CREATE DATABASE direct").await.expect("a database");
    server.url_of("direct")
}

fn body(events: &[PerformanceEvent]) -> String {
    let events = events.iter().map(|event| {
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
        json!({
            "id": id.to_string(),
            "kind": kind.as_str(),
            "ad_id": ad_id.to_string(),
            "occurred_at": occurred_at.to_string(),
            "cost_micros": cost_micros,
            "revenue_micros": revenue_micros,
            "country": country.as_ref().map(Country::as_str),
            "device": device.map(Device::as_str),
            "placement": placement.as_ref().map(Placement::as_str),
        })
    });
    json!({ "events": events.collect::<Vec<_>>() }).to_string()
}
