use std::sync::Arc;
use std::time::Duration;

use adstead_domain::{Account, Ad, ApiKey, Campaign, Figures};

use super::{accounts, ads, analytics, campaigns};
use crate::cache::{Cache, CacheManager, EntryOptions, Levels, Refused};

/// What the caching repositories keep, each thing in a cache of its own.
#[derive(Debug, Clone)]
pub struct RepositoryCaches {
    /// Accounts: the cache `accounts`, in memory only.
    pub accounts: Cache<Account>,
    /// API keys by their digest: the cache `keys`, in memory only. Who can write into Redis must not be able to make
    /// themselves a key.
    pub keys: Cache<ApiKey>,
    /// Campaigns: the cache `campaigns`.
    pub campaigns: Cache<Campaign>,
    /// Ads: the cache `ads`.
    pub ads: Cache<Ad>,
    /// Reports: the cache `reports`.
    pub reports: Cache<Figures>,
    /// What they are caches of, for tags.
    pub manager: Arc<CacheManager>,
}

/// For how long things are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheTimes {
    /// An account, or a key after it was revoked where nobody could be told; never longer than [`Self::LONGEST_KEY`], and
    /// never shorter than a millisecond.
    pub keys: Duration,
    /// A campaign.
    pub campaigns: Duration,
    /// An ad.
    pub ads: Duration,
    /// A report.
    pub reports: Duration,
}

impl CacheTimes {
    /// The longest that an account or key is kept.
    pub const LONGEST_KEY: Duration = Duration::from_secs(2);

    /// The shortest that anything is kept.
    const SHORTEST: Duration = Duration::from_millis(1);
}

impl RepositoryCaches {
    /// Caches of `manager`, whose entries are kept for these `times`.
    ///
    /// # Errors
    /// A time that is out of range.
    pub fn new(manager: Arc<CacheManager>, times: CacheTimes) -> Result<Self, Refused> {
        let CacheTimes { keys, campaigns, ads, reports } = times;
        let keys = keys.clamp(CacheTimes::SHORTEST, CacheTimes::LONGEST_KEY);
        Ok(Self {
            accounts: manager.cache("accounts", EntryOptions::new(keys).levels(Levels::Memory))?,
            keys: manager.cache("keys", accounts::key_options(keys))?,
            campaigns: manager.cache("campaigns", campaigns::options(campaigns))?,
            ads: manager.cache("ads", ads::options(ads))?,
            reports: manager.cache("reports", analytics::options(reports))?,
            manager,
        })
    }
}
