//! Several servers, one of which dies.

use adstead_backends::{Backend, RedisSentinel, or_skipped, started};
use adstead_infrastructure::cache::RedisState;

use super::load::Load;
use super::nodes::{Nodes, impatient};
use crate::cache::subject::{MINUTE, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_takes_the_place_of_a_primary_that_died() {
    let Some(redis) = or_skipped(RedisSentinel::start()) else { return };
    let nodes = Nodes::over(impatient(redis.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    redis.primary().kill().expect("a server that can be killed");
    nodes.are(RedisState::Down).await;
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cluster_that_lacks_a_node_for_a_while_loses_nothing() {
    let Some(cluster) = started(Backend::RedisCluster) else { return };
    let nodes = Nodes::over(impatient(cluster.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    let dead = &cluster.nodes()[1];
    dead.kill().expect("a server that can be killed");
    // Once the others have noticed, they serve no key either.
    until("it is given up", async || nodes.all.iter().all(|node| node.redis().outages > 0)).await;
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    dead.restart().expect("a server that starts again");
    nodes.agree().await;
}
