use std::cell::RefCell;
use std::io::Write;
use std::sync::{Arc, Once};

use serde_json::json;

use crate::app::{Setup, TestApp};
use crate::client::brief;
use crate::layers::StuckWriter;

thread_local! {
    static WRITTEN: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// What is logged on the test's thread from now on.
///
/// One subscriber serves the whole process: which log statements are live is known to the process, not to a thread, so
/// subscribers that come and go with their tests lose lines now and then.
struct Log;

impl Log {
    fn listen() -> Self {
        static SUBSCRIBED: Once = Once::new();
        SUBSCRIBED.call_once(|| {
            let subscriber = tracing_subscriber::fmt().json().with_max_level(tracing::Level::TRACE);
            subscriber.with_writer(|| Notebook).init();
        });
        WRITTEN.take();
        Self
    }

    fn lines(&self) -> Vec<String> {
        String::from_utf8(WRITTEN.take()).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Writes to the page of its thread.
struct Notebook;

impl Write for Notebook {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        WRITTEN.with_borrow_mut(|written| written.write(bytes))
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_request_is_logged_by_its_route_without_query_or_key() {
    let app = TestApp::new().await;
    let ada = app.admin().await;
    let ad = ada.ad().await;
    let log = Log::listen();
    ada.get(&format!("/v1/ads/{ad}/prediction?horizon_days=3")).await.expect(200);
    let lines = log.lines();
    let answered: Vec<_> = lines.iter().filter(|line| line.contains("the request was answered")).collect();
    let [line] = &*answered else { panic!("{lines:?}") };
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["status"], 200);
    assert!(line["fields"]["latency_ms"].is_f64(), "{line}");
    assert_eq!(line["span"]["route"], "/v1/ads/{id}/prediction");
    assert_eq!(line["span"]["method"], "GET");
    let all = lines.join("\n");
    for secret in ["horizon_days", &ad, ada.key.as_ref().unwrap()] {
        assert!(!all.contains(secret), "{secret} in {all}");
    }
}

#[tokio::test]
async fn a_failure_is_logged_once_with_its_whole_cause_and_the_id_that_the_client_got() {
    let writer = Arc::new(StuckWriter { panics: true });
    let app = TestApp::with(Setup { writer, ..Setup::default() }).await;
    let ada = app.admin().await;
    let log = Log::listen();
    let problem = ada.post("/v1/generations", json!({"brief": brief()})).await.expect(500);
    let errors: Vec<_> = log.lines().into_iter().filter(|line| line.contains("\"ERROR\"")).collect();
    let [line] = &*errors else { panic!("{errors:?}") };
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(line["fields"]["cause"], "a handler panicked: the writer lost its pen");
    assert_eq!(line["span"]["request_id"], problem["instance"]);
}
