//! A desk with everything at hand: repositories, a clock that the test moves, and somebody who works there.

use std::sync::Arc;

use adstead_domain::port::{Clock, IdGenerator};
use adstead_domain::{
    Account, Actor, Ad, AdGroup, AdStatus, Campaign, EventKind, Metrics, PerformanceEvent, Role, User, Zone,
};
use adstead_testkit::contract::Repositories;
use adstead_testkit::{SequentialIds, TestClock, build, memory};
use jiff::Timestamp;

pub(crate) struct Desk {
    pub(crate) world: Repositories,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) ids: Arc<SequentialIds>,
    pub(crate) account: Account,
    pub(crate) user: User,
    pub(crate) actor: Actor,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::in_zone("UTC").await
    }

    pub(crate) async fn in_zone(zone: &str) -> Self {
        let world = memory::repositories();
        let account = Account { time_zone: zone.parse::<Zone>().unwrap(), ..build::account() };
        let user = build::user(&account);
        world.accounts.insert(&account).await.unwrap();
        world.accounts.insert_user(&user).await.unwrap();
        let actor = Actor { account_id: account.id, user_id: user.id, role: Role::Admin };
        let (clock, ids) = (Arc::new(TestClock::at(TestClock::START)), Arc::new(SequentialIds::default()));
        Self { world, clock, ids, account, user, actor }
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        self.clock.clone()
    }

    pub(crate) fn ids(&self) -> Arc<dyn IdGenerator> {
        self.ids.clone()
    }

    pub(crate) async fn campaign(&self) -> Campaign {
        let campaign = build::campaign(&self.user);
        self.world.campaigns.insert(&campaign, &[]).await.unwrap();
        campaign
    }

    pub(crate) async fn ad_group(&self, campaign: &Campaign) -> AdGroup {
        let group = build::ad_group(campaign);
        self.world.ad_groups.insert(&group, &[]).await.unwrap();
        group
    }

    pub(crate) async fn active_ad(&self, campaign: &Campaign, group: &AdGroup) -> Ad {
        let ad = Ad { status: AdStatus::Active, ..build::ad(group, campaign) };
        self.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
        ad
    }

    /// Records events of the ad that add up to these figures, all at one instant; each click bears its part of the cost.
    pub(crate) async fn happened(&self, ad: &Ad, at: Timestamp, figures: Metrics) {
        let event = |kind, cost_micros, revenue_micros| PerformanceEvent {
            kind,
            occurred_at: at,
            cost_micros,
            revenue_micros,
            ..build::event(ad)
        };
        let cost = figures.cpc_micros().unwrap_or_default();
        let impressions = (0..figures.impressions).map(|_| event(EventKind::Impression, 0, 0));
        let clicks = (0..figures.clicks).map(|_| event(EventKind::Click, cost, 0));
        let conversions = (0..figures.conversions).map(|_| event(EventKind::Conversion, 0, 0));
        let events: Vec<_> = impressions.chain(clicks).chain(conversions).collect();
        self.world.performance.record(self.account.id, build::batch(events)).await.unwrap();
    }
}
