//! The ports: what the domain needs from the world, declared here and implemented elsewhere.
//!
//! Every port is an object-safe trait, used as `Arc<dyn Port>`. Its *Contract* section lists what an implementation
//! MUST do; each MUST is a case of the contract suite in `adstead-testkit`.

mod accounts;
mod ads;
mod assets;
mod cache_statistics;
mod campaigns;
mod copy_analyst;
mod copy_reviewer;
mod copy_writer;
mod durations;
mod error;
mod event_archive;
mod files;
mod idempotency;
mod images;
mod nondeterminism;
mod notifications;
mod outbox;
mod performance;
mod progress;
mod rate_limiter;
mod records;
mod services;
mod signing;
mod spend_ledger;
mod system;

pub use accounts::AccountRepository;
pub use ads::{AdFilter, AdRepository};
pub use assets::{AssetInventory, AssetRepository, AssetTotal};
pub use cache_statistics::{
    CacheStatistics, LevelStatistics, NamedCacheStatistics, RedisServerStatistics, RedisState,
    RedisStatistics, ReplayStatistics,
};
pub use campaigns::{AdGroupRepository, CampaignRepository};
pub use copy_analyst::{AudienceRequest, CopyAnalyst, VoiceRequest};
pub use copy_reviewer::{CopyReviewer, ReviewRequest};
pub use copy_writer::{
    CopyRequest, CopyWriter, FailedLine, ModelCall, Prompt, RewriteRequest, UnknownProvider, Usage, Written,
};
pub use durations::{DurationBucket, Durations};
pub use error::{Chain, PortError, PortErrorKind};
pub use event_archive::{Comparison, EventArchive, Expired};
pub use files::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FileMetadata, FilePage, FileRefusal,
    FileRules, FileStore, FileStoreExt, FileTag, InspectedFile, ListedFile, MediaType, PassingDigest,
    Precondition, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished, Unsupported,
    hashed,
};
pub use idempotency::{Claim, ClaimTerm, IdempotencyRepository, KeptAnswer, KeyState};
pub use images::ImageRenderer;
pub use nondeterminism::{Clock, Entropy, IdGenerator};
pub use notifications::{Alerts, News, Notifier, Reception, SubscriptionRepository};
pub use outbox::{
    DELIVERY_PATIENCE, EventSubscriber, Interest, MessageClaim, MessageState, Outbox, OutboxEntry,
    OutboxMessage, OutboxSelection, Settlement,
};
pub use performance::{AnalyticsRepository, EventBatch, PerformanceRepository, Recorded, SpendScope};
pub use progress::{Listener, Progress};
pub use rate_limiter::{Allowance, RateLimiter};
pub use records::{GenerationRepository, OptimizationRepository};
pub use services::{
    BreakerState, DisabledService, ServiceFailure, ServiceHealth, ServiceRefusal, ServiceStatistics,
    ServiceSwitches,
};
pub use signing::SigningKeys;
pub use spend_ledger::{Payer, SpendLedger};
pub use system::{
    DatabaseStatistics, DeliveryStatistics, FileCacheStatistics, Holder, PoolStatistics, SlowStatement,
    StorageOperation, StorageStatistics, SystemStatistics, SystemStatus,
};
