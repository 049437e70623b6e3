//! Copy writers over real HTTP, against a server that plays a script.

mod contract;
mod fallback;
mod offline;
mod openai;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Once};
use std::time::Duration;

use adstead_domain::port::{PortError, ServiceStatistics};
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::external::ai::{AiConfig, AiProviderService, ProviderConfig};
use adstead_testkit::openai::FakeOpenAi;

const KEY: &str = "sk-test-key";

/// A writer that asks these providers in their order.
fn writer(
    providers: &[(&str, ProviderConfig)],
    order: &[&str],
) -> (AiProviderService, Arc<ExternalServiceManager>) {
    static TLS: Once = Once::new();
    TLS.call_once(|| {
        let provider = rustls::crypto::ring::default_provider();
        provider.install_default().expect("nobody else in this process installs one");
    });
    let services = Arc::new(ExternalServiceManager::new());
    let providers = providers.iter().map(|(name, config)| ((*name).to_owned(), config.clone()));
    let order = order.iter().map(ToString::to_string).collect();
    let config = AiConfig { order, providers: providers.collect::<BTreeMap<_, _>>() };
    (AiProviderService::new(&config, &services).expect("a valid configuration"), services)
}

/// A provider at this server, patient enough for a slow test machine.
fn provider(server: &FakeOpenAi) -> ProviderConfig {
    ProviderConfig {
        base_url: server.base_url().to_owned(),
        model: "test-model".to_owned(),
        api_key: Some(KEY.into()),
        timeout: Duration::from_secs(20),
        retries: 0,
        input_price_micros_per_million: 150_000,
        output_price_micros_per_million: 600_000,
        max_output_tokens: 2_048,
        json_schema: true,
    }
}

/// An error with all its causes, as whoever reads the logs sees it.
fn told(error: &PortError) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn statistics(services: &ExternalServiceManager, name: &str) -> ServiceStatistics {
    services.statistics().into_iter().find(|service| service.name == name).expect("a registered service")
}
