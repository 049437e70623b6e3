//! Redis that answers and takes no writes.

use adstead_backends::{Backend, Server, started};
use adstead_infrastructure::cache::RedisState;

use super::line::tell;
use super::load::Load;
use super::nodes::{By, Nodes, ROWS, impatient};
use crate::cache::subject::{MINUTE, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_became_a_replica_serves_reads_and_is_told_later() {
    // Nobody listens there.
    takes_no_writes_until("REPLICAOF 127.0.0.1 1", "REPLICAOF NO ONE").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_lacks_its_replicas_serves_reads_and_is_told_later() {
    takes_no_writes_until("CONFIG SET min-replicas-to-write 1", "CONFIG SET min-replicas-to-write 0").await;
}

async fn takes_no_writes_until(fault: &str, mending: &str) {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    tell(&server, fault).await;
    nodes.are(RedisState::ReadOnly).await;
    load.goes_on().await;
    load.end().await;
    let node = &nodes.all[0];
    stays_read_only(&nodes).await;
    // What was kept before is served still, and what was written since is not.
    let hits = hits(&nodes);
    let newcomer = nodes.new_node().await;
    for row in 0..ROWS {
        newcomer.look(row).await;
        node.read(row).await;
    }
    nodes.write_all().await;
    assert!(node.redis().replay.waiting > 0);
    assert!(hits > 0 && node.redis().outages == 0, "{:?}", node.redis());
    tell(&server, mending).await;
    nodes.agree().await;
    assert!(node.redis().replay.replayed > 0, "{:?}", node.redis());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_without_memory_still_frees_what_is_deleted() {
    let Some(server) = started(Backend::Redis) else { return };
    let config = impatient(server.url());
    let entry = format!("EXISTS {}:e:rows:0:", config.namespace);
    let nodes = Nodes::over(config, MINUTE).await;
    nodes.write_all().await;
    let node = &nodes.all[0];
    node.write(0, By::Set).await;
    assert_eq!(first_line(&server, &entry).await, ":1");
    tell(&server, "CONFIG SET maxmemory 1").await;
    node.write(0, By::Delete).await;
    assert_eq!(first_line(&server, &entry).await, ":0");
    let mut load = Load::on(&nodes);
    nodes.are(RedisState::ReadOnly).await;
    load.goes_on().await;
    load.end().await;
    stays_read_only(&nodes).await;
    nodes.write_all().await;
    tell(&server, "CONFIG SET maxmemory 0").await;
    nodes.agree().await;
}

/// Its state must not change with each attempt to write.
async fn stays_read_only(nodes: &Nodes) {
    let node = &nodes.all[0];
    let errors = node.redis().errors;
    until("writes are tried again", async || {
        let redis = node.redis();
        assert_eq!(redis.state, RedisState::ReadOnly);
        redis.errors >= errors + 2
    })
    .await;
}

/// What was found in Redis so far.
fn hits(nodes: &Nodes) -> u64 {
    let stats = nodes.all[0].manager.stats();
    stats.caches[0].redis.expect("a level in Redis").hits
}

async fn first_line(server: &Server, words: &str) -> String {
    let answer = tell(server, words).await;
    answer.lines().next().expect("an answer").to_owned()
}
