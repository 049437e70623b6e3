//! Generations that are told while they are being written.

use std::future::pending;
use std::sync::Arc;

use adstead_domain::AdCopy;
use adstead_domain::port::{
    CopyRequest, CopyWriter, PortError, PortErrorKind, Progress, RewriteRequest, Written,
};
use adstead_testkit::memory::ScriptedCopyWriter;
use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use crate::app::{Setup, TestApp};
use crate::client::{Client, Reply, brief, id};

const PATH: &str = "/v1/generations?stream=true";

async fn app(writer: impl CopyWriter + 'static) -> TestApp {
    TestApp::with(Setup { writer: Arc::new(writer), ..Setup::default() }).await
}

async fn ask(client: &Client) -> Reply {
    client.post(PATH, json!({"brief": brief()})).await
}

/// The events of a stream, each with its name and its data.
#[track_caller]
fn events(reply: &Reply) -> Vec<(String, Value)> {
    assert_eq!((reply.status.as_u16(), reply.header("content-type")), (200, "text/event-stream"));
    let text = String::from_utf8(reply.body.to_vec()).unwrap();
    let event = |event: &str| {
        let (name, data) = event.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
        (name.to_owned(), serde_json::from_str(data).unwrap())
    };
    text.trim_end().split("\n\n").map(event).collect()
}

/// The names of events, each run of one name as one.
fn course(events: &[(String, Value)]) -> Vec<&str> {
    let mut names: Vec<_> = events.iter().map(|(name, _)| name.as_str()).collect();
    names.dedup();
    names
}

/// Writes half of an answer, then fails or waits for ever.
struct HalfwayWriter {
    fails: bool,
    given_up: Arc<Semaphore>,
}

/// Adds a permit as the work that holds it is given up.
struct Work(Arc<Semaphore>);

impl Drop for Work {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

#[async_trait]
impl CopyWriter for HalfwayWriter {
    async fn write(&self, request: &CopyRequest) -> Result<Written<Vec<AdCopy>>, PortError> {
        let _work = Work(self.given_up.clone());
        let listener = request.call.listener.as_ref().expect("somebody listens");
        listener.tell(Progress::Began { provider: "main", model: "half" });
        listener.tell(Progress::Wrote("Made for "));
        if !self.fails {
            pending::<()>().await;
        }
        Err(PortError::new(PortErrorKind::Timeout, "copy_writer.write"))
    }

    async fn rewrite(&self, _: &RewriteRequest) -> Result<Written<Vec<String>>, PortError> {
        Err(PortError::new(PortErrorKind::Unexpected, "copy_writer.rewrite"))
    }
}

#[tokio::test]
async fn what_is_written_is_told_and_ends_with_the_document_that_is_kept() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let events = events(&ask(&ada).await);
    assert_eq!(course(&events), ["started", "delta", "generation"]);
    assert_eq!(events[0].1, json!({"provider": "scripted", "model": "script-1"}));
    let generation = &events.last().unwrap().1;
    let first_line = format!("{}\n", generation["variants"][0]["headlines"][0].as_str().unwrap());
    assert_eq!(events[1].1, json!({"text": first_line}));
    let kept = ada.get(&format!("/v1/generations/{}", id(generation))).await.expect(200);
    assert_eq!(&kept, generation);
}

#[tokio::test]
async fn lines_that_are_written_again_are_announced() {
    let long = "A headline that is far longer than thirty characters".to_owned();
    let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect::<Vec<_>>();
    let copy = AdCopy {
        headlines: [vec![long], owned(&["Free returns", "Run all winter", "Trail shoes", "Made to last"])]
            .concat(),
        descriptions: owned(&["Shoes that grip.", "Order by noon.", "Try them on.", "Send them back."]),
        call_to_action: None,
    };
    let writer = ScriptedCopyWriter::default().writes([copy]).rewrites(["Made for mud".to_owned()]);
    let app = app(writer).await;
    let events = events(&ask(&app.admin().await).await);
    assert_eq!(course(&events), ["started", "delta", "repairing", "started", "delta", "generation"]);
    let told = |name: &str| events.iter().rfind(|(it, _)| it == name).unwrap().1.clone();
    assert_eq!((told("repairing"), told("delta")), (json!({"lines": 1}), json!({"text": "Made for mud\n"})));
}

#[tokio::test]
async fn a_problem_before_the_first_word_is_answered_as_without_a_stream() {
    let app = app(ScriptedCopyWriter::default().fails_to_write(PortErrorKind::Unavailable)).await;
    let ada = app.admin().await;
    let unknown = json!({"brief": brief(), "provider": "oracle"});
    let faults = ada.post(PATH, unknown).await.faults();
    assert_eq!(faults, ["/provider: there is no provider \"oracle\": use one of scripted"]);
    let reply = ask(&ada).await;
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(reply.expect(503)["type"], "urn:adstead:problem:writer-unavailable");
    app.nobody().post(PATH, json!({"brief": brief()})).await.expect(401);
}

#[tokio::test]
async fn a_problem_after_the_first_word_is_the_last_event() {
    let app = app(HalfwayWriter { fails: true, given_up: Arc::new(Semaphore::new(0)) }).await;
    let reply = ask(&app.admin().await).await;
    let events = events(&reply);
    assert_eq!(course(&events), ["started", "delta", "problem"]);
    let problem = &events.last().unwrap().1;
    assert_eq!(
        (&problem["type"], &problem["status"]),
        (&json!("urn:adstead:problem:writer-timeout"), &json!(504))
    );
    assert_eq!(problem["instance"], reply.header("x-request-id"));
}

#[tokio::test]
async fn a_stream_takes_no_idempotency_key_and_no_other_words() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let headers = [("content-type", "application/json"), ("idempotency-key", "copy-1")];
    let body = json!({"brief": brief()}).to_string();
    let problem = ada.send("POST", PATH, &headers, body.clone()).await.expect(400);
    assert_eq!(
        problem["detail"],
        "a stream cannot be repeated, so it takes no Idempotency-Key: leave out the key, or stream=true"
    );
    ada.send("POST", "/v1/generations?stream=false", &headers, body).await.expect(201);
    let faults = ada.post("/v1/generations?stream=1", json!({"brief": brief()})).await.faults();
    assert_eq!(faults, ["/stream: is \"1\": use true or false"]);
}

#[tokio::test]
async fn each_word_is_heard_as_it_is_written_and_nothing_is_written_for_who_has_gone() {
    let given_up = Arc::new(Semaphore::new(0));
    let app = app(HalfwayWriter { fails: false, given_up: given_up.clone() }).await;
    let key = app.admin().await.key.unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(axum::serve(listener, app.router.clone()).into_future());
    let mut connection = TcpStream::connect(address).await.unwrap();
    let body = json!({"brief": brief()}).to_string();
    let request = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut lines = BufReader::new(connection).lines();
    while lines.next_line().await.unwrap().expect("the stream goes on") != r#"data: {"text":"Made for "}"# {}
    assert_eq!(given_up.available_permits(), 0, "it is still being written");
    drop(lines);
    given_up.acquire().await.unwrap().forget();
    server.abort();
}
