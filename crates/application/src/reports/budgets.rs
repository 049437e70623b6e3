use std::sync::Arc;

use adstead_domain::port::{AccountRepository, AnalyticsRepository, CampaignRepository, Clock};
use adstead_domain::{Actor, Campaign, CampaignStatus, Page, PageRequest, Permission, Spend};

use crate::Error;
use crate::accounts::account_of;

/// Tells what campaigns spent of their budgets.
pub struct BudgetReport {
    /// Where the account's zone is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

/// A campaign and what it spent.
#[derive(Debug, Clone, PartialEq)]
pub struct BudgetUse {
    /// The campaign, with its budget.
    pub campaign: Campaign,
    /// What it spent today, in the account's zone, and in all.
    pub spend: Spend,
}

impl BudgetReport {
    /// A page of campaigns, newest first, of one status where one is given, with what each spent.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn execute(
        &self,
        actor: &Actor,
        status: Option<CampaignStatus>,
        page: PageRequest,
    ) -> Result<Page<BudgetUse>, Error> {
        actor.must(Permission::Read)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let zone = &account.time_zone;
        let (today, _) = zone.day_bounds(zone.day_of(self.clock.now()));
        let Page { items, next } = self.campaigns.list(account.id, status, page).await?;
        let ids: Vec<_> = items.iter().map(|campaign| campaign.id).collect();
        let spends = self.analytics.spend_by_campaign(account.id, &ids, today).await?;
        let used = |campaign: Campaign| {
            let spend = spends.get(&campaign.id).copied().unwrap_or_default();
            BudgetUse { campaign, spend }
        };
        Ok(Page { items: items.into_iter().map(used).collect(), next })
    }
}
