//! Redis killed, and back with what it held, or with nothing.

use std::time::Duration;

use adstead_backends::{Backend, Server, started};
use adstead_infrastructure::cache::{RedisConfig, RedisState};

use super::line::tell;
use super::load::Load;
use super::nodes::{By, Nodes, ROWS, impatient};
use crate::cache::subject::{MINUTE, SECOND};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_redis_was_dead_is_known_everywhere_once_it_is_back() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    server.kill().expect("a server that can be killed");
    nodes.are(RedisState::Down).await;
    load.goes_on().await;
    // What Redis still holds when it comes back is outdated, and nothing is written afterwards.
    load.end().await;
    nodes.write_all().await;
    let waiting: Vec<_> = nodes.all.iter().map(|node| node.redis().replay.waiting).collect();
    assert!(waiting.iter().all(|waiting| *waiting > 0), "{waiting:?}");
    server.restart().expect("a server that starts again");
    nodes.agree().await;
    for node in &nodes.all {
        let redis = node.redis();
        assert!(redis.outages >= 1 && redis.recoveries >= 2 && redis.unasked > 0, "{redis:?}");
        assert!(redis.replay.replayed > 0 && redis.replay.dropped == 0, "{redis:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_at_work_go_on_while_redis_is_killed_and_restarted_again_and_again() {
    let Some(server) = started(Backend::Redis) else { return };
    // Served no longer than this, whatever is not heard of.
    let nodes = Nodes::over(impatient(server.url()), SECOND).await;
    let mut load = Load::on(&nodes);
    for _ in 0..2 {
        load.goes_on().await;
        server.kill().expect("a server that can be killed");
        nodes.are(RedisState::Down).await;
        load.goes_on().await;
        server.restart().expect("a server that starts again");
        // Though writes never pause.
        nodes.are(RedisState::Up).await;
    }
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_comes_back_empty_is_told_all_that_was_invalidated() {
    let Some(server) = started(Backend::Redis) else { return };
    let config = impatient(server.url());
    let table = format!("HLEN {}:tags", config.namespace);
    let nodes = Nodes::over(config, MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    server.kill().expect("a server that can be killed");
    nodes.are(RedisState::Down).await;
    load.end().await;
    nodes.write_all().await;
    server.restart_empty().expect("a server that starts again");
    nodes.agree().await;
    assert!(length(&server, &table).await >= ROWS / 5, "each row whose turn was a tag");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_into_the_replay_is_dropped_for_a_clearing_of_everything() {
    let Some(server) = started(Backend::Redis) else { return };
    let config = RedisConfig { replay_entries: 4, ..impatient(server.url()) };
    let nodes = Nodes::over(config, MINUTE).await;
    nodes.write_all().await;
    nodes.read_all().await;
    server.kill().expect("a server that can be killed");
    for row in 0..ROWS {
        nodes.all[0].write(row, By::Delete).await;
    }
    let replay = nodes.all[0].redis().replay;
    assert_eq!((replay.waiting, replay.dropped), (4, ROWS as u64 - 4));
    server.restart().expect("a server that starts again");
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_caller_was_cancelled_is_made_all_the_same() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    nodes.write_all().await;
    nodes.read_all().await;
    server.pause().expect("a server that can be paused");
    for row in 0..ROWS {
        for by in [By::Set, By::Delete] {
            // Sent, and not answered yet. No tag outdates what the two should have.
            let impatience = Duration::from_millis(1);
            let _ = tokio::time::timeout(impatience, nodes.all[0].write(row, by)).await;
        }
    }
    server.kill().expect("a server that can be killed");
    server.restart().expect("a server that starts again");
    nodes.agree().await;
}

async fn length(server: &Server, words: &str) -> usize {
    let answer = tell(server, words).await;
    let number = answer.strip_prefix(':').and_then(|rest| rest.lines().next());
    number.and_then(|number| number.parse().ok()).expect("a number")
}
