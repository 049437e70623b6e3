//! The cache as the settings have it.

use std::sync::Arc;

use adstead_config::{ByteSize, CacheSettings};
use adstead_infrastructure::cache::CacheManager;
use anyhow::{Context, Result};

use crate::settings;

/// Opens the cache. Where Redis is out of reach it works without it.
///
/// # Errors
/// Settings that cannot be used.
pub async fn open_cache(settings: &CacheSettings) -> Result<Arc<CacheManager>> {
    let manager = CacheManager::connect(&settings::cache_config(settings)).await;
    let manager = manager.with_context(|| match &settings.redis.url {
        Some(url) => format!(
            "the Redis {url} of cache.redis.url or ADSTEAD__CACHE__REDIS__URL cannot be used with [cache.redis]"
        ),
        None => "the settings of [cache] cannot be used".to_owned(),
    })?;
    Ok(Arc::new(manager))
}

/// What servers that share a Redis share; operators reach it from any process.
pub use adstead_infrastructure::cache::CacheManager as SharedCache;

/// The cache that servers share, without a level of our own.
///
/// # Errors
/// As [`open_cache`].
pub async fn shared_cache(settings: &CacheSettings) -> Result<Arc<SharedCache>> {
    open_cache(&CacheSettings { max_bytes: ByteSize::new(0), ..settings.clone() }).await
}
