use std::sync::Arc;

use adstead_testkit::contract::run_all;
use adstead_testkit::contract::system::{CASES, Systems};
use adstead_testkit::memory::MemorySystem;

#[tokio::test]
async fn the_memory_system_keeps_the_contract() {
    let make = async || {
        let out_of_order = MemorySystem::default();
        out_of_order.goes_down();
        Arc::new(Systems {
            in_order: Arc::new(MemorySystem::default()),
            out_of_order: Arc::new(out_of_order),
        })
    };
    run_all("MemorySystem", "SystemStatus", CASES, make).await;
}
