use adstead_backends::{Backend, available};

use super::keeps_the_contract;
use super::subject::SetUp;

#[tokio::test(flavor = "multi_thread")]
async fn redis_alone_keeps_the_contract() {
    let Some(server) = available(Backend::Redis) else { return };
    keeps_the_contract("RedisCacheStrategy", &SetUp::Redis(server.url())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_levels_keep_the_contract() {
    let Some(server) = available(Backend::Redis) else { return };
    keeps_the_contract("CacheManager on both", &SetUp::Both(server.url())).await;
}
