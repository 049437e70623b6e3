use std::sync::Arc;

use adstead_testkit::contract::{run_all, subscriber};
use adstead_testkit::memory::MemorySubscriber;

#[tokio::test]
async fn the_memory_subscriber_keeps_the_contract() {
    let make = async || Arc::new(MemorySubscriber::new("memory")) as _;
    run_all("MemorySubscriber", "EventSubscriber", subscriber::CASES, make).await;
}
