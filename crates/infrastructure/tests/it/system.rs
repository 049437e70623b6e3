//! Time, ids and secrets of the system keep the contracts of their ports.

use std::sync::Arc;

use adstead_infrastructure::system::{OsEntropy, SystemClock, UuidV7};
use adstead_testkit::contract::nondeterminism::{CLOCK_CASES, ENTROPY_CASES, ID_CASES};
use adstead_testkit::contract::run_all;

#[tokio::test]
async fn the_system_keeps_the_contracts_of_time_ids_and_secrets() {
    run_all("SystemClock", "Clock", CLOCK_CASES, async || Arc::new(SystemClock) as _).await;
    run_all("UuidV7", "IdGenerator", ID_CASES, async || Arc::new(UuidV7) as _).await;
    run_all("OsEntropy", "Entropy", ENTROPY_CASES, async || Arc::new(OsEntropy) as _).await;
}
