use adstead_testkit::{contract, memory};

#[tokio::test]
async fn the_memory_repositories_keep_their_contracts() {
    contract::repositories("memory", async || memory::repositories()).await;
}
