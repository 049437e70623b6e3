//! Connections that are lost while Redis lives.

use adstead_backends::{Backend, started};
use adstead_infrastructure::cache::RedisState;

use super::line::{Held, Line, tell};
use super::load::Load;
use super::nodes::{Nodes, impatient};
use crate::cache::subject::{MINUTE, until};

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_were_missed_are_made_up_for() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    for kind in ["pubsub", "normal", "pubsub"] {
        load.goes_on().await;
        let recoveries = || nodes.all.iter().map(|node| node.redis().recoveries);
        let before: Vec<_> = recoveries().collect();
        tell(&server, &format!("CLIENT KILL TYPE {kind}")).await;
        if kind == "pubsub" {
            until("the memory of both is emptied", async || {
                recoveries().zip(&before).all(|(now, before)| now > *before)
            })
            .await;
        }
    }
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_that_come_no_more_are_missed_though_the_connection_stands() {
    let Some(server) = started(Backend::Redis) else { return };
    let line = Line::to(&server).await;
    let nodes = Nodes::over(impatient(line.url()), MINUTE).await;
    nodes.read_all().await;
    let before: Vec<_> = nodes.all.iter().map(|node| node.redis()).collect();
    line.hold(Held::Messages);
    nodes.write_all().await;
    until("the connection is made anew", async || {
        nodes.all.iter().zip(&before).all(|(node, before)| node.redis().recoveries > before.recoveries)
    })
    .await;
    nodes.agree().await;
    for node in &nodes.all {
        assert_eq!((node.redis().state, node.redis().outages), (RedisState::Up, 0), "Redis itself was well");
    }
}
