//! The database as the settings have it.

use adstead_application::Error;
use adstead_config::DatabaseSettings;
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use anyhow::Result;

/// Opens the database; its schema is left as it is.
///
/// # Errors
/// Why it cannot be opened, and which setting chooses another.
pub async fn open_database(settings: &DatabaseSettings) -> Result<DatabaseManager> {
    let DatabaseSettings {
        url,
        min_connections,
        max_connections,
        acquire_timeout,
        idle_timeout,
        max_lifetime,
        lock_timeout,
        slow_query,
        long_hold,
        migrate_on_start: _,
    } = settings;
    let config = DatabaseConfig {
        url: url.expose().to_owned(),
        min_connections: *min_connections,
        max_connections: *max_connections,
        acquire_timeout: *acquire_timeout,
        idle_timeout: *idle_timeout,
        max_lifetime: *max_lifetime,
        lock_timeout: *lock_timeout,
        slow_query: *slow_query,
        long_hold: *long_hold,
    };
    let opened = DatabaseManager::connect(&config).await;
    opened.map_err(|error| of_database(error, settings))
}

/// An error of the database, with the setting that chooses another.
pub fn of_database(
    error: impl std::error::Error + Send + Sync + 'static,
    settings: &DatabaseSettings,
) -> anyhow::Error {
    let url = &settings.url;
    anyhow::Error::new(error)
        .context(format!("the database {url} of database.url or ADSTEAD__DATABASE__URL cannot be used"))
}

/// An error of a use case; one of the database comes with the setting that chooses another.
pub fn of_use_case(error: Error, settings: &DatabaseSettings) -> anyhow::Error {
    match error {
        Error::Port(error) => of_database(error, settings),
        error => error.into(),
    }
}

/// The schema of the database as SQL for people to read.
///
/// # Errors
/// A migration that cannot be written down.
pub async fn schema_sql() -> Result<String> {
    Ok(adstead_infrastructure::database::schema_sql().await?)
}
