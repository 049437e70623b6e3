//! Files against what their storage is built on, and against another crate of its kind:
//! `cargo bench -p adstead-infrastructure --bench storage [-- [--json] [s3 …]]`; words choose rows by part of their names.
//!
//! The server of S3 is `s3s-fs`, in a process of its own that this program starts of itself, with its files in memory where
//! the machine has a place for that.

mod local;
mod memory;
mod object;
mod ours;
mod raw;
mod server;
mod source;
mod transfers;

use adstead_testkit::bench::{Bench, Better, Row, print};
use tokio::runtime::{Builder, Runtime};

/// Measures what a row tells.
type Comparison = fn(&Runtime, Bench) -> Row;

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match &*arguments {
        [serve] if serve == server::SERVE => return server::serve(&runtime),
        [grow, side, endpoint] if grow == memory::GROW => return memory::grow(&runtime, side, endpoint),
        _ => {}
    }
    let wanted = comparisons().into_iter().filter(|(bench, _)| bench.is_wanted());
    let rows: Vec<_> = wanted.map(|(bench, compare)| compare(&runtime, bench)).collect();
    print(&rows);
}

fn comparisons() -> Vec<(Bench, Comparison)> {
    vec![
        (throughput("storage.local_put", "write, fsync, rename by hand"), local::compare),
        (
            throughput(
                "storage.local_put.folder_synced",
                "write, fsync, rename, fsync of the folder by hand",
            ),
            local::compare_with_folder,
        ),
        (throughput("storage.local_put.million", "among no other files"), local::compare_at_a_million),
        (throughput("storage.s3_get_16mib", "raw aws-sdk-s3"), transfers::get),
        (
            throughput("storage.s3_get_16mib.object_store", "object_store"),
            transfers::get_against_object_store,
        ),
        (throughput("storage.s3_put_1gib", "raw aws-sdk-s3 multipart"), transfers::put),
        (throughput("storage.s3_put_1gib.object_store", "object_store"), transfers::put_against_object_store),
        (
            Bench {
                name: "storage.put_memory",
                unit: "MiB",
                baseline_name: "part size × concurrency + 16 MiB",
                target: 1.0,
                better: Better::Lower,
            },
            memory::compare,
        ),
    ]
}

/// A row that is a throughput.
fn throughput(name: &'static str, baseline_name: &'static str) -> Bench {
    Bench { name, unit: "MiB/s", baseline_name, target: 0.95, better: Better::Higher }
}
