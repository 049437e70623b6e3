//! The server as its clients and its operator meet it: `cargo bench -p adstead-server --bench http [-- [--json] [ingest]]`;
//! `ingest` measures nothing else.

mod baseline;
mod ingest;
mod load;
mod process;

use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use adstead_testkit::bench::{Bench, Better, Row, print};
use load::Load;
use process::Adstead;
use tempfile::TempDir;

fn main() {
    let mut rows = Vec::new();
    if std::env::args().all(|word| word != "ingest") {
        let folder = TempDir::new().expect("a temporary folder");
        rows.extend(as_installed(&folder));
    }
    rows.extend(ingest::rows());
    print(&rows);
}

/// What needs nothing but the binary.
fn as_installed(folder: &TempDir) -> [Row; 3] {
    let first = Adstead::start(folder.path());
    let key = first.first_key();
    let ad = load::draft_ad(first.address, &key);
    drop(first);
    [read_ad(folder.path(), &key, &ad), start(folder.path()), idle_rss(folder.path())]
}

/// One ad, asked for over and over by many connections that stay open.
fn read_ad(folder: &Path, key: &str, ad: &str) -> Row {
    let server = Adstead::start(folder);
    let path = format!("/v1/ads/{ad}");
    let ours = Load::new(server.address, &path, key);
    let body = ours.body();
    let baseline = Load::new(baseline::serve(ad, body.clone()), &path, key);
    assert_eq!(baseline.body(), body, "both sides answer the same bytes");
    let bench = Bench {
        name: "http.read_ad",
        unit: "requests/s",
        baseline_name: "axum + sqlx on SQLite",
        target: 0.8,
        better: Better::Higher,
    };
    bench.compare(|| ours.requests_per_second(), || baseline.requests_per_second())
}

/// From the start of the process until it says that it is ready, on a data folder with the schema of this build.
fn start(folder: &Path) -> Row {
    let bench = Bench {
        name: "start",
        unit: "ms",
        baseline_name: "what is allowed",
        target: 1.0,
        better: Better::Lower,
    };
    let ours = || {
        let begun = Instant::now();
        let server = Adstead::start(folder);
        server.wait_until_ready();
        begun.elapsed().as_secs_f64() * 1000.0
    };
    bench.compare(ours, || 150.0)
}

/// What the process keeps in memory once it is ready and left alone.
fn idle_rss(folder: &Path) -> Row {
    let bench = Bench {
        name: "idle_rss",
        unit: "MiB",
        baseline_name: "what is allowed",
        target: 1.0,
        better: Better::Lower,
    };
    let server = Adstead::start(folder);
    server.wait_until_ready();
    sleep(Duration::from_secs(2));
    bench.row(server.resident_mib(), 40.0)
}
