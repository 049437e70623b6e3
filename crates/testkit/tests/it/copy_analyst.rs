use std::sync::Arc;

use adstead_testkit::contract::{copy_analyst, run_all};
use adstead_testkit::memory::PlainAnalyst;

#[tokio::test]
async fn the_plain_analyst_keeps_the_contract() {
    let make = async || Arc::new(PlainAnalyst) as _;
    run_all("PlainAnalyst", "CopyAnalyst", copy_analyst::CASES, make).await;
}
