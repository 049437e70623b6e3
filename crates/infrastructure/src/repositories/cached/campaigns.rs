use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{CampaignRepository, PortError};
use adstead_domain::{
    AccountId, Campaign, CampaignId, CampaignStatus, DomainEvent, Page, PageRequest, Schedule, Selection,
    Targeting, Version, Weekday,
};
use async_trait::async_trait;

use super::{in_time, to_the_end};
use crate::cache::{Cache, EntryOptions};

/// Keeps single campaigns for a while; lists are always read.
pub struct CachedCampaigns {
    campaigns: Arc<dyn CampaignRepository>,
    cache: Cache<Campaign>,
}

impl CachedCampaigns {
    /// `campaigns`, each kept in `cache`. Optimisation runs must be applied through
    /// [`CachedOptimizations`](super::CachedOptimizations) on the same cache: they change campaigns as well.
    pub fn new(campaigns: Arc<dyn CampaignRepository>, cache: Cache<Campaign>) -> Self {
        Self { campaigns, cache }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl CampaignRepository for CachedCampaigns {
    async fn insert(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.campaigns), self.cache.clone());
        let (campaign, events) = (campaign.clone(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.insert(&campaign, &events).await;
            cache.delete(&key(campaign.account_id, campaign.id)).await;
            outcome
        })
        .await
    }

    async fn get(&self, account: AccountId, id: CampaignId) -> Result<Option<Campaign>, PortError> {
        let inner = Arc::clone(&self.campaigns);
        let load = move || async move { inner.get(account, id).await };
        let campaign =
            in_time("campaigns.get", self.cache.get_or_load_optional(&key(account, id), load)).await?;
        match campaign.map(Arc::unwrap_or_clone) {
            // What Redis has may have been put there by others.
            Some(campaign) if campaign.account_id != account || campaign.id != id => {
                self.campaigns.get(account, id).await
            }
            campaign => Ok(campaign),
        }
    }

    async fn update(&self, campaign: &Campaign, events: &[DomainEvent]) -> Result<Version, PortError> {
        let (inner, cache) = (Arc::clone(&self.campaigns), self.cache.clone());
        let (campaign, events) = (campaign.clone(), events.to_vec());
        to_the_end(async move {
            let outcome = inner.update(&campaign, &events).await;
            cache.delete(&key(campaign.account_id, campaign.id)).await;
            outcome
        })
        .await
    }

    async fn list(
        &self,
        account: AccountId,
        status: Option<CampaignStatus>,
        page: PageRequest,
    ) -> Result<Page<Campaign>, PortError> {
        self.campaigns.list(account, status, page).await
    }
}

/// What a campaign takes in memory: itself, its name, its windows and the lists of its audience.
fn bytes(campaign: &Campaign) -> u32 {
    let Targeting {
        ages: _,
        genders: _,
        locations,
        languages,
        devices,
        interests,
        keywords,
        custom_audiences,
        lookalike_audiences,
    } = &campaign.targeting;
    let terms = [interests, keywords, custom_audiences, lookalike_audiences];
    let audience = listed(locations, |it| it.as_str().len())
        + listed(languages, |it| it.as_str().len())
        + listed(devices, |_| 0)
        + terms.map(|terms| listed(terms, |it| it.as_str().len())).iter().sum::<usize>();
    let windows = campaign.schedule.as_ref().map_or(&[][..], Schedule::windows);
    let days = windows.iter().map(|window| window.days().len() * size_of::<Weekday>());
    let schedule = size_of_val(windows) + days.sum::<usize>();
    let name = campaign.name.as_str().len();
    u32::try_from(size_of::<Campaign>() + name + schedule + audience).unwrap_or(u32::MAX)
}

/// What both sides of a selection take, with the text that each value has beside itself.
fn listed<T>(selection: &Selection<T>, text: impl Fn(&T) -> usize) -> usize {
    let values = selection.include().iter().chain(selection.exclude());
    values.map(|value| size_of::<T>() + text(value)).sum()
}

/// The form in which `Campaign` is stored, to be counted up with each change to it: another one is not read.
const FORM: u32 = 1;

/// How campaigns are kept.
pub(super) fn options(ttl: Duration) -> EntryOptions<Campaign> {
    EntryOptions::new(ttl).version(FORM).weighing(bytes)
}

pub(super) fn key(account: AccountId, id: CampaignId) -> String {
    format!("{account}:{id}")
}
