use std::sync::Arc;

use adstead_domain::{GrantIssuer, SigningKey};
use adstead_testkit::TestClock;
use adstead_testkit::contract::{files, run_all};
use adstead_testkit::memory::MemoryFileStore;

#[tokio::test]
async fn the_memory_file_store_keeps_the_contract() {
    run_all("MemoryFileStore", "FileStore", files::CASES, async || Arc::new(MemoryFileStore::default()) as _)
        .await;
    let make = async || {
        let (address, key) = ("/v1/files/".to_owned(), SigningKey::new([7; 32]));
        let issuer = GrantIssuer { address, key, clock: Arc::new(TestClock::default()) };
        Arc::new(MemoryFileStore::signing(issuer)) as _
    };
    run_all("MemoryFileStore signing", "FileStore", files::CASES, make).await;
}
