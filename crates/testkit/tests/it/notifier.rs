use std::sync::Arc;

use adstead_domain::port::{PortError, PortErrorKind};
use adstead_domain::{Destination, WebhookSecret, WebhookSecrets};
use adstead_testkit::CountingEntropy;
use adstead_testkit::contract::notifier::{self, Bringing};
use adstead_testkit::contract::run_all;
use adstead_testkit::memory::MemoryNotifier;

#[tokio::test]
async fn the_memory_notifier_keeps_the_contract() {
    let slack = |host: &str| Destination::Slack { url: format!("https://{host}/T0/secret").parse().unwrap() };
    let secrets = WebhookSecrets::new(WebhookSecret::generate(&CountingEntropy::default()));
    let make = async || {
        Arc::new(Bringing {
            notifier: Arc::new(MemoryNotifier::default()),
            open: vec![
                Destination::Email { address: "ada@example.com".parse().unwrap() },
                slack("example.com"),
                Destination::Webhook {
                    url: "https://example.com/".parse().unwrap(),
                    secrets: secrets.clone(),
                },
            ],
            forbidden: vec![slack("forbidden.example")],
            shut: Vec::new(),
        })
    };
    run_all("MemoryNotifier", "Notifier", notifier::CASES, make).await;
    let failing = MemoryNotifier::default();
    failing.next(Err(PortError::new(PortErrorKind::Unavailable, "notifier.notify")));
    let shut = Bringing {
        notifier: Arc::new(failing),
        open: Vec::new(),
        forbidden: Vec::new(),
        shut: vec![slack("example.com")],
    };
    for case in notifier::CASES {
        (case.run)(&shut).await;
    }
}
