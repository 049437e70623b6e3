use std::sync::Arc;

use adstead_infrastructure::event_log::EventLog;
use adstead_testkit::contract::{run_all, subscriber};

#[tokio::test]
async fn the_event_log_keeps_the_contract() {
    run_all("EventLog", "EventSubscriber", subscriber::CASES, async || Arc::new(EventLog) as _).await;
}
