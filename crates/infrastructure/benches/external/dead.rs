//! What a dead provider costs once its breaker is open, over real HTTP.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{CopyWriter, ServiceHealth};
use adstead_infrastructure::external::ai::{AiConfig, AiProviderService, OFFLINE, ProviderConfig};
use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
use adstead_infrastructure::resilience::{BreakerPolicy, RetryPolicy};
use adstead_testkit::bench::{Bench, Row};
use adstead_testkit::build;
use adstead_testkit::openai::{Act, FakeOpenAi};
use tokio::runtime::Runtime;

const CALLS: u32 = 1_000;

/// The share of calls that reach the dead provider, after it was found to be dead.
pub(crate) fn compare(runtime: &Runtime, bench: Bench) -> Row {
    let provider = rustls::crypto::ring::default_provider();
    provider.install_default().expect("nobody else in this process installs one");
    runtime.block_on(async {
        let dead = FakeOpenAi::start([Act::Fail(503, "overloaded")]).await;
        let breaker = BreakerPolicy {
            open_for: Duration::from_millis(10),
            longest: Duration::from_millis(50),
            ..BreakerPolicy::default()
        };
        let policy = ServicePolicy { breaker, retry: RetryPolicy::times(0), ..ServicePolicy::default() };
        let config = ProviderConfig {
            base_url: dead.base_url().to_owned(),
            model: "test-model".to_owned(),
            api_key: None,
            weight: NonZeroU32::MIN,
            policy,
            prices: None,
            max_output_tokens: 1_024,
            json_schema: true,
        };
        let config = AiConfig {
            order: vec![vec!["dead".to_owned()], vec![OFFLINE.to_owned()]],
            providers: BTreeMap::from([("dead".to_owned(), config)]),
            spend_per_day_micros: None,
        };
        let services = Arc::new(ExternalServiceManager::new());
        let writer = AiProviderService::new(&config, &services).expect("a valid configuration");
        let request = build::copy_request(&build::brief());
        let is_open = || services.statistics().iter().any(|service| service.health == ServiceHealth::Open);
        while !is_open() {
            writer.write(&request).await.expect("the built-in writer answers");
        }
        let paid_before = dead.requests().len();
        for _ in 0..CALLS {
            writer.write(&request).await.expect("the built-in writer answers");
        }
        let paid = dead.requests().len() - paid_before;
        let row = bench.row(paid as f64 / f64::from(CALLS), 1.0);
        row.with_note(format!(
            "{CALLS} calls, {paid_before} before the breaker opened, {} probes",
            dead.probes()
        ))
    })
}
