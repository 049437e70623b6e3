//! Keeps what was read lately, so that it need not be read again.
//!
//! [`CacheManager`] is the door; behind it [`MemoryCacheStrategy`] holds the values. Use cases know nothing of either:
//! repositories are wrapped in decorators that ask the cache first and invalidate by tag when they write.
//!
//! ```
//! use std::convert::Infallible;
//! use std::time::Duration;
//!
//! use adstead_infrastructure::cache::{CacheConfig, CacheManager, EntryOptions};
//!
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # runtime.block_on(async {
//! let cache = CacheManager::new(&CacheConfig { enabled: true, max_bytes: 64 << 20 });
//! let options = EntryOptions::new(Duration::from_secs(60)).tag("account:7");
//!
//! let answer = cache.get_or_load("answer", &options, async { Ok::<_, Infallible>(42) }).await.unwrap();
//! assert_eq!(*answer, 42);
//! assert_eq!(cache.get::<i32>("answer").await.as_deref(), Some(&42));
//!
//! cache.invalidate_tag("account:7").await;
//! assert_eq!(cache.get::<i32>("answer").await, None);
//! # });
//! ```

mod failure;
mod flight;
mod manager;
mod memory;
mod options;
mod stats;
mod tags;
mod writes;

pub use failure::shared_failure;
pub use manager::{CacheConfig, CacheManager};
pub use memory::MemoryCacheStrategy;
pub use options::EntryOptions;
pub use stats::CacheStats;
