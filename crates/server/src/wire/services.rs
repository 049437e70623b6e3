//! External services as the settings have them.

use std::sync::Arc;
use std::time::Duration;

use adstead_application::services::SwitchServices;
use adstead_config::Settings;
use adstead_domain::port::{Clock, CopyWriter, Notifier, SpendLedger};
use adstead_infrastructure::cache::CacheManager;
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::external::ai::{AiProviderService, CachedCopyWriter};
use adstead_infrastructure::external::analytics::AnalyticsService;
use adstead_infrastructure::external::notification::NotificationService;
use anyhow::{Context, Result};

use super::{clock, of_use_case};
use crate::background::Job;
use crate::{jobs, settings};

/// The word for settings that make no writer.
const UNUSABLE: &str = "the settings of [ai] cannot be used";

/// Who writes ad copy, and the providers behind it, each registered with `services`; what accounts spend on it is kept in `ledger`, and what
/// they got in `cache`.
///
/// # Errors
/// Providers that cannot be asked as they are described.
pub(super) fn open_writer(
    settings: &Settings,
    services: &Arc<ExternalServiceManager>,
    ledger: Arc<dyn SpendLedger>,
    cache: &CacheManager,
) -> Result<(Arc<dyn CopyWriter>, Arc<AiProviderService>)> {
    let config = settings::ai_config(&settings.ai, &settings.external);
    let providers = Arc::new(AiProviderService::with_ledger(&config, services, ledger).context(UNUSABLE)?);
    let writer: Arc<dyn CopyWriter> = match settings.ai.cache_ttl {
        Duration::ZERO => providers.clone(),
        kept_for => Arc::new(CachedCopyWriter::new(providers.clone(), cache, kept_for).context(UNUSABLE)?),
    };
    Ok((writer, providers))
}

/// The sinks for analysis, each registered with `services`.
///
/// # Errors
/// Sinks that cannot be told anything as they are described.
pub(super) fn open_analytics(
    settings: &Settings,
    services: &Arc<ExternalServiceManager>,
    clock: &Arc<dyn Clock>,
) -> Result<AnalyticsService> {
    let sinks = settings::sinks(&settings.analytics, &settings.external)?;
    AnalyticsService::new(&sinks, services, clock).context("the settings of [analytics] cannot be used")
}

/// Who brings news, registered with `services`.
///
/// # Errors
/// Settings by which no news can be brought.
pub(super) fn open_notifier(
    settings: &Settings,
    services: &Arc<ExternalServiceManager>,
    clock: &Arc<dyn Clock>,
) -> Result<NotificationService> {
    let Settings { notifications, external, .. } = settings;
    let config = settings::notification_config(notifications, external)?;
    NotificationService::new(&config, services, clock)
        .context("the settings of [notifications] cannot be used")
}

/// The job that follows the operator's word on these services, which holds from now on: nobody calls a disabled one before the job
/// runs.
///
/// # Errors
/// A database that does not answer.
pub(super) async fn follow_switches(
    switches: SwitchServices,
    services: &Arc<ExternalServiceManager>,
    settings: &Settings,
) -> Result<Job> {
    let disabled = switches.disabled().await.map_err(|error| of_use_case(error, &settings.database))?;
    services.disable_only(&disabled);
    let (services, every) = (Arc::clone(services), settings.external.switches_interval);
    Ok(jobs::follow_switches(switches, every, move |disabled| services.disable_only(&disabled)))
}

/// Who brings news, for a command that brings some itself.
///
/// # Errors
/// Settings by which no news can be brought.
pub fn notifier(settings: &Settings) -> Result<Arc<dyn Notifier>> {
    Ok(Arc::new(open_notifier(settings, &Arc::new(ExternalServiceManager::new()), &clock())?))
}

/// All external services of the settings, as a server would call them.
///
/// # Errors
/// Services that cannot be called as they are described.
pub fn external_services(settings: &Settings) -> Result<Arc<ExternalServiceManager>> {
    let services = Arc::new(ExternalServiceManager::new());
    let config = settings::ai_config(&settings.ai, &settings.external);
    AiProviderService::new(&config, &services).context(UNUSABLE)?;
    open_analytics(settings, &services, &clock())?;
    open_notifier(settings, &services, &clock())?;
    Ok(services)
}
