//! What happened in an account, as others are told of it.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ad::ReviewNotes;
use crate::vocabulary::vocabulary;
use crate::{
    AccountId, Actor, Ad, AdGroup, AdGroupId, AdGroupName, AdId, AdName, AdStatus, AdType, Asset, AssetId,
    AssetName, Campaign, CampaignId, CampaignName, CampaignStatus, ContentType, DomainEventId, Generation,
    GenerationId, OptimizationRun, OptimizationRunId, Platform, UserId,
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
    /// Who did it.
    pub actor: UserId,
    /// When it happened.
    pub occurred_at: Timestamp,
    /// What happened.
    pub occurrence: Occurrence,
}

impl DomainEvent {
    /// What `actor` did at that time.
    pub fn new(id: DomainEventId, actor: &Actor, occurrence: Occurrence, at: Timestamp) -> Self {
        Self { id, account_id: actor.account_id, actor: actor.user_id, occurred_at: at, occurrence }
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
}

vocabulary! {
    /// What happens to campaigns.
    CampaignChange, "a change of a campaign" {
        /// It was made.
        Created = "created",
        /// What it says, spends or addresses was changed.
        Edited = "edited",
        /// Its ads may run.
        Activated = "activated",
        /// It is held for a while.
        Paused = "paused",
        /// It is over.
        Completed = "completed",
        /// It was put away.
        Archived = "archived",
    }
}

vocabulary! {
    /// What happens to ad groups.
    AdGroupChange, "a change of an ad group" {
        /// It was made.
        Created = "created",
        /// It was changed.
        Edited = "edited",
    }
}

vocabulary! {
    /// What happens to ads.
    AdChange, "a change of an ad" {
        /// It was made.
        Created = "created",
        /// It was changed; with other content it is a draft again.
        Edited = "edited",
        /// It waits for a reviewer.
        Submitted = "submitted",
        /// After its rejection it is a draft again.
        Revised = "revised",
        /// A reviewer lets it run.
        Approved = "approved",
        /// A reviewer does not let it run.
        Rejected = "rejected",
        /// It may be shown.
        Activated = "activated",
        /// It is held for a while.
        Paused = "paused",
        /// It was put away.
        Archived = "archived",
    }
}

vocabulary! {
    /// What happens to creative files.
    AssetChange, "a change of an asset" {
        /// It was taken in.
        Uploaded = "uploaded",
        /// It was removed.
        Deleted = "deleted",
    }
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
        }
    }

    /// Its name, such as `ad.approved`.
    pub fn name(&self) -> OccurrenceName {
        let (subject, change) = match self {
            Self::Campaign { change, .. } => ("campaign", change.as_str()),
            Self::AdGroup { change, .. } => ("ad_group", change.as_str()),
            Self::Ad { change, .. } => ("ad", change.as_str()),
            Self::Asset { change, .. } => ("asset", change.as_str()),
            Self::Generation { .. } => ("generation", "written"),
            Self::Optimization { .. } => ("optimization", "applied"),
        };
        OccurrenceName { subject, change }
    }
}

/// The name of what happened: the subject and the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OccurrenceName {
    subject: &'static str,
    change: &'static str,
}

impl fmt::Display for OccurrenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, change } = self;
        write!(f, "{subject}.{change}")
    }
}

impl Campaign {
    /// That this happened to the campaign, which stands as it does now.
    pub fn occurrence(&self, change: CampaignChange) -> Occurrence {
        let Self { id, name, platform, status, .. } = self;
        Occurrence::Campaign { change, id: *id, name: name.clone(), platform: *platform, status: *status }
    }
}

impl AdGroup {
    /// That this happened to the group, which stands as it does now.
    pub fn occurrence(&self, change: AdGroupChange) -> Occurrence {
        let Self { id, campaign_id, name, .. } = self;
        Occurrence::AdGroup { change, id: *id, campaign_id: *campaign_id, name: name.clone() }
    }
}

impl Ad {
    /// That this happened to the ad, which stands as it does now.
    pub fn occurrence(&self, change: AdChange) -> Occurrence {
        let Self { id, campaign_id, ad_group_id, name, platform, ad_type, status, reviews, .. } = self;
        let is_review = matches!(change, AdChange::Approved | AdChange::Rejected);
        let review = reviews.last().filter(|_| is_review);
        Occurrence::Ad {
            change,
            id: *id,
            campaign_id: *campaign_id,
            ad_group_id: *ad_group_id,
            name: name.clone(),
            platform: *platform,
            ad_type: *ad_type,
            status: *status,
            notes: review.and_then(|review| review.notes.clone()),
        }
    }
}

impl Asset {
    /// That this happened to the file.
    pub fn occurrence(&self, change: AssetChange) -> Occurrence {
        let Self { id, name, content_type, size_bytes, .. } = self;
        Occurrence::Asset {
            change,
            id: *id,
            name: name.clone(),
            content_type: *content_type,
            size_bytes: *size_bytes,
        }
    }
}

impl Generation {
    /// That it was written.
    pub fn occurrence(&self) -> Occurrence {
        let Self { id, brief, variants, provenance, .. } = self;
        Occurrence::Generation {
            id: *id,
            platform: brief.platform,
            provider: provenance.provider.clone(),
            variants: variants.len(),
        }
    }
}

impl OptimizationRun {
    /// That its advice was followed.
    pub fn occurrence(&self) -> Occurrence {
        Occurrence::Optimization { id: self.id, ad_id: self.ad_id }
    }
}
