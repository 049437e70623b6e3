use std::sync::Arc;

use adstead_testkit::contract::{files, run_all};
use adstead_testkit::memory::MemoryFileStore;

#[tokio::test]
async fn the_memory_file_store_keeps_the_contract() {
    run_all("MemoryFileStore", "FileStore", files::CASES, async || Arc::new(MemoryFileStore::default()) as _)
        .await;
}
