//! What the chain costs that each call to an external service passes:
//! `cargo bench -p adstead-infrastructure --bench external [-- [--json] [overhead …]]`; words choose rows by part of their names.

mod dead;
mod overhead;

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

fn comparisons() -> [(Bench, Comparison); 4] {
    [
        (cost("external.call_overhead", "µs/call", "11 µs", 1.0), overhead::mean),
        (cost("external.call_overhead.p99", "µs/call", "100 µs", 1.0), overhead::p99),
        (cost("external.call_overhead.two_threads", "µs/call", "11 µs", 1.0), overhead::mean_on_two_threads),
        (cost("external.dead_primary", "share of calls", "all of them", 0.0), dead::compare),
    ]
}

/// A row that is a cost.
fn cost(name: &'static str, unit: &'static str, baseline_name: &'static str, target: f64) -> Bench {
    Bench { name, unit, baseline_name, target, better: Better::Lower }
}
