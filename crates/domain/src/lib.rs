//! What advertising is: entities, value objects, rules and ports. No I/O, no runtime.

mod account;
pub mod ad;
mod ad_group;
pub mod analysis;
mod asset;
mod budget;
mod campaign;
mod domain_event;
mod event;
pub mod generation;
mod grant;
mod id;
mod idempotency;
mod metrics;
mod money;
mod notification;
pub mod optimization;
mod page;
pub mod platform;
pub mod policy;
pub mod port;
pub mod prediction;
mod rate_limit;
mod redelivery;
pub mod report;
mod retention;
mod schedule;
mod signing;
mod targeting;
mod text;
mod version;
mod violation;
mod vocabulary;
mod wording;
mod zone;

pub use account::{Account, AccountName, Actor, ApiKey, ApiKeySecret, Email, Permission, Role, User};
pub use ad::{
    Ad, AdContent, AdCopy, AdEdit, AdName, AdStatus, AdStep, CallToAction, Decision, FinalUrl, Review,
};
pub use ad_group::{AdGroup, AdGroupEdit, AdGroupName};
pub use asset::{
    Asset, AssetName, ContentType, Dimensions, Fit, Inspected, Inspection, RENDITION_SIZES, Rendition,
    RenditionSize, Sha256Digest, Sha256Hasher, UploadTicket,
};
pub use budget::{Budget, ReachedLimit, Spend};
pub use campaign::{Campaign, CampaignEdit, CampaignName, CampaignStatus, CampaignStep, Objective};
pub use domain_event::{
    AdChange, AdGroupChange, AssetChange, BudgetChange, BudgetLimit, CampaignChange, ClickThroughChange,
    DeliveryChange, DomainEvent, Occurrence, OccurrenceName, OccurrencePattern, ServiceChange,
    SubscriptionChange,
};
pub use event::{Country, EventKind, KeptRejection, PerformanceEvent, Placement, RejectedEvent};
pub use generation::{
    BrandVoice, Brief, Generation, LineLength, Origin, Provenance, Rework, Source, Task, Variant,
};
pub use grant::{FileGrant, FileLeave, GrantIssuer, NoGrant};
pub use id::{
    AccountId, AdGroupId, AdId, ApiKeyId, AssetId, CampaignId, ClaimId, DomainEventId, EventId, GenerationId,
    MessageId, OptimizationRunId, SubscriptionId, UploadId, UserId,
};
pub use idempotency::IdempotencyKey;
pub use metrics::Metrics;
pub use money::{Currency, Money, MoneyError};
pub use notification::{
    Cadence, Channel, Destination, Line, QuietHours, Subscription, Suspension, SuspensionReason, Timing,
    WebhookSecret, WebhookSecrets, WebhookUrl,
};
pub use optimization::{OptimizationRun, Recommendation};
pub use page::{Page, PageRequest};
pub use platform::{AdType, Platform, Warning};
pub use prediction::Prediction;
pub use rate_limit::RateLimit;
pub use redelivery::Redelivery;
pub use report::{Figures, Inventory, Period, Report, ReportFilter, ReportQuery, ReportRow, TimeRange};
pub use retention::{EventWindow, Retention};
pub use schedule::{Flight, RawWindow, Schedule, TimeOfDay, Weekday, Window};
pub use signing::{SigningKey, SigningPurpose};
pub use targeting::{
    AgeRange, Device, Gender, Language, Location, RawAges, RawSelection, RawTargeting, Selection, Targeting,
    Term,
};
pub use text::Text;
pub use version::Version;
pub use violation::{Faults, Violation, ViolationKind, Violations};
pub use zone::{OffsetSpan, Zone};
