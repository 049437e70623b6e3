//! External services over real HTTP, against servers that play a script.

mod analytics;
mod cached;
mod contract;
mod fallback;
mod litellm;
mod mail_answers;
mod manager;
mod notification;
mod offline;
mod openai;
mod spending;
mod streaming;
mod waiting;

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Once};
use std::time::Duration;

use adstead_domain::port::{Chain, PortError, ServiceStatistics};
use adstead_infrastructure::external::ai::{AiConfig, AiProviderService, Prices, ProviderConfig};
use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
use adstead_infrastructure::resilience::RetryPolicy;
use adstead_testkit::openai::FakeOpenAi;

const KEY: &str = "sk-test-key";

/// A writer that asks these providers in their order.
fn writer(
    providers: &[(&str, ProviderConfig)],
    order: &[&str],
) -> (AiProviderService, Arc<ExternalServiceManager>) {
    install_tls();
    let services = Arc::new(ExternalServiceManager::new());
    let providers = providers.iter().map(|(name, config)| ((*name).to_owned(), config.clone()));
    let order = order.iter().map(|entry| entry.split('|').map(ToOwned::to_owned).collect()).collect();
    let providers = providers.collect::<BTreeMap<_, _>>();
    let config = AiConfig { order, providers, spend_per_day_micros: None };
    (AiProviderService::new(&config, &services).expect("a valid configuration"), services)
}

/// What clients of HTTP find standing.
fn install_tls() {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().expect("nobody else in this process installs one");
    });
}

/// A provider at this server, patient enough for a slow test machine.
fn provider(server: &FakeOpenAi) -> ProviderConfig {
    ProviderConfig {
        base_url: server.base_url().to_owned(),
        model: "test-model".to_owned(),
        api_key: Some(KEY.into()),
        weight: NonZeroU32::MIN,
        policy: ServicePolicy {
            attempt_timeout: Duration::from_secs(20),
            retry: RetryPolicy::times(0),
            ..ServicePolicy::default()
        },
        prices: Some(Prices { input_micros_per_million: 150_000, output_micros_per_million: 600_000 }),
        max_output_tokens: 2_048,
        json_schema: true,
    }
}

/// The same provider, that gets so many retries.
fn with_retries(config: ProviderConfig, retries: u32) -> ProviderConfig {
    ProviderConfig { policy: ServicePolicy { retry: RetryPolicy::times(retries), ..config.policy }, ..config }
}

/// An error with all its causes, as whoever reads the logs sees it.
fn told(error: &PortError) -> String {
    Chain(error).to_string()
}

fn statistics(services: &ExternalServiceManager, name: &str) -> ServiceStatistics {
    services.statistics().into_iter().find(|service| service.name == name).expect("a registered service")
}
