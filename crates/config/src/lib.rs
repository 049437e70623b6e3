//! The settings of Adstead, one validated section per file.
//!
//! Settings are layered; each layer overrides the ones before it, key by key:
//!
//! 1. the defaults compiled into the binary, which are the text of `config/default.toml`;
//! 2. `default.toml` in the settings folder;
//! 3. `{environment}.toml`, the environment being `ADSTEAD_ENV`, or `development` where that is not set;
//! 4. `local.toml`, for one machine, never committed;
//! 5. the variables `ADSTEAD__SECTION__KEY`, lists being comma separated.
//!
//! What is a secret, or an address that may hold a password, may stand in a file of its own: `key_file`, or the variable
//! `…_FILE`, names it.
//!
//! No file is required. A key that nobody knows, a value of the wrong type or out of range, a file that
//! does not parse: all of it is reported at once, each fault with its place (see [`SettingsError`]). Every
//! effective value knows where it came from (see [`Loaded`]), and secrets are redacted wherever a value is
//! shown.
//!
//! ```
//! use adstead_config::{Settings, Sources};
//!
//! let mut sources = Sources::default();
//! sources.variables.insert("ADSTEAD__API__BIND".into(), "127.0.0.1:9000".into());
//!
//! let loaded = Settings::load(&sources)?;
//!
//! assert_eq!(loaded.settings.api.bind.port(), 9000);
//! assert_eq!(loaded.origin("api.bind"), Some("ADSTEAD__API__BIND"));
//! assert_eq!(loaded.origin("api.max_body"), Some("built-in default"));
//! # Ok::<(), adstead_config::SettingsError>(())
//! ```

mod check;
mod document;
mod effective;
mod fault;
mod known;
mod layer;
mod load;
mod named;
mod nearest;
mod reference;
mod sections;
mod sources;
mod values;

pub use effective::{EffectiveValue, ShownValue};
pub use fault::{Fault, SettingsError};
pub use load::{Loaded, Settings};
pub use reference::reference_markdown;
pub use sections::{
    AiSettings, AnalyticsSettings, ApiSettings, CacheSettings, DatabaseSettings, EventSettings,
    ExternalSettings, LocalStorageSettings, LogFormat, NotificationSettings, OFFLINE_PROVIDER,
    OutboxSettings, ProviderSettings, RedisSettings, S3Encryption, S3Settings, SecondRole, SecondStorage,
    SinkConsent, SinkKind, SinkSettings, SmtpSettings, SmtpTls, StorageBackend, StorageCacheSettings,
    StorageCompression, StorageEncryptionSettings, StorageSettings, TelemetrySettings,
};
pub use sources::Sources;
pub use values::{ByteSize, DatabaseUrl, HttpUrl, InvalidValue, RedisUrl};
