//! Keeps what was read lately, so that it need not be read again: in memory, and in a Redis that nodes share.
//!
//! [`CacheManager`] is the door; it gives out named caches, each for values of one type. Behind it [`MemoryCacheStrategy`]
//! and [`RedisCacheStrategy`] hold the entries. Use cases know nothing of either: repositories are wrapped in decorators
//! that ask the cache first and invalidate when they write.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use adstead_infrastructure::cache::{CacheConfig, CacheManager, EntryOptions};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
//! # runtime.block_on(async {
//! // With Redis: `CacheManager::connect(&config.with_redis(RedisConfig::new("redis://localhost"))).await?`.
//! let manager = CacheManager::new(&CacheConfig::in_memory(64 << 20));
//! let options = EntryOptions::new(Duration::from_secs(60)).tagged_by(|price: &u64| vec![format!("price:{price}")]);
//! let prices = manager.cache("prices", options)?;
//!
//! let price = prices.get_or_load("sku:7", || async { Ok::<_, Infallible>(1_990) }).await.unwrap();
//! assert_eq!(*price, 1_990);
//! assert_eq!(prices.get("sku:7").await.as_deref(), Some(&1_990));
//!
//! manager.invalidate_tag("price:1990").await?;   // Or all of them: `invalidate_prefix("prices:")`.
//! assert_eq!(prices.get("sku:7").await, None);
//! # Ok::<_, adstead_infrastructure::cache::Refused>(())
//! # }).unwrap();
//! ```

mod chance;
mod clock;
mod config;
mod core;
mod entries;
mod envelope;
mod failure;
mod flight;
mod fly;
mod glob;
mod handle;
mod keeper;
mod load;
mod manager;
mod memory;
mod named;
mod options;
mod rate;
mod redis;
mod refused;
mod stats;
mod tags;
mod writes;

pub use adstead_domain::port::{
    CacheStatistics, LevelStatistics, NamedCacheStatistics, RedisServerStatistics, RedisState,
    RedisStatistics, ReplayStatistics,
};
pub use config::{CacheConfig, CacheConfigError, RedisConfig};
pub use core::NodeStatistics;
pub use failure::LoadError;
pub use handle::Cache;
pub use manager::{CacheManager, SweepError, Swept};
pub use memory::MemoryCacheStrategy;
pub use options::{EntryOptions, Levels};
pub use rate::SharedRateLimiter;
pub use redis::RedisCacheStrategy;
pub use refused::Refused;
