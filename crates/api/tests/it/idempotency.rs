//! A call with a name of its own is carried out once.

mod faults;

use std::sync::Arc;
use std::time::Duration;

use adstead_api::ApiLimits;
use adstead_domain::Role;
use adstead_domain::port::PortErrorKind;
use adstead_testkit::contract::files::png;
use adstead_testkit::memory::{MemoryFileStore, ScriptedCopyWriter};
use axum::body::Body;
use futures::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::app::{Setup, TestApp};
use crate::assets::form;
use crate::client::{Client, Reply, brief, id, new_campaign};
use crate::layers::StuckWriter;

const JSON: (&str, &str) = ("content-type", "application/json");

/// Sends a call under a name.
async fn call(client: &Client, key: &str, path: &str, body: &Value) -> Reply {
    let body = if body.is_null() { Body::empty() } else { body.to_string().into() };
    client.send("POST", path, &[("idempotency-key", key), JSON], body).await
}

async fn campaigns(client: &Client) -> usize {
    client.get("/v1/campaigns").await.expect(200)["items"].as_array().unwrap().len()
}

#[track_caller]
fn assert_again(first: &Reply, second: &Reply) {
    assert_eq!((first.status, &first.body), (second.status, &second.body));
    for name in ["content-type", "location", "etag", "cache-control"] {
        assert_eq!(first.header(name), second.header(name), "{name}");
    }
    assert_eq!((first.header("idempotent-replayed"), second.header("idempotent-replayed")), ("", "true"));
    assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
}

#[track_caller]
fn assert_problem(reply: Reply, status: u16, kind: &str) -> Value {
    let problem = reply.expect(status);
    assert_eq!(problem["type"], format!("urn:adstead:problem:{kind}"), "{problem}");
    problem
}

#[tokio::test]
async fn the_same_call_is_answered_again_and_carried_out_once() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let first = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_eq!((first.status.as_u16(), first.header("etag")), (201, "\"1\""));
    let second = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_again(&first, &second);
    assert_eq!(campaigns(&ada).await, 1);

    let third = call(&ada, "call-2", "/v1/campaigns", &new_campaign()).await;
    assert_eq!(third.header("idempotent-replayed"), "");
    assert_ne!(id(&first.expect(201)), id(&third.expect(201)));
}

#[tokio::test]
async fn a_step_that_was_taken_is_answered_as_it_was_though_the_thing_went_on() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let path = format!("/v1/campaigns/{}", ada.campaign().await);
    let first = call(&ada, "go", &format!("{path}/activate"), &Value::Null).await;
    ada.step(&format!("{path}/pause")).await.expect(200);
    let again = call(&ada, "go", &format!("{path}/activate"), &Value::Null).await;
    assert_again(&first, &again);
    assert_eq!(ada.get(&path).await.expect(200)["status"], "paused");
}

#[tokio::test]
async fn concurrent_first_calls_all_get_the_one_answer() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let new = new_campaign();
    let replies = join_all((0..20).map(|_| call(&ada, "call-1", "/v1/campaigns", &new))).await;
    let (first, others): (Vec<_>, Vec<_>) =
        replies.into_iter().partition(|reply| reply.header("idempotent-replayed").is_empty());
    let [first] = &*first else { panic!("{} calls were carried out", first.len()) };
    others.iter().for_each(|other| assert_again(first, other));
    assert_eq!(campaigns(&ada).await, 1);
}

#[tokio::test(start_paused = true)]
async fn who_comes_second_waits_for_the_answer_of_the_first() {
    let (files, gate) = MemoryFileStore::gated();
    let app = TestApp::with(Setup { files: Arc::new(files), ..Setup::default() }).await;
    let ada = app.admin().await;
    let upload = async || {
        let headers = [("idempotency-key", "hero")];
        ada.send("POST", "/v1/assets?name=hero.png", &headers, png(640, 480, 1_000)).await
    };
    let later = async || {
        gate.stored.acquire().await.unwrap().forget();
        let second = upload();
        let let_go = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            gate.told.add_permits(1);
        };
        futures::join!(second, let_go).0
    };
    let (first, second) = futures::join!(upload(), later());
    assert_eq!(first.status, 201);
    assert_again(&first, &second);
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_runs_on_and_on_is_waited_for_no_longer_than_a_request_may_take() {
    let app =
        TestApp::with(Setup { writer: Arc::new(StuckWriter { panics: false }), ..Setup::default() }).await;
    let ada = app.admin().await;
    let wish = json!({"brief": brief()});
    let later = async || {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let began = tokio::time::Instant::now();
        let reply = call(&ada, "copy", "/v1/generations", &wish).await;
        (began.elapsed(), reply)
    };
    let (first, (waited, second)) = futures::join!(call(&ada, "copy", "/v1/generations", &wish), later());
    assert!(waited <= ApiLimits::default().request_timeout, "{waited:?}");
    assert!(waited + Duration::from_secs(1) > ApiLimits::default().request_timeout, "{waited:?}");
    assert_eq!(second.header("retry-after"), "1");
    assert_problem(second, 409, "idempotency-key-in-use");
    assert_problem(first, 504, "timeout");
    let problem = assert_problem(call(&ada, "copy", "/v1/generations", &wish).await, 409, "outcome-unknown");
    assert!(problem["detail"].as_str().unwrap().contains("with a new key"), "{problem}");
}

#[tokio::test]
async fn another_request_under_the_same_key_is_refused() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (one, other) = (ada.campaign().await, ada.campaign().await);
    let path = format!("/v1/campaigns/{one}/ad-groups");
    call(&ada, "call-1", &path, &json!({"name": "First"})).await.expect(201);
    let others = [
        (path.clone(), json!({"name": "Second"})),
        (format!("/v1/campaigns/{other}/ad-groups"), json!({"name": "First"})),
        (format!("/v1/campaigns/{one}/activate"), Value::Null),
        (path.clone(), Value::Null),
    ];
    for (path, body) in others {
        let reply = call(&ada, "call-1", &path, &body).await;
        let problem = assert_problem(reply, 422, "idempotency-key-reused");
        assert!(problem["detail"].as_str().unwrap().contains("new key"), "{problem}");
    }
    let groups = ada.get(&path).await.expect(200);
    assert_eq!(groups["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn accounts_have_keys_of_their_own() {
    let app = TestApp::new().await;
    let (ada, eve) = (app.admin().await, app.stranger().await);
    let ours = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    let theirs = call(&eve, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_eq!(theirs.header("idempotent-replayed"), "");
    assert_ne!(id(&ours.expect(201)), id(&theirs.expect(201)));
    assert_eq!((campaigns(&ada).await, campaigns(&eve).await), (1, 1));
    let colleague = app.colleague(Role::Viewer).await;
    let again = call(&colleague, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_eq!(again.header("idempotent-replayed"), "true", "the key is the account's");
}

#[tokio::test]
async fn a_call_that_did_nothing_gives_its_key_back() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let new = new_campaign();
    let mut faulty = new.clone();
    faulty["platform"] = json!("myspace");
    call(&ada, "call-1", "/v1/campaigns", &faulty).await.faults();
    call(&app.colleague(Role::Viewer).await, "call-1", "/v1/campaigns", &new).await.expect(403);
    call(&ada, "call-1", "/v1/nothing", &new).await.expect(404);
    let broken = Body::from_stream(futures::stream::iter([Ok("{"), Err(std::io::Error::other("cut"))]));
    ada.send("POST", "/v1/campaigns", &[("idempotency-key", "call-1"), JSON], broken).await.expect(400);
    let created = call(&ada, "call-1", "/v1/campaigns", &new).await;
    assert_eq!(created.header("idempotent-replayed"), "");
    created.expect(201);
}

#[tokio::test]
async fn a_writer_that_is_not_available_gives_the_key_back() {
    let writer = ScriptedCopyWriter::default().fails_to_write(PortErrorKind::Unavailable);
    let writer = Arc::new(writer.fails_to_write(PortErrorKind::Corrupt));
    let app = TestApp::with(Setup { writer, ..Setup::default() }).await;
    let ada = app.admin().await;
    let wish = json!({"brief": brief()});
    for status in [503, 502, 201] {
        call(&ada, "copy", "/v1/generations", &wish).await.expect(status);
    }
}

#[tokio::test]
async fn a_key_is_free_again_a_day_after_its_call() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await.expect(201);
    app.clock.advance(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    let again = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_eq!(again.header("idempotent-replayed"), "true");
    app.clock.advance(SignedDuration::from_secs(1));
    let anew = call(&ada, "call-1", "/v1/campaigns", &new_campaign()).await;
    assert_eq!((anew.status.as_u16(), anew.header("idempotent-replayed")), (201, ""));
}

#[tokio::test]
async fn an_upload_is_answered_again_and_stored_once() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let send = async |path: &str, image: bytes::Bytes| {
        // In pieces, as it comes over a line.
        let pieces: Vec<_> = image.chunks(7).map(bytes::Bytes::copy_from_slice).collect();
        let body = Body::from_stream(futures::stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)));
        ada.send("POST", path, &[("idempotency-key", "hero")], body).await
    };
    let (path, image) = ("/v1/assets?name=hero.png", png(640, 480, 1_000));
    let first = send(path, image.clone()).await;
    assert_eq!(first.status, 201);
    assert_again(&first, &send(path, image.clone()).await);
    let others =
        [(path, png(640, 480, 1_001)), (path, png(640, 481, 1_000)), ("/v1/assets?name=b.png", image)];
    for (path, image) in others {
        assert_problem(send(path, image).await, 422, "idempotency-key-reused");
    }
    let too_large = bytes::Bytes::from(vec![0; 400_000]);
    assert_problem(send(path, too_large).await, 413, "too-large");
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_form_is_the_same_under_another_boundary_and_counts_to_its_last_byte() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let (_, body) = form(&[("hero.png", "image/png", &png(64, 48, 500))]);
    let body = [&*body, b"what comes after the last part"].concat();
    let send = async |boundary: &str, body: Vec<u8>| {
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let headers = [("idempotency-key", "hero"), ("content-type", &*content_type)];
        ada.send("POST", "/v1/assets", &headers, body).await
    };
    let renamed = |from: &[u8], to: &[u8], body: &[u8]| {
        let mut renamed = Vec::new();
        let mut rest = body;
        while let Some(at) = rest.windows(from.len()).position(|window| window == from) {
            renamed.extend_from_slice(&rest[..at]);
            renamed.extend_from_slice(to);
            rest = &rest[at + from.len()..];
        }
        [&*renamed, rest].concat()
    };
    let first = send("edge", body.clone()).await;
    assert_eq!(first.status, 201);
    let anew = renamed(b"--edge", b"--5f0c2b7e9d", &body);
    assert_again(&first, &send("5f0c2b7e9d", anew).await);
    for other in [renamed(b"last part", b"last port", &body), renamed(b"hero", b"zero", &body)] {
        assert_problem(send("edge", other).await, 422, "idempotency-key-reused");
    }
}

#[tokio::test]
async fn a_client_that_hung_up_finds_its_answer() {
    let (files, gate) = MemoryFileStore::gated();
    let app = TestApp::with(Setup { files: Arc::new(files), ..Setup::default() }).await;
    let ada = app.admin().await;
    let image = png(640, 480, 1_000);
    let path = "/v1/assets?name=hero.png";
    let send = || ada.send("POST", path, &[("idempotency-key", "hero")], image.clone());
    tokio::select! {
        _ = send() => panic!("the upload waits for its file"),
        permit = gate.stored.acquire() => permit.unwrap().forget(),
    }
    gate.told.add_permits(1);
    let answer = send().await;
    assert_eq!(answer.header("idempotent-replayed"), "true");
    let asset = id(&answer.expect(201));
    ada.get(&format!("/v1/assets/{asset}")).await.expect(200);
    assert_eq!(ada.get("/v1/assets").await.expect(200)["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn calls_whose_clients_hung_up_take_no_more_places_than_there_are() {
    let (files, gate) = MemoryFileStore::gated();
    let limits = ApiLimits { max_concurrency: 1, ..ApiLimits::default() };
    let app = TestApp::with(Setup { files: Arc::new(files), limits, ..Setup::default() }).await;
    let ada = app.admin().await;
    let upload = ada.send("POST", "/v1/assets?name=a.png", &[("idempotency-key", "a")], png(64, 48, 500));
    tokio::select! {
        _ = upload => panic!("the upload waits for its file"),
        permit = gate.stored.acquire() => permit.unwrap().forget(),
    }
    let reply = call(&ada, "b", "/v1/campaigns", &new_campaign()).await;
    assert_eq!(reply.header("retry-after"), "1");
    assert_problem(reply, 503, "overloaded");
    ada.campaign().await;
    gate.told.add_permits(1);
    while call(&ada, "b", "/v1/campaigns", &new_campaign()).await.status != 201 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_is_no_key_is_refused_once_it_is_known_who_asks() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    for key in ["", " ", "two words", "ключ", &"k".repeat(256)] {
        let reply = call(&ada, key, "/v1/campaigns", &new_campaign()).await;
        let problem = assert_problem(reply, 400, "malformed-request");
        assert!(problem["detail"].as_str().unwrap().contains("1 to 255 visible ASCII"), "{problem}");
        call(&app.nobody(), key, "/v1/campaigns", &new_campaign()).await.expect(401);
    }
    let twice = [("idempotency-key", "a"), ("idempotency-key", "b"), JSON];
    ada.send("POST", "/v1/campaigns", &twice, new_campaign().to_string()).await.expect(400);
    assert_eq!(campaigns(&ada).await, 0);
}

#[tokio::test]
async fn a_stranger_is_turned_away_before_the_body_of_a_named_call_is_read() {
    let app = TestApp::new().await;
    let untouched = Body::from_stream(futures::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<String, std::io::Error>>> { panic!("the body was read") },
    ));
    let headers = [("idempotency-key", "hero")];
    app.nobody().send("POST", "/v1/assets?name=a.png", &headers, untouched).await.expect(401);
}

#[tokio::test]
async fn a_key_means_nothing_to_other_methods() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let path = format!("/v1/campaigns/{}", ada.campaign().await);
    for name in ["First", "Second"] {
        let headers = [("idempotency-key", "two words"), JSON];
        let renamed = ada.send("PATCH", &path, &headers, json!({"name": name}).to_string()).await;
        assert_eq!(renamed.expect(200)["name"], name);
        ada.send("GET", &path, &headers, Body::empty()).await.expect(200);
    }
}
