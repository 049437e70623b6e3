//! The sections of the settings: each a plain struct, and the rules its values keep.

mod ai;
mod analytics;
mod api;
mod cache;
mod database;
mod events;
mod external;
mod notifications;
mod outbox;
mod storage;
mod telemetry;

pub use ai::{AiSettings, OFFLINE_PROVIDER, ProviderSettings};
pub use analytics::{AnalyticsSettings, SinkConsent, SinkKind, SinkSettings};
pub use api::ApiSettings;
pub use cache::{CacheSettings, RedisSettings};
pub use database::DatabaseSettings;
pub use events::EventSettings;
pub use external::ExternalSettings;
pub use notifications::{NotificationSettings, SmtpSettings, SmtpTls};
pub use outbox::OutboxSettings;
pub use storage::{
    LocalStorageSettings, S3Encryption, S3Settings, SecondRole, SecondStorage, StorageBackend,
    StorageCacheSettings, StorageCompression, StorageEncryptionSettings, StorageSettings,
};
pub use telemetry::{LogFormat, TelemetrySettings};

use std::time::Duration;

use crate::check::Check;

/// What every external service is held to.
fn check_rates(section: &str, concurrency: u32, requests_per_minute: u32, check: &mut Check<'_>) {
    check.within(&format!("{section}.concurrency"), concurrency, 1..=10_000);
    check.within(&format!("{section}.requests_per_minute"), requests_per_minute, 0..=1_000_000);
}

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

const fn minutes(minutes: u64) -> Duration {
    secs(minutes * 60)
}

const fn hours(hours: u64) -> Duration {
    minutes(hours * 60)
}

const fn days(days: u64) -> Duration {
    hours(days * 24)
}
