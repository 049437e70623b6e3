//! What entities say of what happened to them.

use super::{AdChange, AdGroupChange, AssetChange, CampaignChange, Occurrence};
use crate::{
    Ad, AdGroup, Asset, Campaign, Currency, EventKind, Generation, Money, OptimizationRun, PerformanceEvent,
};

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

impl PerformanceEvent {
    /// That it was counted, in an account of that currency; nothing where it is no conversion.
    pub fn conversion(&self, currency: Option<Currency>) -> Option<Occurrence> {
        let Self { id, kind, ad_id, revenue_micros, country, device, placement, .. } = self;
        (*kind == EventKind::Conversion).then(|| Occurrence::Conversion {
            id: *id,
            ad_id: *ad_id,
            revenue: currency.filter(|_| *revenue_micros > 0).map(|it| Money::new(*revenue_micros, it)),
            country: *country,
            device: *device,
            placement: placement.clone(),
        })
    }
}
