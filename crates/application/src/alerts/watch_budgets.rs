use std::sync::Arc;

use adstead_domain::port::{AccountRepository, Alerts, AnalyticsRepository, CampaignRepository, Clock};
use adstead_domain::{
    Account, BudgetLimit, CampaignStatus, DomainEvent, Occurrence, PageRequest, ReachedLimit,
};
use jiff::Timestamp;

use super::{event_id, every_account, noted, round};
use crate::Error;
use crate::spending::beyond_bounds;

/// Tells when active campaigns have spent four fifths of a budget, and when all of it: of each day's, and in all.
pub struct WatchBudgets {
    /// All accounts.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where the figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How often one of the nodes looks, in seconds.
    pub every_seconds: i64,
}

impl WatchBudgets {
    /// Looks at all campaigns, unless another node does; how many events that made.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn execute(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        if !self.alerts.take(&round("watch:budgets", now, self.every_seconds), now).await? {
            return Ok(0);
        }
        let mut raised = 0;
        for account in every_account(self.accounts.as_ref()).await? {
            raised += noted(&account, self.look_at(&account, now).await);
        }
        Ok(raised)
    }

    async fn look_at(&self, account: &Account, now: Timestamp) -> Result<usize, Error> {
        let zone = &account.time_zone;
        let day = zone.day_of(now);
        let (today, _) = zone.day_bounds(day);
        let mut raised = 0;
        let mut page = PageRequest::default();
        loop {
            let active = self.campaigns.list(account.id, Some(CampaignStatus::Active), page).await?;
            let ids: Vec<_> = active.items.iter().map(|campaign| campaign.id).collect();
            let spends =
                self.analytics.spend_by_campaign(account.id, &ids, today).await.map_err(beyond_bounds)?;
            for campaign in &active.items {
                let spend = spends.get(&campaign.id).copied().unwrap_or_default();
                for ReachedLimit { limit, change, spent, of } in campaign.budget.reached(spend) {
                    let period = match limit {
                        BudgetLimit::Daily => day.to_string(),
                        BudgetLimit::Lifetime => "all".to_owned(),
                    };
                    // With the amount in it, so that a budget that was raised can be reached again.
                    let key = format!("budget:{}:{period}:{change}:{}", campaign.id, of.micros());
                    let occurrence = Occurrence::Budget {
                        change,
                        campaign_id: campaign.id,
                        name: campaign.name.clone(),
                        limit,
                        spent,
                        of,
                    };
                    let event = DomainEvent::found(event_id(&key), account.id, occurrence, now);
                    raised += usize::from(self.alerts.raise(&key, &event).await?);
                }
            }
            let Some(next) = active.next else { return Ok(raised) };
            page.after = Some(next);
        }
    }
}
