//! The cache through its door: one suite over all ways to set it up, and what is particular to some of them.

mod faults;
mod input;
mod keeping;
mod loading;
mod memory;
mod nodes;
mod outdating;
mod redis;
mod stale;
mod subject;

use std::sync::Arc;

use adstead_testkit::contract::{Case, run_all};

use subject::{SetUp, Subject};

/// What every set-up does, by subject.
const SUITES: [(&str, &[Case<Subject>]); 5] = [
    ("Cache: keeping", keeping::CASES),
    ("Cache: loading", loading::CASES),
    ("Cache: outdating", outdating::CASES),
    ("Cache: serving stale", stale::CASES),
    ("Cache: bad input", input::CASES),
];

async fn keeps_the_contract(adapter: &str, set_up: &SetUp) {
    for (port, cases) in SUITES {
        run_all(adapter, port, cases, async || Arc::new(Subject::new(set_up).await)).await;
    }
}
