//! The cache against what it is built on and against another cache of its kind:
//! `cargo bench -p adstead-infrastructure --bench cache [-- [--json] [l1_hit …]]`; words choose rows by part of their names.
//!
//! Rows whose names end in `.amalgam` compare with the crate `amalgam-cache`, set up to promise the same.

mod allocations;
mod amalgam;
mod hits;
mod invalidations;
mod nodes;
mod outage;
mod redis;
mod redis_hits;
mod stampedes;
mod tracking;
mod value;

use adstead_testkit::bench::{Bench, Better, Row, print};
use tokio::runtime::{Builder, Runtime};

/// Measures what a row tells.
type Comparison = fn(&Runtime, Bench) -> Row;

fn main() {
    let runtime = Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let wanted = comparisons().into_iter().filter(|(bench, _)| bench.is_wanted());
    let rows: Vec<_> = wanted.map(|(bench, compare)| compare(&runtime, bench)).collect();
    print(&rows);
}

fn comparisons() -> Vec<(Bench, Comparison)> {
    let ns = |name, baseline_name, target| cost(name, "ns/op", baseline_name, target);
    let us = |name, baseline_name, target| cost(name, "µs", baseline_name, target);
    let mut comparisons: Vec<(Bench, Comparison)> = vec![
        (ns("cache.l1_hit", "moka get", 1.15), hits::get),
        (ns("cache.l1_hit.same_hash", "moka get, hashed as ours", 1.15), hits::get_hashed_alike),
        (ns("cache.l1_hit.two_threads", "moka get, two threads", 1.15), hits::get_on_two_threads),
        (ns("cache.l1_hit.amalgam", "amalgam try_get", 1.0), amalgam::get),
        (cost("cache.l1_hit_allocs", "allocations/op", "one", 0.0), allocations::compare),
        (ns("cache.get_or_load_hit", "moka get_with", 1.0), hits::get_or_load),
        (ns("cache.get_or_load_hit.amalgam", "amalgam get_or_set", 1.0), amalgam::get_or_load),
        (us("cache.l2_hit", "raw fred GET", 1.15), redis_hits::compare),
        (us("cache.l2_hit.amalgam", "amalgam try_get", 1.0), amalgam::get_from_redis),
        (cost("cache.stampede_1000", "loads", "one load", 1.0), stampedes::compare),
        (
            cost("cache.stampede_1000.amalgam", "loads", "amalgam's loads", 1.0),
            stampedes::compare_with_amalgam,
        ),
        (ns("cache.invalidate_tag", "at 1,000 keys", 1.2), invalidations::in_memory),
        (us("cache.invalidate_tag.redis", "at 1,000 keys", 1.2), invalidations::with_redis),
        (ns("cache.invalidate_tag.amalgam", "amalgam remove_by_tag", 1.0), invalidations::against_amalgam),
        (us("cache.redis_paused", "memory only, p99", 1.5), outage::compare),
        (us("cache.invalidation_latency", "bare PUBLISH", 1.5), nodes::compare),
    ];
    comparisons.extend(tracking::comparisons());
    comparisons
}

/// A row that is a cost.
fn cost(name: &'static str, unit: &'static str, baseline_name: &'static str, target: f64) -> Bench {
    Bench { name, unit, baseline_name, target, better: Better::Lower }
}
