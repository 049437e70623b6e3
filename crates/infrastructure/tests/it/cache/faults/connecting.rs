//! Redis that is not there at the start, or lets nobody in, or speaks TLS.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use adstead_backends::{Backend, RedisOptions, Server, or_skipped, started};
use adstead_infrastructure::cache::{CacheConfig, CacheManager, RedisConfig, RedisState};

use super::nodes::impatient;
use crate::cache::subject::{get, load, minute, set, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_not_there_at_the_start_is_used_once_it_is() {
    let Some(server) = started(Backend::Redis) else { return };
    server.kill().expect("a server that can be killed");
    let one = connected_late(impatient(server.url())).await;
    server.restart().expect("a server that starts again");
    is_used(&one).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_is_paused_at_the_start_is_used_once_it_goes_on() {
    let Some(server) = started(Backend::Redis) else { return };
    server.pause().expect("a server that can be paused");
    let one = connected_late(impatient(server.url())).await;
    server.resume().expect("a server that goes on");
    is_used(&one).await;
}

#[tokio::test]
async fn a_wrong_password_is_told_as_such_and_shown_nowhere() {
    const RIGHT: &str = "right-s3cret";
    const WRONG: &str = "wrong-s3cret";
    let options = RedisOptions { password: Some(RIGHT.to_owned()), ..RedisOptions::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    // In this thread, in which this test runs alone.
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let config = impatient(server.url().replace(RIGHT, WRONG));
    let manager = connected_late(config.clone()).await;
    until("the reason is known", async || {
        let reason = manager.stats().redis.expect("a level in Redis").last_error;
        reason.as_deref() == Some("Redis denies access")
    })
    .await;
    let told = format!("{config:?} {manager:?} {:?} {}", manager.stats(), log.text());
    assert!(told.contains("Redis is out of reach") && told.contains("WRONGPASS"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
    is_used(&connected(impatient(server.url())).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_with_the_rights_that_the_guide_names_is_enough() {
    // docs/guides/caching.md, with the namespace in the place of `adstead`.
    const RIGHTS: &str = "+@read +@write +@scripting +@pubsub +@connection +time +info";
    let user = format!("user adstead on >s3cret ~acl:* &acl:* {RIGHTS}");
    let options = RedisOptions { settings: vec![user], ..RedisOptions::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let url = format!("redis://adstead:s3cret@{}/3", server.address());
    let manager = connected(impatient(url).namespace("acl")).await;
    assert_eq!(manager.redis_state(), Some(RedisState::Up), "{:?}", manager.stats().redis);
    is_used(&manager).await;
    manager.invalidate_tag("account:1").await.expect("a tag in bounds");
    manager.sweep("numbers:*", |_| ()).await.expect("a sweep that ends");
    let redis = manager.stats().redis.expect("a level in Redis");
    assert_eq!((redis.errors, redis.replay.waiting), (0, 0), "{redis:?}");
}

#[tokio::test]
async fn a_server_that_repeats_what_it_does_not_know_tells_no_password() {
    let options =
        RedisOptions { settings: vec!["rename-command HELLO \"\"".to_owned()], ..RedisOptions::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_writer(move || writer.clone()).finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let manager = connected_late(impatient(format!("redis://:s3cret@{}/0", server.address()))).await;
    let told = format!("{:?} {}", manager.stats(), log.text());
    assert!(told.contains("HELLO"), "{told}");
    assert!(!told.contains("s3cret"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_is_spoken_with_who_is_known_to_the_given_authority_and_with_nobody_else() {
    let tls = || RedisOptions { tls: true, ..RedisOptions::default() };
    let Some(server) = or_skipped(Server::start_redis(tls())) else { return };
    let Some(other) = or_skipped(Server::start_redis(tls())) else { return };
    let trusting =
        |server: &Server| RedisConfig { ca_file: server.ca_certificate(), ..impatient(server.url()) };
    is_used(&connected(trusting(&server)).await).await;
    let distrusting = RedisConfig { ca_file: other.ca_certificate(), ..trusting(&server) };
    let manager = connected_late(distrusting).await;
    assert_eq!(manager.redis_state(), Some(RedisState::Down));
    let unreadable = RedisConfig { ca_file: Some("/nowhere.pem".into()), ..trusting(&server) };
    let config = CacheConfig::in_memory(1 << 20).with_redis(unreadable);
    let error = CacheManager::connect(&config).await.expect_err("there is no such file");
    assert!(error.to_string().contains("/nowhere.pem"), "{error}");
}

async fn connected(redis: RedisConfig) -> CacheManager {
    let redis = RedisConfig { timeout: Duration::from_secs(2), ..redis };
    let config = CacheConfig::in_memory(1 << 20).with_redis(redis);
    CacheManager::connect(&config).await.expect("a usable configuration")
}

/// A manager that has no Redis yet, and works.
async fn connected_late(redis: RedisConfig) -> CacheManager {
    let (patience, begun) = (redis.connect_timeout, Instant::now());
    let manager = connected(redis).await;
    let waited = begun.elapsed();
    assert!(waited >= patience && waited < patience * 3, "{waited:?}");
    assert_eq!(manager.redis_state(), Some(RedisState::Down));
    let numbers = manager.cache("numbers", minute()).expect("options in range");
    assert_eq!(load(&numbers, "a", 1).await, 1);
    assert_eq!(get(&numbers, "a").await, Some(1));
    set(&numbers, "a", 2).await;
    assert_eq!(load(&numbers, "a", 3).await, 2);
    manager
}

async fn is_used(manager: &CacheManager) {
    let numbers = manager.cache("numbers", minute()).expect("options in range");
    until("Redis is asked", async || manager.redis_state() == Some(RedisState::Up)).await;
    until("what is written comes to Redis", async || {
        set(&numbers, "b", 1).await;
        manager.clear().await;
        set(&numbers, "b", 2).await;
        let stats = manager.stats().redis.expect("a level in Redis");
        stats.replay.waiting == 0 && get(&numbers, "b").await == Some(2)
    })
    .await;
}

/// What was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().expect("no writer panicked")).into_owned()
    }
}

impl Write for Log {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("no writer panicked").extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
