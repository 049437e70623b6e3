//! Redis that is there and does not answer.

use std::time::{Duration, Instant};

use adstead_backends::{Backend, RedisOptions, Server, or_skipped, started};
use adstead_infrastructure::cache::RedisState;

use super::line::{Held, Line, command};
use super::load::Load;
use super::nodes::{By, Nodes, ROWS, TIMEOUT, impatient};
use crate::cache::subject::{MINUTE, SECOND, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_redis_costs_its_callers_a_few_time_outs_and_then_nothing() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    nodes.write_all().await;
    server.pause().expect("a server that can be paused");
    let node = &nodes.all[0];
    let mut longest = Duration::ZERO;
    until("it is given up", async || {
        let asked = Instant::now();
        node.write(0, By::Delete).await;
        longest = longest.max(asked.elapsed());
        node.redis().state == RedisState::Down
    })
    .await;
    assert!(longest >= TIMEOUT && longest < 20 * TIMEOUT, "a caller waited for {longest:?}");
    let before = node.redis();
    let asked = Instant::now();
    for _ in 0..1000 / ROWS {
        for row in 0..ROWS {
            node.write(row, By::Tag).await;
            node.read(row).await;
            node.read(row).await;
        }
    }
    // A fraction of a second, and more where the machine is busy, but nothing like a time-out for each.
    assert!(asked.elapsed() < 100 * TIMEOUT, "a thousand loads and hits took {:?}", asked.elapsed());
    let after = node.redis();
    assert_eq!((after.state, after.outages), (RedisState::Down, before.outages));
    assert!(after.unasked >= before.unasked + 900, "{after:?}");
    server.resume().expect("a server that goes on");
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_at_work_go_on_while_redis_is_paused() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), SECOND).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    server.pause().expect("a server that can be paused");
    nodes.are(RedisState::Down).await;
    load.goes_on().await;
    server.resume().expect("a server that goes on");
    nodes.are(RedisState::Up).await;
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_while_redis_was_paused_is_known_everywhere_once_it_goes_on() {
    let Some(server) = started(Backend::Redis) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    server.pause().expect("a server that can be paused");
    nodes.are(RedisState::Down).await;
    load.end().await;
    nodes.write_all().await;
    server.resume().expect("a server that goes on");
    nodes.agree().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_busy_for_longer_than_a_time_out_loses_nothing() {
    let settings = vec!["enable-debug-command yes".to_owned()];
    let options = RedisOptions { settings, ..RedisOptions::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let nodes = Nodes::over(impatient(server.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    for seconds in ["0.06", "0.1", "0.3"] {
        load.goes_on().await;
        let answer = command(&server, &[b"DEBUG", b"SLEEP", seconds.as_bytes()]).await;
        assert!(answer.starts_with("+OK"), "{answer}");
    }
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    nodes.agree().await;
    let timeouts: u64 = nodes.all.iter().map(|node| node.redis().timeouts).sum();
    assert!(timeouts > 0, "it was busy");
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_come_late_are_no_answers() {
    let Some(server) = started(Backend::Redis) else { return };
    let line = Line::to(&server).await;
    let nodes = Nodes::over(impatient(line.url()), MINUTE).await;
    let mut load = Load::on(&nodes);
    load.goes_on().await;
    line.hold(Held::Everything);
    nodes.are(RedisState::Down).await;
    load.goes_on().await;
    load.end().await;
    nodes.write_all().await;
    line.hold(Held::Nothing);
    nodes.agree().await;
}
