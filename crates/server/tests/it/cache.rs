//! The cache that servers share: one sees what the other changed, and operators reach all of them.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, started};
use adstead_domain::port::Clock;
use adstead_infrastructure::system::SystemClock;
use serde_json::{Value, json};

use crate::crash::draft_ad;
use crate::http::{ask, succeed};
use crate::server::{Server, adstead, eventually, eventually_within, failure};

/// Servers over one PostgreSQL and one Redis of their own.
struct Nodes {
    folder: tempfile::TempDir,
    postgres: adstead_backends::Server,
    redis: adstead_backends::Server,
}

impl Nodes {
    fn new() -> Option<Self> {
        let (postgres, redis) = (started(Backend::Postgres)?, started(Backend::Redis)?);
        Some(Self { folder: tempfile::tempdir().unwrap(), postgres, redis })
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = adstead(self.folder.path(), arguments);
        command
            .env("ADSTEAD__DATABASE__URL", self.postgres.url())
            .env("ADSTEAD__CACHE__REDIS__URL", self.redis.url())
            // What is seen sooner than this was told, not read anew.
            .env("ADSTEAD__CACHE__ADS_TTL", "1h")
            .env("ADSTEAD__CACHE__REPORTS_TTL", "1h");
        command
    }

    fn start(&self) -> Server {
        Server::spawn(&mut self.command(&["serve"]))
    }

    fn run(&self, arguments: &[&str]) -> String {
        let output = self.command(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn name_of(server: &Server, ad: &str, key: &str) -> Value {
    succeed(server.address, &format!("GET /v1/ads/{ad}"), key, None)["name"].clone()
}

fn rename(server: &Server, ad: &str, key: &str, name: &str) {
    succeed(server.address, &format!("PATCH /v1/ads/{ad}"), key, Some(&json!({ "name": name })));
}

fn cache_of(server: &Server, key: &str) -> Value {
    succeed(server.address, "GET /v1/system/status", key, None)["cache"].clone()
}

/// What the cache of that name counted.
fn named<'a>(cache: &'a Value, name: &str) -> &'a Value {
    cache["caches"].as_array().unwrap().iter().find(|cache| cache["name"] == name).unwrap()
}

#[test]
fn a_change_on_one_node_is_seen_on_the_other_though_both_had_cached_it() {
    let Some(nodes) = Nodes::new() else { return };
    let one = nodes.start();
    let key = one.first_key();
    let other = nodes.start();
    let ad = draft_ad(&one, &key);
    for server in [&one, &other, &one, &other] {
        assert_eq!(name_of(server, &ad, &key), "Spring 1");
    }
    let cache = cache_of(&other, &key);
    assert_eq!(named(&cache, "ads")["memory"]["hits"], 1, "{cache}");
    assert_eq!(
        named(&cache, "ads")["redis"]["hits"],
        1,
        "it was read from the database once, by the other: {cache}"
    );
    rename(&one, &ad, &key, "Spring 2");
    assert_eq!(name_of(&one, &ad, &key), "Spring 2", "who changed it sees it at once");
    eventually_within(Duration::from_secs(2), "the other sees it", || {
        (name_of(&other, &ad, &key) == "Spring 2").then_some(())
    });

    // A report that both have is outdated by events that only one was sent.
    let report = "GET /v1/reports/performance?granularity=day&group_by=ad";
    let seen = |server: &Server| succeed(server.address, report, &key, None)["totals"]["impressions"].clone();
    assert_eq!((seen(&one), seen(&other)), (json!(0), json!(0)));
    let event = json!({ "id": "00000000-0000-4000-8000-000000000001", "kind": "impression", "ad_id": ad,
        "occurred_at": SystemClock.now() });
    succeed(one.address, "POST /v1/events", &key, Some(&json!({ "events": [event] })));
    assert_eq!(seen(&one), 1);
    eventually_within(Duration::from_secs(4), "the other counts it", || (seen(&other) == 1).then_some(()));

    let cache = cache_of(&other, &key);
    assert_eq!(cache["redis"]["state"], "up");
    assert!(cache["redis"]["messages"].as_u64().unwrap() >= 2, "{cache}");
}

#[test]
fn a_revoked_key_stops_working_on_all_nodes_within_two_seconds() {
    let Some(nodes) = Nodes::new() else { return };
    let servers = [nodes.start(), nodes.start()];
    let account = ["--account", "default"];
    let made = nodes.run(
        &[&["keys", "create", "--user", "ada@example.com", "--role", "viewer", "--json"], &account[..]]
            .concat(),
    );
    let made: Value = serde_json::from_str(&made).unwrap();
    let (id, key) = (made["id"].as_str().unwrap(), made["key"].as_str().unwrap());
    let status = |server: &Server| ask(server.address, "GET /v1/me", key, None).unwrap().status;
    for server in &servers {
        assert_eq!((status(server), status(server)), (200, 200), "it is cached on both");
    }
    nodes.run(&[&["keys", "revoke"], &account[..], &[id]].concat());
    let revoked = Instant::now();
    for server in &servers {
        eventually("it is refused", || (status(server) == 401).then_some(()));
    }
    assert!(revoked.elapsed() < Duration::from_millis(2_500), "{:?}", revoked.elapsed());
}

#[test]
fn redis_killed_and_restarted_costs_no_answer_and_leaves_nothing_old() {
    let Some(nodes) = Nodes::new() else { return };
    let one = nodes.start();
    let key = one.first_key();
    let other = nodes.start();
    let ad = draft_ad(&one, &key);
    assert_eq!(
        (name_of(&one, &ad, &key), name_of(&other, &ad, &key)),
        (json!("Spring 1"), json!("Spring 1"))
    );
    nodes.redis.kill().unwrap();
    rename(&one, &ad, &key, "Spring 2");
    for _ in 0..20 {
        assert_eq!(name_of(&one, &ad, &key), "Spring 2");
        assert_eq!(ask(other.address, &format!("GET /v1/ads/{ad}"), &key, None).unwrap().status, 200);
    }
    eventually("it is seen that Redis is gone", || {
        (cache_of(&one, &key)["redis"]["state"] == "down").then_some(())
    });
    assert_eq!(cache_of(&one, &key)["redis"]["replay"]["waiting"], 1);
    nodes.redis.restart().unwrap();
    for server in [&one, &other] {
        eventually("it is back", || (cache_of(server, &key)["redis"]["state"] == "up").then_some(()));
    }
    eventually("the other node sees the change", || (name_of(&other, &ad, &key) == "Spring 2").then_some(()));
    assert_eq!(name_of(&nodes.start(), &ad, &key), "Spring 2", "and so does a new one");
}

#[test]
fn an_operator_sees_and_empties_the_caches_of_all_nodes() {
    let Some(nodes) = Nodes::new() else { return };
    let servers = [nodes.start(), nodes.start()];
    let key = servers[0].first_key();
    let ad = draft_ad(&servers[0], &key);
    let account =
        succeed(servers[0].address, "GET /v1/me", &key, None)["account_id"].as_str().unwrap().to_owned();
    let cached = || {
        let told: Value = serde_json::from_str(&nodes.run(&["cache", "stats", "--json"])).unwrap();
        let told = told["nodes"].as_array().unwrap().clone();
        assert_eq!(told.len(), 2, "{told:?}");
        told.iter().map(|node| named(&node["cache"], "ads")["loads"].as_u64().unwrap()).sum::<u64>()
    };
    let read = || {
        for server in [&servers[0], &servers[1], &servers[0]] {
            assert_eq!(name_of(server, &ad, &key), "Spring 1");
        }
    };
    read();
    let mut loads = cached();
    for arguments in [
        &["cache", "invalidate", "--prefix", "ads:"][..],
        &["cache", "invalidate", "--prefix", &format!("ads:{account}:")],
        &["cache", "invalidate", "--glob", &format!("ads:*:{ad}")],
        &["cache", "clear", "--yes"],
    ] {
        read();
        assert_eq!(cached(), loads, "all is cached before {arguments:?}");
        nodes.run(arguments);
        // Messages are on their way for a moment.
        eventually("it is loaded anew", || {
            read();
            (cached() > loads).then_some(())
        });
        read();
        loads = cached();
    }
    let table = nodes.run(&["cache", "stats"]);
    assert!(table.contains("redis is up") && table.contains("R-HITS"), "{table}");
    assert_eq!(
        nodes.run(&["cache", "invalidate", "--tag", "nobody"]),
        "what carries the tag is outdated on all nodes\n"
    );
}

#[test]
fn an_operator_is_told_what_cannot_be_done_and_why() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], url: Option<&str>| {
        let mut command = adstead(folder.path(), arguments);
        command.envs(url.map(|url| ("ADSTEAD__CACHE__REDIS__URL", url)));
        command.env("ADSTEAD__CACHE__REDIS__CONNECT_TIMEOUT", "200ms");
        let (code, words) = failure(&mut command);
        assert!(!words.contains("hunter2"), "the password is told: {words}");
        (code, words)
    };
    let nowhere = Some("redis://:hunter2@127.0.0.1:1/0");
    for (arguments, url, told) in [
        (&["cache", "stats"][..], None, "there is no cache that servers share"),
        (
            &["cache", "clear", "--yes"],
            nowhere,
            "the Redis redis://:***@127.0.0.1:1/0 of cache.redis.url is out of reach",
        ),
        (
            &["cache", "stats"],
            Some("http://:hunter2@cache"),
            "cache.redis.url: expected none, or an address such as redis://",
        ),
        (&["cache", "stats"], Some("redis-sentinel://:hunter2@cache"), "it lacks `sentinelServiceName`"),
    ] {
        let (code, words) = refused(arguments, url);
        assert_eq!(code, if words.contains("the settings have a fault") { 2 } else { 1 }, "{words}");
        assert!(words.contains(told), "{words}");
    }
    for (arguments, told) in [
        (&["cache", "invalidate"][..], "<--tag <TAG>|--prefix <PREFIX>|--glob <GLOB>>"),
        (&["cache", "invalidate", "--tag", "a", "--glob", "b"], "cannot be used with"),
        (&["cache", "stats", "--wait-ms", "0"], "0 is not in 10..=60000"),
    ] {
        let (code, words) = refused(arguments, nowhere);
        assert_eq!(code, 2, "{words}");
        assert!(words.contains(told), "{words}");
    }
    let Some(redis) = adstead_backends::available(Backend::Redis) else { return };
    for (arguments, told) in [
        (&["cache", "invalidate", "--tag", ""][..], "the tag is empty"),
        (&["cache", "invalidate", "--prefix", "ads"], "`ads` is not the beginning of keys up to a colon"),
        (&["cache", "clear"], "nothing was cleared, as nobody agreed"),
    ] {
        let (code, words) = refused(arguments, Some(&redis.url()));
        assert_eq!(code, 1, "{words}");
        assert!(words.contains(told), "{words}");
    }
}

#[test]
fn a_server_starts_without_its_redis_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    command.env("ADSTEAD__CACHE__REDIS__URL", "redis://:hunter2@127.0.0.1:1/0");
    command.env("ADSTEAD__CACHE__REDIS__CONNECT_TIMEOUT", "100ms");
    let started = Instant::now();
    let server = Server::spawn(&mut command);
    let key = server.first_key();
    assert!(started.elapsed() < Duration::from_secs(10));
    let ad = draft_ad(&server, &key);
    assert_eq!(name_of(&server, &ad, &key), "Spring 1");
    let redis = cache_of(&server, &key)["redis"].clone();
    assert_eq!(redis["state"], "down", "{redis}");
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("Redis is out of reach; the cache works without it"), "{log}");
    assert!(!log.contains("hunter2"), "{log}");
    let shown = stdout_with(folder.path(), &["config", "show"]);
    assert!(shown.contains("redis://:***@127.0.0.1:1/0"), "{shown}");
    server.terminate();
}

fn stdout_with(folder: &Path, arguments: &[&str]) -> String {
    let mut command = adstead(folder, arguments);
    let output =
        command.env("ADSTEAD__CACHE__REDIS__URL", "redis://:hunter2@127.0.0.1:1/0").output().unwrap();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(!shown.contains("hunter2"), "{shown}");
    shown
}
