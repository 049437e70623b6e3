//! The contract suites: what every implementation of a port must do, one case per MUST of its *Contract* section.
//!
//! A suite is a list of [`Case`]s over a port. [`run_all`] gives each case an instance of its own, so that a failure
//! names exactly what is broken, and tells how many ran, so that a suite that stopped running is noticed.

use std::any::Any;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures::FutureExt;
use futures::future::LocalBoxFuture;

pub mod accounts;
pub mod ad_groups;
pub mod ads;
pub mod alerts;
pub mod analytics;
pub mod asset_inventory;
pub mod assets;
pub mod campaigns;
pub mod copy_analyst;
pub mod copy_reviewer;
pub mod copy_writer;
pub mod event_archive;
pub mod files;
pub mod generations;
pub mod idempotency;
pub mod images;
pub mod nondeterminism;
pub mod notifier;
pub mod optimizations;
mod oracle;
pub mod outbox;
mod paging;
pub mod performance;
pub mod rate_limiter;
mod samples;
pub mod service_switches;
pub mod signing;
pub mod spend_ledger;
#[cfg(test)]
mod stored;
pub mod subscriber;
pub mod subscriptions;
pub mod system;
mod world;

pub use world::{Repositories, Tenant, repositories};

/// Where [`run_all`] notes how many cases ran, one tab-separated line of port, adapter and number per suite.
pub const TALLY_VARIABLE: &str = "ADSTEAD_CONTRACT_TALLY";

/// One MUST of a port's contract. It panics where the port breaks it.
pub struct Case<P: ?Sized> {
    /// What the port must do, as the name of a test.
    pub name: &'static str,
    /// Puts a fresh instance to the test, on the thread of the test.
    pub run: for<'a> fn(&'a P) -> LocalBoxFuture<'a, ()>,
}

/// The [`Case`]s that these `async fn(&P)` are, each under its function's name.
#[macro_export]
macro_rules! cases {
    ($($case:ident),+ $(,)?) => {
        &[$($crate::contract::Case { name: stringify!($case), run: |subject| Box::pin($case(subject)) }),+]
    };
}

/// Runs every case of the contract of `port` on an instance of `adapter` that `make` makes for it alone.
///
/// # Panics
/// Where a case failed, once all have run, with the names of those that failed.
pub async fn run_all<P: ?Sized>(
    adapter: &str,
    port: &str,
    cases: &[Case<P>],
    make: impl AsyncFn() -> Arc<P>,
) {
    let mut failures = Vec::new();
    for case in cases {
        let attempt = async { (case.run)(&*make().await).await };
        if let Err(panic) = AssertUnwindSafe(attempt).catch_unwind().await {
            failures.push(format!("  {}: {}", case.name, message(&*panic)));
        }
    }
    let passed = cases.len() - failures.len();
    println!("contract {port} × {adapter}: {passed} of {} cases passed", cases.len());
    assert!(failures.is_empty(), "{adapter} breaks the contract of {port}:\n{}", failures.join("\n"));
    note_tally(port, adapter, passed);
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked without a message")
}

fn note_tally(port: &str, adapter: &str, passed: usize) {
    #[expect(
        clippy::disallowed_methods,
        reason = "it is set by the test runner and is no setting of Adstead"
    )]
    let Ok(path) = std::env::var(TALLY_VARIABLE) else {
        return;
    };
    let line = format!("{port}\t{adapter}\t{passed}\n");
    // One write in append mode: test binaries that run at the same time do not tear each other's lines.
    let noted = OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line.as_bytes()));
    noted.unwrap_or_else(|error| panic!("{TALLY_VARIABLE} names {path}, which cannot be written: {error}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn holds(subject: &str) {
        assert_eq!(subject, "fresh");
    }

    async fn breaks(subject: &str) {
        assert_eq!(subject, "stale", "it is not stale");
    }

    const CASES: &[Case<str>] = cases![breaks, holds];

    #[tokio::test]
    #[should_panic(expected = "Fake breaks the contract of Port:\n  breaks: ")]
    async fn a_broken_contract_names_the_cases_that_failed() {
        run_all("Fake", "Port", CASES, async || "fresh".into()).await;
    }
}
