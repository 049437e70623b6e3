//! All repositories over one store: what the suites of the repositories run on.

use std::fmt::Debug;
use std::sync::Arc;

use adstead_domain::port::{
    AccountRepository, AdGroupRepository, AdRepository, Alerts, AnalyticsRepository, AssetInventory,
    AssetRepository, CampaignRepository, EventArchive, GenerationRepository, IdempotencyRepository,
    OptimizationRepository, Outbox, PerformanceRepository, PortError, PortErrorKind, ServiceSwitches,
    SigningKeys, SpendLedger, SubscriptionRepository,
};
use adstead_domain::{Account, Ad, AdGroup, Campaign, User};

use super::{
    Case, accounts, ad_groups, ads, alerts, analytics, asset_inventory, assets, campaigns, event_archive,
    generations, idempotency, optimizations, outbox, performance, run_all, service_switches, signing,
    spend_ledger, subscriptions,
};
use crate::build;

/// All repositories over one store: an ad needs its group, a report needs the events.
#[derive(Clone)]
pub struct Repositories {
    /// Where accounts, users and keys are kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub ad_groups: Arc<dyn AdGroupRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// Where events are counted.
    pub performance: Arc<dyn PerformanceRepository>,
    /// Where events are kept.
    pub archive: Arc<dyn EventArchive>,
    /// Where figures come from.
    pub analytics: Arc<dyn AnalyticsRepository>,
    /// Where generations are kept.
    pub generations: Arc<dyn GenerationRepository>,
    /// Where assets are kept.
    pub assets: Arc<dyn AssetRepository>,
    /// The assets of all accounts.
    pub asset_inventory: Arc<dyn AssetInventory>,
    /// Where optimisation runs are kept.
    pub optimizations: Arc<dyn OptimizationRepository>,
    /// Where the keys of calls are kept.
    pub idempotency_keys: Arc<dyn IdempotencyRepository>,
    /// Which services nobody may call.
    pub service_switches: Arc<dyn ServiceSwitches>,
    /// Where the secrets of signing are kept.
    pub signing_keys: Arc<dyn SigningKeys>,
    /// Where subscriptions are kept.
    pub subscriptions: Arc<dyn SubscriptionRepository>,
    /// What was spent on language models.
    pub spend_ledger: Arc<dyn SpendLedger>,
    /// What Adstead found out by itself.
    pub alerts: Arc<dyn Alerts>,
    /// What happened, on its way to [`outbox::SUBSCRIBERS`].
    pub outbox: Arc<dyn Outbox>,
}

const SUITES: [(&str, &[Case<Repositories>]); 18] = [
    ("AccountRepository", accounts::CASES),
    ("CampaignRepository", campaigns::CASES),
    ("AdGroupRepository", ad_groups::CASES),
    ("AdRepository", ads::CASES),
    ("PerformanceRepository", performance::CASES),
    ("EventArchive", event_archive::CASES),
    ("AnalyticsRepository", analytics::CASES),
    ("GenerationRepository", generations::CASES),
    ("AssetRepository", assets::CASES),
    ("AssetInventory", asset_inventory::CASES),
    ("OptimizationRepository", optimizations::CASES),
    ("IdempotencyRepository", idempotency::CASES),
    ("ServiceSwitches", service_switches::CASES),
    ("SigningKeys", signing::CASES),
    ("SubscriptionRepository", subscriptions::CASES),
    ("SpendLedger", spend_ledger::CASES),
    ("Alerts", alerts::CASES),
    ("Outbox", outbox::CASES),
];

/// Runs the contracts of all repositories. `make` makes a bundle over an empty store of its own, once for each case.
///
/// # Panics
/// Where a contract is broken: at the first port that has such cases, with their names.
pub async fn repositories(adapter: &str, make: impl AsyncFn() -> Repositories) {
    for (port, cases) in SUITES {
        run_all(adapter, port, cases, async || Arc::new(make().await)).await;
    }
}

/// An account in full swing: one of each thing that the others hang on, all of them stored.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The account.
    pub account: Account,
    /// Its user.
    pub user: User,
    /// Their campaign.
    pub campaign: Campaign,
    /// Its ad group.
    pub group: AdGroup,
    /// Its ad.
    pub ad: Ad,
}

/// Things as [`build`] makes them, stored at once.
///
/// # Panics
/// All of these do where the store fails.
impl Repositories {
    /// An account with a user, a campaign, an ad group and an ad.
    pub async fn tenant(&self) -> Tenant {
        let account = self.account().await;
        let user = self.user(&account).await;
        let campaign = self.campaign(&user).await;
        let group = self.ad_group(&campaign).await;
        let ad = self.ad(&group, &campaign).await;
        Tenant { account, user, campaign, group, ad }
    }

    /// A new account.
    pub async fn account(&self) -> Account {
        let account = build::account();
        self.accounts.insert(&account).await.expect("an account can be stored");
        account
    }

    /// A new user of the account.
    pub async fn user(&self, account: &Account) -> User {
        let user = build::user(account);
        self.accounts.insert_user(&user).await.expect("a user can be stored");
        user
    }

    /// A new account's first user.
    pub async fn newcomer(&self) -> User {
        let account = self.account().await;
        self.user(&account).await
    }

    /// A new campaign of the user.
    pub async fn campaign(&self, user: &User) -> Campaign {
        let campaign = build::campaign(user);
        self.campaigns.insert(&campaign, &[]).await.expect("a campaign can be stored");
        campaign
    }

    /// A new ad group of the campaign.
    pub async fn ad_group(&self, campaign: &Campaign) -> AdGroup {
        let group = build::ad_group(campaign);
        self.ad_groups.insert(&group, &[]).await.expect("an ad group can be stored");
        group
    }

    /// A new ad of the group.
    pub async fn ad(&self, group: &AdGroup, campaign: &Campaign) -> Ad {
        let ad = build::ad(group, campaign);
        self.ads.insert_all(std::slice::from_ref(&ad), &[]).await.expect("an ad can be stored");
        ad
    }
}

/// How a call failed.
///
/// # Panics
/// Where it did not.
pub(super) fn failure<T: Debug>(outcome: Result<T, PortError>) -> PortErrorKind {
    outcome.expect_err("the call should fail").kind
}
