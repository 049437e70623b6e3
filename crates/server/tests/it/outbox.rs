//! Events on their way: to the log, over a kill, and by one node of two; and what the operator sees of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use adstead_application::outbox::DeliverEvents;
use adstead_backends::{Backend, started};
use adstead_domain::port::{Interest, MessageClaim, OutboxSelection, Settlement};
use adstead_domain::{CampaignChange, ClaimId};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::build;
use serde_json::{Value, json};

use crate::http::{ask, succeed};
use crate::server::{PATIENCE, Server, adstead, eventually, eventually_within, failure, json, stdout};

fn new_campaign(name: &str) -> Value {
    let budget = json!({ "currency": "EUR", "amount_micros": 1_000_000_000 });
    json!({ "name": name, "objective": "sales", "platform": "google", "budget": budget })
}

/// What the log says of an event.
struct Told {
    event: String,
    subject: String,
    times: usize,
}

/// What the log of a server says of events, by their ids.
fn told(folder: &Path) -> BTreeMap<String, Told> {
    let mut told = BTreeMap::new();
    for line in fs::read_to_string(folder.join("log")).unwrap().lines() {
        let Ok(line) = serde_json::from_str::<Value>(line) else { continue };
        if line["target"] == "adstead::events" {
            let word = |field: &str| line[field].as_str().unwrap().to_owned();
            let first = Told { event: word("event"), subject: word("subject"), times: 0 };
            told.entry(word("event_id")).or_insert(first).times += 1;
        }
    }
    told
}

/// What is on its way.
fn undelivered(folder: &Path, database: Option<&str>) -> Vec<Value> {
    let mut command = adstead(folder, &["outbox", "list", "--limit", "1000", "--json"]);
    command.envs(database.map(|url| ("ADSTEAD__DATABASE__URL", url)));
    let listed: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    listed["messages"].as_array().unwrap().clone()
}

#[test]
fn what_happens_is_told_to_the_log_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let key = server.first_key();
    let campaign = succeed(server.address, "POST /v1/campaigns", &key, Some(&new_campaign("Spring")));
    let id = campaign["id"].as_str().unwrap();
    for step in ["activate", "pause"] {
        succeed(server.address, &format!("POST /v1/campaigns/{id}/{step}"), &key, None);
    }
    let names = eventually("three events are told", || {
        let names: Vec<_> = told(folder.path()).into_values().map(|told| told.event).collect();
        (names.len() == 3).then_some(names)
    });
    assert_eq!(names, ["campaign.created", "campaign.activated", "campaign.paused"], "ids grow with time");
    eventually("nothing is on its way", || undelivered(folder.path(), None).is_empty().then_some(()));
    let status = succeed(server.address, "GET /v1/system/status", &key, None);
    assert_eq!(
        (&status["outbox"][0]["subscriber"], &status["outbox"][0]["delivered"]),
        (&json!("log"), &json!(3))
    );
}

#[test]
fn events_of_acknowledged_changes_are_told_though_the_server_is_killed() {
    for backend in [None, Some(Backend::Postgres)] {
        let postgres = match backend.map(started) {
            Some(None) => return,
            Some(started) => started,
            None => None,
        };
        let url = postgres.as_ref().map(adstead_backends::Server::url);
        let folder = tempfile::tempdir().unwrap();
        let serve = || {
            let mut command: Command = adstead(folder.path(), &["serve"]);
            command.envs(url.as_ref().map(|url| ("ADSTEAD__DATABASE__URL", url)));
            Server::spawn(&mut command)
        };
        let mut server = serve();
        let key = server.first_key();
        let mut acknowledged = BTreeSet::new();
        for kill in 0..4 {
            let address = server.address;
            std::thread::scope(|scope| {
                let sender = scope.spawn(|| {
                    let create = |number: usize| {
                        let new = new_campaign(&format!("Campaign {kill}-{number}"));
                        let made = ask(address, "POST /v1/campaigns", &key, Some(&new)).ok();
                        let made = made.filter(|answer| answer.status == 201)?;
                        Some(made.json()["id"].as_str().unwrap().to_owned())
                    };
                    (0..10_000).map_while(create).collect::<Vec<_>>()
                });
                eventually("some events are told", || {
                    (told(folder.path()).len() > kill * 20 + 20).then_some(())
                });
                server.kill();
                acknowledged.extend(sender.join().unwrap());
            });
            server = serve();
        }
        // What was claimed at a kill is taken up once the claim is over.
        eventually_within(DeliverEvents::LEASE + PATIENCE, "nothing is on its way", || {
            undelivered(folder.path(), url.as_deref()).is_empty().then_some(())
        });
        let told = self::told(folder.path());
        let repeats: usize = told.values().map(|told| told.times - 1).sum();
        let (changes, events) = (acknowledged.len(), told.len());
        println!("{changes} changes acknowledged, {events} events told, {repeats} told again");
        let subjects: BTreeSet<_> = told.into_values().map(|told| told.subject).collect();
        let untold: Vec<_> = acknowledged.difference(&subjects).collect();
        assert!(untold.is_empty(), "nobody was told of {untold:?}");
    }
}

#[test]
fn of_two_nodes_one_tells_of_each_event() {
    let Some(postgres) = started(Backend::Postgres) else { return };
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let serve = |index: usize| {
        let mut command = adstead(folders[index].path(), &["serve"]);
        Server::spawn(
            command
                .env("ADSTEAD__DATABASE__URL", postgres.url())
                .env("ADSTEAD__OUTBOX__POLL_INTERVAL", "100ms"),
        )
    };
    let first = serve(0);
    let key = first.first_key();
    let second = serve(1);
    for number in 0..100 {
        let address = [first.address, second.address][number % 2];
        succeed(address, "POST /v1/campaigns", &key, Some(&new_campaign(&format!("Campaign {number}"))));
    }
    let url = postgres.url();
    eventually("nothing is on its way", || {
        undelivered(folders[0].path(), Some(&url)).is_empty().then_some(())
    });
    let both = [told(folders[0].path()), told(folders[1].path())];
    let [one, other] = both;
    assert!(one.keys().all(|id| !other.contains_key(id)), "an event was told by both");
    assert!(one.values().chain(other.values()).all(|told| told.times == 1), "an event was told twice");
    assert_eq!(one.len() + other.len(), 100);
}

/// A database with two dead letters and a message that waits, to a subscriber that no server has.
fn messages(folder: &Path) {
    stdout(folder, &["migrate"]);
    let url = format!("sqlite://{}", folder.join("data/adstead.db").display());
    let store = async {
        let database = DatabaseManager::connect(&DatabaseConfig::new(url)).await.unwrap();
        let database = Arc::new(database);
        let repositories =
            RepositoryFactory::publishing(Arc::clone(&database), vec![Interest::new("pigeon", |_| true)]);
        let account = build::account();
        repositories.accounts().insert(&account).await.unwrap();
        let user = build::user(&account);
        let event = || build::told(&user, build::campaign(&user).occurrence(CampaignChange::Paused));
        let events = [event(), event(), event()];
        repositories.campaigns().insert(&build::campaign(&user), &events).await.unwrap();
        let claim = MessageClaim {
            id: ClaimId::new(build::id()),
            subscriber: "pigeon".to_owned(),
            ends_at: build::CREATED_AT + std::time::Duration::from_secs(60),
        };
        let outbox = repositories.outbox();
        let claimed = outbox.claim(&claim, 2, build::CREATED_AT).await.unwrap();
        let dead = Settlement::Dead { failure: "a hawk".to_owned() };
        let settlements: Vec<_> = claimed.iter().map(|message| (message.id, dead.clone())).collect();
        outbox.settle(&claim, &settlements, build::CREATED_AT).await.unwrap();
        let kept = outbox.list(&OutboxSelection::default(), None, 10).await.unwrap();
        assert_eq!(kept.len(), 3);
        database.close().await;
    };
    tokio::runtime::Runtime::new().unwrap().block_on(store);
}

#[test]
fn the_operator_sees_retries_and_removes_messages() {
    let folder = tempfile::tempdir().unwrap();
    messages(folder.path());
    let dead = json(folder.path(), &["outbox", "list", "--state", "dead", "--json"]);
    let seen: Vec<_> =
        dead["messages"].as_array().unwrap().iter().map(|it| (&it["id"], &it["failure"])).collect();
    assert_eq!(seen, [(&json!(1), &json!("a hawk")), (&json!(2), &json!("a hawk"))]);
    assert_eq!(dead["next"], Value::Null);
    let table = stdout(folder.path(), &["outbox", "list", "--subscriber", "pigeon"]);
    assert_eq!(table.lines().count(), 4, "{table}");
    assert!(table.contains("campaign.paused") && table.contains("a hawk"), "{table}");
    assert_eq!(json(folder.path(), &["outbox", "list", "--limit", "2", "--json"])["next"], 2);
    assert_eq!(json(folder.path(), &["outbox", "list", "--after", "2", "--json"])["messages"][0]["id"], 3);

    assert_eq!(stdout(folder.path(), &["outbox", "retry", "1"]), "1 messages are due now\n");
    assert_eq!(
        stdout(folder.path(), &["outbox", "retry", "--all", "--subscriber", "nobody"]),
        "0 messages are due now\n"
    );
    assert_eq!(stdout(folder.path(), &["outbox", "purge", "--all", "--yes"]), "1 messages were removed\n");
    let left = ["outbox", "purge", "--all", "--subscriber", "pigeon", "--waiting", "--yes"];
    assert_eq!(stdout(folder.path(), &left), "2 messages were removed\n");
    assert_eq!(stdout(folder.path(), &["outbox", "list"]), "");
}

#[test]
fn wrong_arguments_change_nothing_and_are_told() {
    let folder = tempfile::tempdir().unwrap();
    messages(folder.path());
    for (arguments, words) in [
        (&["outbox", "retry"][..], "--all"),
        (&["outbox", "retry", "one"], "is not a number"),
        (&["outbox", "retry", "1", "--all"], "cannot be used with"),
        (&["outbox", "purge", "1"], "give --yes"),
        (&["outbox", "purge", "--all", "--waiting", "--yes"], "--subscriber"),
        (&["outbox", "purge", "1", "--waiting", "--subscriber", "pigeon", "--yes"], "cannot be used with"),
        (&["outbox", "list", "--state", "asleep"], "waiting, dead"),
        (&["outbox", "list", "--limit", "0"], "1..=1000"),
    ] {
        let (_, told) = failure(&mut adstead(folder.path(), arguments));
        assert!(told.contains(words), "{arguments:?}: {told}");
    }
    assert_eq!(json(folder.path(), &["outbox", "list", "--json"])["messages"].as_array().unwrap().len(), 3);
}
