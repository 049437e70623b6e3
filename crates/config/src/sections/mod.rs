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
