//! What happens is told: to sinks for analysis, to a chat, to a mailbox, and to a webhook that verifies it.

use std::path::Path;
use std::process::Command;

use adstead_application::outbox::DeliverEvents;
use adstead_backends::{MailSecurity, MailServer, or_skipped};
use adstead_domain::port::Clock as _;
use adstead_infrastructure::system::SystemClock;
use adstead_testkit::receiver::{Received, Receiver, Reply};
use serde_json::{Value, json};

use crate::crash::draft_ad;
use crate::http::{ask, succeed};
use crate::server::{PATIENCE, Server, adstead, eventually, eventually_within, failure};

/// A server that tells `sink` of everything, and gives mails to `mail`.
fn telling(folder: &Path, arguments: &[&str], sink: &Receiver, mail: Option<&MailServer>) -> Command {
    let mut command = adstead(folder, arguments);
    command
        .env("ADSTEAD__EXTERNAL__ALLOWED_NETWORKS", "127.0.0.0/8")
        .env("ADSTEAD__OUTBOX__POLL_INTERVAL", "100ms")
        .env("ADSTEAD__OUTBOX__FIRST_WAIT", "100ms")
        .env("ADSTEAD__ANALYTICS__SINKS__WAREHOUSE__KIND", "segment")
        .env("ADSTEAD__ANALYTICS__SINKS__WAREHOUSE__URL", sink.url())
        .env("ADSTEAD__ANALYTICS__SINKS__WAREHOUSE__KEY", "write-key")
        .env_remove("ADSTEAD_WEBHOOK");
    if let Some(mail) = mail {
        command
            .env("ADSTEAD__NOTIFICATIONS__FROM", "Adstead <ads@example.com>")
            .env("ADSTEAD__NOTIFICATIONS__SMTP__PORT", mail.port().to_string())
            .env("ADSTEAD__NOTIFICATIONS__SMTP__TLS", "starttls")
            .env("ADSTEAD__NOTIFICATIONS__SMTP__CA_CERTIFICATES", mail.ca_certificate().unwrap());
    }
    command
}

fn subscribe(server: &Server, key: &str, subscription: &Value) -> Value {
    succeed(server.address, "POST /v1/subscriptions", key, Some(subscription))
}

fn new_campaign(server: &Server, key: &str, name: &str) -> String {
    let budget = json!({ "currency": "EUR", "amount_micros": 1_000_000_000 });
    let campaign = json!({ "name": name, "objective": "sales", "platform": "google", "budget": budget });
    let made = succeed(server.address, "POST /v1/campaigns", key, Some(&campaign));
    made["id"].as_str().unwrap().to_owned()
}

/// The names of the events that a sink got, in their order.
fn tracked(sink: &Receiver) -> Vec<String> {
    let batches = sink.received().into_iter().map(|request| request.json());
    let messages = batches.flat_map(|body| body["batch"].as_array().unwrap().clone());
    messages.map(|message| message["event"].as_str().unwrap().to_owned()).collect()
}

fn types(hook: &Receiver) -> Vec<String> {
    hook.received().iter().map(|request| request.json()["type"].as_str().unwrap().to_owned()).collect()
}

fn is_signed(request: &Received, secret: &str) -> bool {
    standardwebhooks::Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_happens_is_told_to_all_who_asked_for_it() {
    let Some(mail) = or_skipped(MailServer::start(MailSecurity::StartTls)) else { return };
    let (sink, hook, chat) =
        (Receiver::start([]).await, Receiver::start([]).await, Receiver::start([]).await);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(&mut telling(folder.path(), &["serve"], &sink, Some(&mail)));
    let key = server.first_key();
    let webhook =
        json!({ "events": ["campaign.*"], "channel": "webhook", "url": format!("{}/hook", hook.url()) });
    let secret = subscribe(&server, &key, &webhook)["secret"].as_str().unwrap().to_owned();
    subscribe(
        &server,
        &key,
        &json!({ "events": ["campaign.paused"], "channel": "slack", "url": chat.url() }),
    );
    subscribe(
        &server,
        &key,
        &json!({ "events": ["campaign.paused"], "channel": "email", "email": "admin@localhost" }),
    );
    let id = new_campaign(&server, &key, "Spring");
    for step in ["activate", "pause"] {
        succeed(server.address, &format!("POST /v1/campaigns/{id}/{step}"), &key, None);
    }
    eventually("the webhook is told in order", || {
        (types(&hook) == ["campaign.created", "campaign.activated", "campaign.paused"]).then_some(())
    });
    assert!(hook.received().iter().all(|request| request.target == "/hook" && is_signed(request, &secret)));
    eventually("the sink is told in order", || {
        (tracked(&sink) == ["Campaign Created", "Campaign Activated", "Campaign Paused"]).then_some(())
    });
    eventually("the chat is told", || (chat.received().len() == 1).then_some(()));
    let text = chat.received()[0].json()["text"].as_str().unwrap().to_owned();
    assert!(text.contains("*Campaign paused: Spring*"), "{text}");
    let mails = mail.wait_for(1);
    assert!(mails.len() == 1 && mails[0].contains("Subject: Campaign paused: Spring"), "{mails:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sinks_are_told_of_conversions_once_and_nobody_else_is() {
    let (sink, hook) = (Receiver::start([]).await, Receiver::start([]).await);
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(&mut telling(folder.path(), &["serve"], &sink, None));
    let key = server.first_key();
    let everything = json!({ "events": ["*"], "channel": "webhook", "url": hook.url() });
    subscribe(&server, &key, &everything);
    let conversions = json!({ "events": ["conversion.*"], "channel": "webhook", "url": hook.url() });
    let refused = ask(server.address, "POST /v1/subscriptions", &key, Some(&conversions)).unwrap();
    assert!(refused.status == 422 && refused.body.contains("/events/0"), "{refused:?}");

    let ad = draft_ad(&server, &key);
    let occurred_at = SystemClock.now().to_string();
    let event = json!({
        "id": "00000000-0000-4000-8000-000000000001", "kind": "conversion", "ad_id": ad,
        "occurred_at": occurred_at, "revenue_micros": 12_340_000,
    });
    for _ in 0..2 {
        succeed(server.address, "POST /v1/events", &key, Some(&json!({ "events": [event] })));
    }
    // What is told after it has come.
    new_campaign(&server, &key, "Summer");
    let told =
        ["Campaign Created", "Ad Group Created", "Ad Created", "Conversion Recorded", "Campaign Created"];
    eventually("the sink is told in order", || (tracked(&sink) == told).then_some(()));
    eventually("the webhook is told of the rest", || (types(&hook).len() == 4).then_some(()));
    let messages = sink.received().into_iter().flat_map(|it| it.json()["batch"].as_array().unwrap().clone());
    let converted = messages.into_iter().find(|it| it["event"] == "Conversion Recorded").unwrap();
    assert_eq!(converted["properties"]["id"], event["id"]);
    assert_eq!(
        (&converted["properties"]["revenue"], &converted["properties"]["currency"]),
        (&json!(12.34), &json!("EUR"))
    );
    assert_eq!(converted["timestamp"], occurred_at);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_before_a_kill_is_told_after_it() {
    let (sink, hook) =
        (Receiver::start([Reply::Status(503)]).await, Receiver::start([Reply::Status(503)]).await);
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::spawn(&mut telling(folder.path(), &["serve"], &sink, None));
    let key = server.first_key();
    subscribe(
        &server,
        &key,
        &json!({ "events": ["campaign.created"], "channel": "webhook", "url": hook.url() }),
    );
    for number in 0..5 {
        new_campaign(&server, &key, &format!("Campaign {number}"));
    }
    server.kill();
    sink.reply([]);
    hook.reply([]);
    let (before_sink, before_hook) = (sink.received().len(), hook.received().len());
    let _server = Server::spawn(&mut telling(folder.path(), &["serve"], &sink, None));
    // What the dead server was about to tell is its own until then.
    let patience = DeliverEvents::LEASE + PATIENCE;
    let ids = |all: &[Received]| {
        let ids = all.iter().map(|request| request.header("webhook-id").to_owned());
        ids.collect::<std::collections::BTreeSet<_>>()
    };
    eventually_within(patience, "the webhook is told of all", || {
        (ids(&hook.received()[before_hook..]).len() == 5).then_some(())
    });
    eventually_within(patience, "the sink is told of all", || {
        let after = sink.received()[before_sink..]
            .iter()
            .map(|it| it.json()["batch"].as_array().unwrap().len())
            .sum::<usize>();
        (after >= 5).then_some(())
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_hangs_delays_nobody_else() {
    let (sink, hook) = (Receiver::start([Reply::Hang]).await, Receiver::start([]).await);
    let slow = Receiver::start([Reply::Hang]).await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(&mut telling(folder.path(), &["serve"], &sink, None));
    let key = server.first_key();
    for receiver in [&slow, &hook] {
        subscribe(&server, &key, &json!({ "events": ["*"], "channel": "webhook", "url": receiver.url() }));
    }
    for number in 0..3 {
        new_campaign(&server, &key, &format!("Campaign {number}"));
        let told = eventually("the other one is told", || {
            let told = types(&hook).len();
            (told == number + 1).then_some(told)
        });
        assert_eq!(told, number + 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_inside_are_refused_unless_the_operator_allows_them() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(&mut adstead(folder.path(), &["serve"]));
    let key = server.first_key();
    for (url, why) in [
        ("http://169.254.169.254/latest/meta-data", "link-local, where clouds keep metadata"),
        ("http://localhost:8080/", "localhost does not lead to addresses of the internet alone"),
        ("http://[::1]/", "loopback"),
        ("http://10.0.0.1/", "private"),
    ] {
        let webhook = json!({ "events": ["*"], "channel": "webhook", "url": url });
        let answer = ask(server.address, "POST /v1/subscriptions", &key, Some(&webhook)).unwrap();
        assert!(answer.status == 422 && answer.body.contains(why), "{url}: {answer:?}");
        assert!(answer.body.contains("external.allowed_networks"), "{url}: {answer:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_test_can_be_brought_by_the_command_line() {
    let Some(mail) = or_skipped(MailServer::start(MailSecurity::StartTls)) else { return };
    let (sink, hook) = (Receiver::start([]).await, Receiver::start([]).await);
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| telling(folder.path(), arguments, &sink, Some(&mail));
    let succeeds = |arguments: &[&str]| {
        let output = run(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let told = succeeds(&["notify", "test", "--email", "ada@example.com"]);
    assert!(told.starts_with("the test was taken by email in "), "{told}");
    assert!(mail.wait_for(1)[0].contains("Subject: A test"));
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let told = succeeds(&["notify", "test", "--webhook", "--url", hook.url(), "--secret", secret, "--json"]);
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["channel"], "webhook");
    let [request] = &hook.received()[..] else { panic!("one message") };
    assert!(is_signed(request, secret));
    assert_eq!(told["event_id"], request.header("webhook-id"));

    hook.reply([Reply::Status(500)]);
    let (_, words) = failure(&mut run(&["notify", "test", "--slack", "--url", hook.url()]));
    assert!(words.contains("HTTP 500"), "{words}");
    let (code, words) = failure(&mut run(&["notify", "test"]));
    assert!(code == 2 && words.contains("--email"), "{words}");
    let (_, words) = failure(&mut run(&["notify", "test", "--slack", "--url", "http://10.0.0.1/x"]));
    assert!(words.contains("10.0.0.1 is not an address of the internet"), "{words}");
    let mut no_mail = adstead(folder.path(), &["notify", "test", "--email", "ada@example.com"]);
    let (_, words) = failure(&mut no_mail);
    assert!(words.contains("notifications.from"), "{words}");
}

#[test]
fn sinks_that_cannot_be_told_are_refused_before_anything_starts() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |pairs: &[(&str, &str)]| {
        let mut command = adstead(folder.path(), &["serve"]);
        command
            .envs(pairs.iter().map(|(key, value)| (format!("ADSTEAD__ANALYTICS__SINKS__S__{key}"), value)));
        failure(&mut command).1
    };
    let words = refused(&[("KIND", "segment")]);
    assert!(words.contains("analytics.sinks.s.key") && words.contains("needs the key"), "{words}");
    let words = refused(&[("KIND", "file"), ("PATH", "events.ndjson"), ("EVENTS", "ad.aproved")]);
    assert!(
        words.contains("analytics.sinks.s") && words.contains("\"ad.aproved\" names no event"),
        "{words}"
    );
    let words = refused(&[("KIND", "webhook"), ("URL", "https://example.com"), ("KEY", "hunter2hunter2")]);
    assert!(words.contains("whsec_") && !words.contains("hunter2"), "{words}");
}
