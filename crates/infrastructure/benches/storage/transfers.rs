//! Reading and storing over the network.

use std::time::Instant;

use adstead_domain::port::{FileKey, FileStore};
use adstead_testkit::bench::{Bench, FEW_ROUNDS, Row};
use tokio::runtime::Runtime;

use crate::server::Server;
use crate::source::MIB;
use crate::{object, ours, raw};

const SMALL: u64 = 16 * MIB;
const LARGE: u64 = 1 << 30;

/// How often the small file is read in a round.
const READS: u64 = 16;

const KEY: &str = "bench/file";

pub(crate) fn get(runtime: &Runtime, bench: Bench) -> Row {
    let server = Server::start();
    let client = raw::connect(server.endpoint());
    compare_gets(runtime, bench, &server, async || raw::get(&client, KEY).await)
}

pub(crate) fn get_against_object_store(runtime: &Runtime, bench: Bench) -> Row {
    let server = Server::start();
    let store = object::connect(server.endpoint());
    compare_gets(runtime, bench, &server, async || object::get(&store, KEY).await)
}

pub(crate) fn put(runtime: &Runtime, bench: Bench) -> Row {
    let server = Server::start();
    let client = raw::connect(server.endpoint());
    compare_puts(runtime, bench, &server, async || raw::put(&client, KEY, LARGE).await)
}

pub(crate) fn put_against_object_store(runtime: &Runtime, bench: Bench) -> Row {
    let server = Server::start();
    let store = object::connect(server.endpoint());
    compare_puts(runtime, bench, &server, async || object::put(&store, KEY, LARGE).await)
}

fn key() -> FileKey {
    KEY.parse().expect("a key")
}

fn compare_gets(runtime: &Runtime, bench: Bench, server: &Server, baseline: impl AsyncFn() -> u64) -> Row {
    let store = runtime.block_on(ours::connect(server.endpoint()));
    let key = key();
    runtime.block_on(ours::put(&store, &key, SMALL));
    let figure = |read: &dyn Fn() -> u64| {
        let start = Instant::now();
        for _ in 0..READS {
            assert_eq!(read(), SMALL, "the whole file comes");
        }
        mib_per_second(READS * SMALL, start)
    };
    let row = bench.compare(
        || figure(&|| runtime.block_on(ours::get(&store, &key))),
        || figure(&|| runtime.block_on(baseline())),
    );
    row.with_note(format!("{READS} reads of {} MiB one after the other in each round", SMALL / MIB))
}

fn compare_puts(runtime: &Runtime, bench: Bench, server: &Server, baseline: impl AsyncFn()) -> Row {
    let store = runtime.block_on(ours::connect(server.endpoint()));
    let key = key();
    let figure = |put: &dyn Fn()| {
        let start = Instant::now();
        put();
        let figure = mib_per_second(LARGE, start);
        runtime.block_on(store.delete(&key)).expect("a file can be deleted");
        figure
    };
    let row = bench.compare_rounds(
        FEW_ROUNDS,
        || figure(&|| runtime.block_on(ours::put(&store, &key, LARGE))),
        || figure(&|| runtime.block_on(baseline())),
    );
    row.with_note(format!(
        "parts of {} MiB, {} at once, from pieces of 64 KiB; neither side signs what it sends",
        ours::PART_BYTES / MIB,
        ours::CONCURRENCY
    ))
}

fn mib_per_second(bytes: u64, since: Instant) -> f64 {
    bytes as f64 / MIB as f64 / since.elapsed().as_secs_f64()
}
