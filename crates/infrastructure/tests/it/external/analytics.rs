//! Sinks over real HTTP: what they are sent, and what comes of their answers.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{EventSubscriber, Interest, PortErrorKind};
use adstead_domain::{AdChange, DomainEvent, Occurrence};
use adstead_infrastructure::external::analytics::{
    AnalyticsService, Consent, SinkConfig, SinkProtocol, SinkTarget,
};
use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
use adstead_infrastructure::system::SystemClock;
use adstead_testkit::build;
use adstead_testkit::contract::{run_all, subscriber};
use adstead_testkit::receiver::{Receiver, Reply};
use serde_json::Value;

use super::{install_tls, told};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn segment() -> SinkProtocol {
    SinkProtocol::Segment { write_key: "write-key".into() }
}

fn posthog() -> SinkProtocol {
    SinkProtocol::PostHog { project_key: "phc_key".into() }
}

fn ga4() -> SinkProtocol {
    SinkProtocol::Ga4 { measurement_id: "G-TEST".into(), api_secret: "api-secret".into() }
}

fn webhook() -> SinkProtocol {
    SinkProtocol::Webhook { secret: Some(SECRET.parse().unwrap()) }
}

fn at(receiver: &Receiver, protocol: SinkProtocol) -> SinkConfig {
    config(SinkTarget::Http { url: receiver.url().parse().unwrap(), protocol })
}

fn config(target: SinkTarget) -> SinkConfig {
    SinkConfig {
        target,
        events: vec!["*".parse().unwrap()],
        omit: Default::default(),
        consent: Consent::Granted,
        policy: ServicePolicy::default().once_within(Duration::from_secs(5)),
    }
}

fn sink(config: SinkConfig) -> Arc<dyn EventSubscriber> {
    install_tls();
    let services = Arc::new(ExternalServiceManager::new());
    let sinks = BTreeMap::from([("test".to_owned(), config)]);
    let clock = Arc::new(SystemClock) as _;
    let service = AnalyticsService::new(&sinks, &services, &clock).unwrap();
    service.subscribers().remove(0)
}

async fn tell(sink: &dyn EventSubscriber, events: &[DomainEvent]) {
    let events: Vec<_> = events.iter().collect();
    for batch in events.chunks(sink.most_at_once()) {
        sink.deliver(batch).await.expect("the sink takes it");
    }
}

fn approved() -> DomainEvent {
    build::happened(AdChange::Approved)
}

#[tokio::test]
async fn every_sink_keeps_the_contract() {
    for protocol in [segment(), posthog(), ga4(), webhook()] {
        let receiver = Receiver::start([]).await;
        let config = at(&receiver, protocol);
        run_all("AnalyticsSink", "EventSubscriber", subscriber::CASES, async || sink(config.clone())).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = config(SinkTarget::File { path: folder.path().join("events.ndjson") });
    run_all("AnalyticsSink, file", "EventSubscriber", subscriber::CASES, async || sink(file.clone())).await;
}

/// Segment's specification of `track`, <https://segment.com/docs/connections/spec/common/>: types of fields that must be there.
fn assert_is_segments(message: &Value) {
    for field in ["type", "messageId", "event", "anonymousId", "timestamp"] {
        assert!(message[field].is_string(), "{field}: {message}");
    }
    assert_eq!(message["type"], "track");
    assert!(message["properties"].is_object() && message["context"]["library"]["name"].is_string());
    assert!(message["messageId"].as_str().unwrap().len() < 100);
    assert!(message["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().is_ok());
}

#[tokio::test]
async fn segment_gets_batches_of_track_calls() {
    let receiver = Receiver::start([]).await;
    let (first, second) = (approved(), build::happened(AdChange::Rejected));
    tell(sink(at(&receiver, segment())).as_ref(), &[first.clone(), second]).await;
    let [request] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!(request.target, "/v1/batch");
    assert_eq!(request.header("authorization"), "Basic d3JpdGUta2V5Og==");
    let batch = request.json()["batch"].as_array().unwrap().clone();
    batch.iter().for_each(assert_is_segments);
    let message = &batch[0];
    assert_eq!((&message["event"], &batch[1]["event"]), (&"Ad Approved".into(), &"Ad Rejected".into()));
    assert_eq!(message["messageId"], first.id.to_string());
    assert_eq!(message["userId"], first.actor.unwrap().to_string());
    assert_eq!(message["properties"]["account_id"], first.account_id.to_string());
    assert_eq!(message["properties"]["platform"], "google");
    assert_eq!(message["context"]["consent"]["categoryPreferences"]["Analytics"], true);
}

#[tokio::test]
async fn posthog_gets_a_batch_with_its_key() {
    let receiver = Receiver::start([]).await;
    let event = approved();
    tell(sink(at(&receiver, posthog())).as_ref(), std::slice::from_ref(&event)).await;
    let [request] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!(request.target, "/batch/");
    let body = request.json();
    assert_eq!(body["api_key"], "phc_key");
    // The fields of a batch, <https://posthog.com/docs/api/capture#batch-events>.
    let sent = &body["batch"][0];
    assert_eq!(
        (&sent["event"], &sent["distinct_id"]),
        (&"Ad Approved".into(), &event.actor.unwrap().to_string().into())
    );
    assert_eq!(sent["uuid"], event.id.to_string());
    assert_eq!(sent["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap(), event.occurred_at);
    assert_eq!(sent["properties"]["$process_person_profile"], true);
}

#[tokio::test]
async fn google_analytics_gets_a_request_for_each_person_within_its_limits() {
    let receiver = Receiver::start([]).await;
    let same: Vec<_> = (0..30).map(|_| approved()).collect();
    // Each is by a user of its own, but for the last two.
    let twice = [same[29].clone(), DomainEvent { id: approved().id, ..same[29].clone() }];
    tell(sink(at(&receiver, ga4())).as_ref(), &[&same[..2], &twice[..]].concat()).await;
    let received = receiver.received();
    assert_eq!(received.len(), 3);
    for request in &received {
        assert_eq!(request.target, "/mp/collect?measurement_id=G-TEST&api_secret=api-secret");
        let body = request.json();
        assert!(body["client_id"].is_string() && body["user_id"].is_string());
        assert_eq!(body["consent"]["ad_user_data"], "GRANTED");
        for event in body["events"].as_array().unwrap() {
            // The limits, <https://developers.google.com/analytics/devguides/collection/protocol/ga4/sending-events#limitations>.
            let name = event["name"].as_str().unwrap();
            let is_name = |name: &str| {
                name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.len() <= 40
                    && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            };
            assert!(is_name(name), "{name}");
            let parameters = event["params"].as_object().unwrap();
            assert!(parameters.len() <= 25);
            for (name, value) in parameters {
                assert!(is_name(name), "{name}");
                assert!(
                    value.is_number() || value.as_str().is_some_and(|text| text.chars().count() <= 100),
                    "{value}"
                );
            }
        }
    }
    assert_eq!(received[2].json()["events"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_a_conversion_earned_is_told_in_the_words_of_each_sink() {
    let receiver = Receiver::start([]).await;
    let ad = {
        let user = build::user(&build::account());
        let campaign = build::campaign(&user);
        build::ad(&build::ad_group(&campaign), &campaign)
    };
    let event = build::conversion(&ad, 12_340_000);
    let occurrence = event.conversion(Some("EUR".parse().unwrap())).unwrap();
    let converted = DomainEvent { occurrence, ..approved() };
    for protocol in [segment(), posthog(), ga4()] {
        tell(sink(at(&receiver, protocol)).as_ref(), std::slice::from_ref(&converted)).await;
    }
    let [segment, posthog, ga4] = &receiver.received()[..] else { panic!("three requests") };
    let (segment, posthog) = (&segment.json()["batch"][0], &posthog.json()["batch"][0]);
    for sent in [segment, posthog] {
        assert_eq!(sent["event"], "Conversion Recorded");
        let properties = &sent["properties"];
        assert_eq!((&properties["revenue"], &properties["currency"]), (&12.34.into(), &"EUR".into()));
        assert_eq!(properties["ad_id"], ad.id.to_string());
        assert_eq!((&properties["country"], &properties["device"]), (&"US".into(), &"mobile".into()));
    }
    let sent = &ga4.json()["events"][0];
    assert_eq!(sent["name"], "conversion_recorded");
    assert_eq!((&sent["params"]["value"], &sent["params"]["currency"]), (&12.34.into(), &"EUR".into()));
}

#[tokio::test]
async fn a_webhook_gets_signed_messages() {
    let receiver = Receiver::start([]).await;
    let event = approved();
    tell(sink(at(&receiver, webhook())).as_ref(), std::slice::from_ref(&event)).await;
    let [request] = &receiver.received()[..] else { panic!("one request") };
    assert_eq!(request.header("webhook-id"), event.id.to_string());
    let verifier = standardwebhooks::Webhook::new(SECRET).unwrap();
    verifier.verify(&request.body, &request.headers).expect("the signature is good");
    let body = request.json();
    assert_eq!(
        (&body["type"], &body["timestamp"]),
        (&"ad.approved".into(), &event.occurred_at.to_string().into())
    );
}

#[tokio::test]
async fn a_file_gets_a_line_for_each_event_and_can_be_moved_away() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.ndjson");
    let sink = sink(config(SinkTarget::File { path: path.clone() }));
    tell(sink.as_ref(), &[approved(), approved()]).await;
    std::fs::rename(&path, folder.path().join("old.ndjson")).unwrap();
    tell(sink.as_ref(), &[approved()]).await;
    let lines = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap().lines().count();
    assert_eq!((lines("old.ndjson"), lines("events.ndjson")), (2, 1));
    let line = std::fs::read_to_string(&path).unwrap();
    assert_is_segments(&serde_json::from_str(&line).unwrap());
}

#[tokio::test]
async fn who_did_not_agree_is_a_pseudonym_that_is_another_at_each_sink() {
    let receiver = Receiver::start([]).await;
    let event = approved();
    let config = SinkConfig { consent: Consent::Denied, ..at(&receiver, segment()) };
    let services = Arc::new(ExternalServiceManager::new());
    let sinks = ["one", "two"].map(|name| (name.to_owned(), config.clone()));
    install_tls();
    let clock = Arc::new(SystemClock) as _;
    let service = AnalyticsService::new(&sinks.into(), &services, &clock).unwrap();
    for sink in service.subscribers() {
        tell(sink.as_ref(), &[event.clone(), event.clone()]).await;
    }
    let received = receiver.received();
    assert!(received.iter().all(|request| {
        !String::from_utf8_lossy(&request.body).contains(&event.actor.unwrap().to_string())
    }));
    let names: Vec<_> = received
        .iter()
        .flat_map(|request| request.json()["batch"].as_array().unwrap().clone())
        .map(|message| message["anonymousId"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!((&names[0], &names[2]), (&names[1], &names[3]));
    assert_ne!(names[0], names[2]);
    assert_eq!(
        received[0].json()["batch"][0]["context"]["consent"]["categoryPreferences"]["Analytics"],
        false
    );
}

#[tokio::test]
async fn a_sink_asks_for_what_it_is_set_to_and_is_told_it_without_the_fields_that_are_left_out() {
    let receiver = Receiver::start([]).await;
    let config = SinkConfig {
        events: vec!["ad.rejected".parse().unwrap()],
        omit: ["name".to_owned(), "notes".to_owned()].into(),
        ..at(&receiver, segment())
    };
    let sink = sink(config);
    let rejected = build::happened(AdChange::Rejected);
    assert_eq!(Interest::of(sink.as_ref()).names, [rejected.occurrence.name()].into());
    tell(sink.as_ref(), &[rejected]).await;
    let message = receiver.received()[0].json()["batch"][0].clone();
    let properties = message["properties"].as_object().unwrap();
    assert!(!properties.contains_key("name") && properties.contains_key("ad_type"), "{properties:?}");
}

#[tokio::test]
async fn a_batch_that_is_larger_than_a_sink_takes_is_split() {
    let receiver = Receiver::start([]).await;
    let large = |size: usize| {
        let event = approved();
        let mut occurrence = event.occurrence.clone();
        if let Occurrence::Ad { notes, .. } = &mut occurrence {
            *notes = Some("€".repeat(size).parse().unwrap());
        }
        DomainEvent { occurrence, ..event }
    };
    let events: Vec<_> = (0..100).map(|_| large(2_000)).collect();
    tell(sink(at(&receiver, segment())).as_ref(), &events).await;
    let received = receiver.received();
    let sent: usize = received.iter().map(|request| request.json()["batch"].as_array().unwrap().len()).sum();
    assert_eq!((received.len(), sent), (2, 100));
    assert!(received.iter().all(|request| request.body.len() <= 500_000));
}

#[tokio::test]
async fn an_answer_decides_what_becomes_of_a_delivery() {
    use PortErrorKind::{Denied, RateLimited, Rejected, Unavailable};
    let cases = [
        (Reply::Status(400), Rejected),
        (Reply::Status(413), Rejected),
        (Reply::Status(401), Denied),
        (Reply::Status(404), Denied),
        (Reply::Status(500), Unavailable),
        (Reply::Throttle(7), RateLimited),
        (Reply::Redirect, Denied),
    ];
    for (reply, kind) in cases {
        let receiver = Receiver::start([reply]).await;
        let error = sink(at(&receiver, ga4())).deliver(&[&approved()]).await.unwrap_err();
        assert_eq!(error.kind, kind, "{reply:?}");
        assert!(!told(&error).contains("api-secret"), "{}", told(&error));
        assert_eq!(receiver.received().len(), 1, "the outbox tries again, nobody else: {reply:?}");
        if reply == Reply::Throttle(7) {
            assert_eq!(error.retry_after, Some(Duration::from_secs(7)));
        }
    }
}

#[tokio::test]
async fn an_answer_is_judged_by_its_status_however_long_its_text_takes() {
    let receiver = Receiver::start([Reply::Endless(200)]).await;
    sink(at(&receiver, posthog())).deliver(&[&approved()]).await.unwrap();
    receiver.reply([Reply::Endless(401)]);
    let error = sink(at(&receiver, posthog())).deliver(&[&approved()]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Denied);
    assert!(told(&error).contains("HTTP 401 Unauthorized: \"begun\""), "{}", told(&error));
}

#[test]
fn what_a_sink_is_told_with_is_not_shown() {
    let url = "https://user:secret@rudder.example.com/secret".parse().unwrap();
    let protocol = SinkProtocol::Segment { write_key: "secret".into() };
    let shown = format!("{:?}", config(SinkTarget::Http { url, protocol }));
    assert!(!shown.contains("secret") && shown.contains("https://rudder.example.com"), "{shown}");
}

#[tokio::test]
async fn a_sink_that_hangs_or_is_not_there_fails_in_time() {
    let receiver = Receiver::start([Reply::Hang]).await;
    let config = SinkConfig {
        policy: ServicePolicy::default().once_within(Duration::from_millis(200)),
        ..at(&receiver, posthog())
    };
    let error = sink(config.clone()).deliver(&[&approved()]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Timeout);
    drop(receiver);
    let error = sink(config).deliver(&[&approved()]).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Unavailable);
}
