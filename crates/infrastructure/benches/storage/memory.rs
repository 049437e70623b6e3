//! How much more memory a process has while it stores a large file.

use std::fs;
use std::process::{Command, Stdio};

use adstead_testkit::bench::{Bench, Row};
use tokio::runtime::Runtime;

use crate::ours::{CONCURRENCY, PART_BYTES};
use crate::server::Server;
use crate::source::MIB;
use crate::{ours, raw};

/// The argument that makes this program store one file, by the side and on the server that follow, and tell by how many MiB
/// it grew.
pub(crate) const GROW: &str = "--grow";

const BYTES: u64 = 1 << 30;

/// What a put may take beside its parts.
const ALLOWANCE: u64 = 16 * MIB;

pub(crate) fn compare(_: &Runtime, bench: Bench) -> Row {
    let server = Server::start();
    let (Some(ours), Some(raw)) = (growth_of("ours", &server), growth_of("raw", &server)) else {
        return bench.missing("not measured: this system does not tell a process's peak of memory");
    };
    let bound = (PART_BYTES * CONCURRENCY as u64 + ALLOWANCE) as f64 / MIB as f64;
    bench.row(ours, bound).with_note(format!(
        "growth of the resident memory of a new process, at its peak, while 1 GiB is stored; raw aws-sdk-s3 grew by {raw:.1} MiB"
    ))
}

/// In a process of its own, whose allocator has nothing left from before.
fn growth_of(side: &str, server: &Server) -> Option<f64> {
    let program = std::env::current_exe().expect("this program has a path");
    let mut grow = Command::new(program);
    grow.args([GROW, side, server.endpoint()]).stderr(Stdio::inherit());
    let output = grow.output().expect("this program can be started again");
    assert!(output.status.success(), "the file is stored");
    String::from_utf8_lossy(&output.stdout).trim().parse().ok()
}

/// What this program does where [`GROW`] is its first argument.
pub(crate) fn grow(runtime: &Runtime, side: &str, endpoint: &str) {
    let key = "bench/file".parse().expect("a key");
    let growth = match side {
        "ours" => {
            let store = runtime.block_on(ours::connect(endpoint));
            growth(|| runtime.block_on(ours::put(&store, &key, BYTES)))
        }
        _ => {
            let client = raw::connect(endpoint);
            growth(|| runtime.block_on(raw::put(&client, "bench/raw", BYTES)))
        }
    };
    println!("{}", growth.map_or_else(|| "unknown".to_owned(), |mib| mib.to_string()));
}

/// By how many MiB the resident memory grows at most while `work` goes on, as Linux tells it (proc(5), `clear_refs`).
fn growth(work: impl FnOnce()) -> Option<f64> {
    fs::write("/proc/self/clear_refs", "5").ok()?;
    let before = kib_of("VmRSS:")?;
    work();
    Some((kib_of("VmHWM:")? - before) / 1_024.0)
}

fn kib_of(name: &str) -> Option<f64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}
