use std::sync::Arc;

use adstead_testkit::contract::{nondeterminism, run_all};
use adstead_testkit::{CountingEntropy, SequentialIds, TestClock};

#[tokio::test]
async fn the_test_clock_keeps_the_contract() {
    let make = async || Arc::new(TestClock::default()) as _;
    run_all("TestClock", "Clock", nondeterminism::CLOCK_CASES, make).await;
}

#[tokio::test]
async fn sequential_ids_keep_the_contract() {
    let make = async || Arc::new(SequentialIds::default()) as _;
    run_all("SequentialIds", "IdGenerator", nondeterminism::ID_CASES, make).await;
}

#[tokio::test]
async fn counting_entropy_keeps_the_contract() {
    let make = async || Arc::new(CountingEntropy::default()) as _;
    run_all("CountingEntropy", "Entropy", nondeterminism::ENTROPY_CASES, make).await;
}
