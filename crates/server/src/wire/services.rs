//! External services as the settings have them.

use std::sync::Arc;

use adstead_config::Settings;
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::external::ai::AiProviderService;
use anyhow::{Context, Result};

use crate::settings;

/// Who writes ad copy, each provider registered with `services`.
///
/// # Errors
/// Providers that cannot be asked as they are described.
pub(super) fn open_writer(
    settings: &Settings,
    services: &Arc<ExternalServiceManager>,
) -> Result<AiProviderService> {
    let config = settings::ai_config(&settings.ai, &settings.external);
    AiProviderService::new(&config, services).context("the settings of [ai] cannot be used")
}

/// All external services of the settings, as a server would call them.
///
/// # Errors
/// Services that cannot be called as they are described.
pub fn external_services(settings: &Settings) -> Result<Arc<ExternalServiceManager>> {
    let services = Arc::new(ExternalServiceManager::new());
    open_writer(settings, &services)?;
    Ok(services)
}
