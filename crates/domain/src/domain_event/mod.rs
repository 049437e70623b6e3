//! What happened in an account, as others are told of it.

mod changes;
mod name;
mod of_entities;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::changes::{
    AdChange, AdGroupChange, AssetChange, BudgetChange, CampaignChange, ClickThroughChange, DeliveryChange,
    ServiceChange, SubscriptionChange,
};
pub use self::name::{OccurrenceName, OccurrencePattern};

use crate::ad::ReviewNotes;
use crate::{
    AccountId, Actor, AdGroupId, AdGroupName, AdId, AdName, AdStatus, AdType, AssetId, AssetName, CampaignId,
    CampaignName, CampaignStatus, ContentType, Country, Device, DomainEventId, EventId, GenerationId, Money,
    OptimizationRunId, Placement, Platform, Sha256Digest, SubscriptionId, UserId,
};

/// Something that happened in an account, and that others may want to be told of.
///
/// It is stored in the same transaction as the change that it tells of, so neither exists without the other, and told
/// at least once to each subscriber: those of one [subject](Occurrence::subject) in the order in which they happened.
#[derive(Debug, Clone, PartialEq)]
pub struct DomainEvent {
    /// Its id: the same each time it is told, so that repeats can be dropped.
    pub id: DomainEventId,
    /// Where it happened.
    pub account_id: AccountId,
    /// Who did it; nobody where Adstead found out by itself.
    pub actor: Option<UserId>,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub occurrence: Occurrence,
}

impl DomainEvent {
    /// What `actor` did at that time.
    pub fn new(id: DomainEventId, actor: &Actor, occurrence: Occurrence, at: Timestamp) -> Self {
        Self { id, account_id: actor.account_id, actor: Some(actor.user_id), occurred_at: at, occurrence }
    }

    /// What Adstead found out in an account at that time.
    pub fn found(id: DomainEventId, account_id: AccountId, occurrence: Occurrence, at: Timestamp) -> Self {
        Self { id, account_id, actor: None, occurred_at: at, occurrence }
    }
}

/// What happened, and how things stood right after: enough for most listeners not to ask back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "subject", rename_all = "snake_case")]
pub enum Occurrence {
    /// To a campaign.
    Campaign {
        /// What.
        change: CampaignChange,
        /// Its id.
        id: CampaignId,
        /// Its name.
        name: CampaignName,
        /// Where its ads run.
        platform: Platform,
        /// Where it stands.
        status: CampaignStatus,
    },
    /// To an ad group.
    AdGroup {
        /// What.
        change: AdGroupChange,
        /// Its id.
        id: AdGroupId,
        /// Its campaign.
        campaign_id: CampaignId,
        /// Its name.
        name: AdGroupName,
    },
    /// To an ad.
    Ad {
        /// What.
        change: AdChange,
        /// Its id.
        id: AdId,
        /// Its campaign.
        campaign_id: CampaignId,
        /// Its group.
        ad_group_id: AdGroupId,
        /// Its name.
        name: AdName,
        /// Where it runs.
        platform: Platform,
        /// What kind of ad it is.
        ad_type: AdType,
        /// Where it stands.
        status: AdStatus,
        /// What the reviewer wrote, where it was reviewed just now.
        notes: Option<ReviewNotes>,
    },
    /// To a creative file.
    Asset {
        /// What.
        change: AssetChange,
        /// Its id.
        id: AssetId,
        /// Its name.
        name: AssetName,
        /// What it is.
        content_type: ContentType,
        /// Its size, in bytes.
        size_bytes: u64,
    },
    /// Copy was written.
    Generation {
        /// Its id.
        id: GenerationId,
        /// Where the copy may run.
        platform: Platform,
        /// Who wrote.
        provider: String,
        /// How many variants there are.
        variants: usize,
    },
    /// The advice of a run was followed.
    Optimization {
        /// The run's id.
        id: OptimizationRunId,
        /// The ad that it is about.
        ad_id: AdId,
    },
    /// A campaign came near the end of its budget, or to it.
    Budget {
        /// Which of these.
        change: BudgetChange,
        /// The campaign.
        campaign_id: CampaignId,
        /// Its name.
        name: CampaignName,
        /// Whether of a day's budget, or of all of it.
        limit: BudgetLimit,
        /// What was spent.
        spent: Money,
        /// What may be spent.
        of: Money,
    },
    /// Far fewer of those who see an ad click it than did before.
    ClickThrough {
        /// What it came to.
        change: ClickThroughChange,
        /// The ad.
        ad_id: AdId,
        /// Its name.
        name: AdName,
        /// Its CTR in the last day.
        ctr: f64,
        /// Its CTR in the days before.
        usual_ctr: f64,
    },
    /// Somebody did what an ad is for, and it was counted.
    Conversion {
        /// The performance event's id.
        id: EventId,
        /// The ad.
        ad_id: AdId,
        /// What it earned; nothing where it earned nothing.
        revenue: Option<Money>,
        /// Where.
        country: Option<Country>,
        /// On what.
        device: Option<Device>,
        /// In which place of the platform, in its own words.
        placement: Option<Placement>,
    },
    /// To an external service.
    Service {
        /// What.
        change: ServiceChange,
        /// Its name in the settings.
        name: String,
    },
    /// To what others were to be told.
    Delivery {
        /// What.
        change: DeliveryChange,
        /// Who was to be told.
        subscriber: String,
        /// Of what, such as `ad.approved`.
        event: String,
        /// The event's id.
        event_id: DomainEventId,
    },
    /// To a subscription.
    Subscription {
        /// What.
        change: SubscriptionChange,
        /// Its id.
        id: SubscriptionId,
    },
}

/// Which of a campaign's limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetLimit {
    /// What may be spent in a day.
    Daily,
    /// What may be spent altogether.
    Lifetime,
}

impl Occurrence {
    /// What it happened to: occurrences of one subject are told in their order.
    pub fn subject(&self) -> Uuid {
        match self {
            Self::Campaign { id, .. } => id.uuid(),
            Self::AdGroup { id, .. } => id.uuid(),
            Self::Ad { id, .. } => id.uuid(),
            Self::Asset { id, .. } => id.uuid(),
            Self::Generation { id, .. } => id.uuid(),
            Self::Optimization { id, .. } => id.uuid(),
            Self::Budget { campaign_id, .. } => campaign_id.uuid(),
            Self::ClickThrough { ad_id, .. } => ad_id.uuid(),
            // Each stands for itself, and waits for no other.
            Self::Conversion { id, .. } => id.uuid(),
            Self::Service { name, .. } => Sha256Digest::of(name.as_bytes()).uuid(),
            Self::Delivery { event_id, .. } => event_id.uuid(),
            Self::Subscription { id, .. } => id.uuid(),
        }
    }

    /// Its name, such as `ad.approved`.
    pub fn name(&self) -> OccurrenceName {
        let (subject, change) = match self {
            Self::Campaign { change, .. } => (name::CAMPAIGN, change.as_str()),
            Self::AdGroup { change, .. } => (name::AD_GROUP, change.as_str()),
            Self::Ad { change, .. } => (name::AD, change.as_str()),
            Self::Asset { change, .. } => (name::ASSET, change.as_str()),
            Self::Generation { .. } => (name::GENERATION, name::WRITTEN),
            Self::Optimization { .. } => (name::OPTIMIZATION, name::APPLIED),
            Self::Budget { change, .. } => (name::BUDGET, change.as_str()),
            Self::ClickThrough { change, .. } => (name::CLICK_THROUGH, change.as_str()),
            Self::Conversion { .. } => (name::CONVERSION, name::RECORDED),
            Self::Service { change, .. } => (name::SERVICE, change.as_str()),
            Self::Delivery { change, .. } => (name::DELIVERY, change.as_str()),
            Self::Subscription { change, .. } => (name::SUBSCRIPTION, change.as_str()),
        };
        OccurrenceName::new(subject, change)
    }

    /// Whether somebody should look at once, at whatever time of the day.
    pub fn is_critical(&self) -> bool {
        match self {
            Self::Budget { change, .. } => *change == BudgetChange::Reached,
            Self::Service { change, .. } => *change == ServiceChange::Down,
            Self::Delivery { .. } | Self::Subscription { .. } => true,
            Self::Campaign { .. }
            | Self::AdGroup { .. }
            | Self::Ad { .. }
            | Self::Asset { .. }
            | Self::Generation { .. }
            | Self::Optimization { .. }
            | Self::ClickThrough { .. }
            | Self::Conversion { .. } => false,
        }
    }
}
