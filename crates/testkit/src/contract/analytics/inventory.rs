//! What an account holds.

use std::collections::BTreeMap;

use adstead_domain::{
    AccountId, Ad, AdStatus, Asset, Budget, Campaign, CampaignStatus, Currency, Generation, GenerationId,
    Inventory, PerformanceEvent, User, UserId,
};

use super::record;
use crate::build::{self, dollars};
use crate::contract::Repositories;

/// What the account holds, in an order and a form that leave an adapter free to name a status with nothing in it.
async fn inventory(world: &Repositories, account: AccountId, user: Option<UserId>) -> Inventory {
    fn by_status<Status: Ord>(counts: Vec<(Status, u64)>) -> Vec<(Status, u64)> {
        let listed = counts.len();
        let by_status: BTreeMap<_, _> = counts.into_iter().collect();
        assert_eq!(by_status.len(), listed, "each status is counted once");
        by_status.into_iter().filter(|(_, count)| *count > 0).collect()
    }
    let held = world.analytics.inventory(account, user).await.expect("an inventory can be read");
    Inventory { campaigns: by_status(held.campaigns), ads: by_status(held.ads), ..held }
}

/// Stores a campaign and an ad in each status, a generation and a file, all of them the user's own.
async fn make_things(world: &Repositories, user: &User) {
    for &status in CampaignStatus::ALL {
        let campaign = Campaign { status, budget: dollars(100), ..build::campaign(user) };
        world.campaigns.insert(&campaign, &[]).await.expect("a campaign can be stored");
    }
    let campaign = world.campaign(user).await;
    let group = world.ad_group(&campaign).await;
    let ads: Vec<_> =
        AdStatus::ALL.iter().map(|&status| Ad { status, ..build::ad(&group, &campaign) }).collect();
    world.ads.insert_all(&ads, &[]).await.expect("ads can be stored");
    let mut generation = Generation { requested_by: user.id, ..build::generation(user) };
    generation.provenance.cost_micros = Some(2_500);
    world.generations.insert(&generation, &[]).await.expect("a generation can be stored");
    // What nobody knows the cost of adds nothing to it.
    generation.provenance.cost_micros = None;
    generation.id = GenerationId::new(build::id());
    world.generations.insert(&generation, &[]).await.expect("a generation can be stored");
    let asset = Asset { size_bytes: 5_000_000_000, ..build::asset(user) };
    world.assets.insert(&asset, &[]).await.expect("an asset can be stored");
}

/// What [`make_things`] makes, `times` over: 100 dollars in each campaign that is not archived, 1,000 in the one more.
fn things(times: u64) -> Inventory {
    let campaigns = CampaignStatus::ALL.iter().map(|&status| {
        let count = if status == CampaignStatus::Draft { 2 } else { 1 };
        (status, count * times)
    });
    Inventory {
        campaigns: campaigns.collect(),
        ads: AdStatus::ALL.iter().map(|&status| (status, times)).collect(),
        budget_micros: 1_400_000_000 * times as i64,
        budget_spent_micros: 0,
        generations: 2 * times,
        generation_cost_micros: 2_500 * times as i64,
        assets: times,
        asset_bytes: 5_000_000_000 * times,
    }
}

pub(super) async fn an_account_without_anything_holds_nothing(world: &Repositories) {
    let user = world.newcomer().await;
    for maker in [None, Some(user.id), Some(UserId::new(build::id()))] {
        assert_eq!(inventory(world, user.account_id, maker).await, Inventory::default());
    }
}

pub(super) async fn an_inventory_counts_what_the_account_holds(world: &Repositories) {
    let account = world.account().await;
    for times in 1..=2 {
        make_things(world, &world.user(&account).await).await;
        assert_eq!(inventory(world, account.id, None).await, things(times));
    }
}

pub(super) async fn an_inventory_counts_what_one_user_made(world: &Repositories) {
    let account = world.account().await;
    let (ada, bob, idle) =
        (world.user(&account).await, world.user(&account).await, world.user(&account).await);
    make_things(world, &ada).await;
    make_things(world, &bob).await;
    make_things(world, &bob).await;
    assert_eq!(inventory(world, account.id, Some(ada.id)).await, things(1));
    assert_eq!(inventory(world, account.id, Some(bob.id)).await, things(2));
    assert_eq!(inventory(world, account.id, Some(idle.id)).await, Inventory::default());
}

pub(super) async fn an_inventory_sets_budgets_against_what_their_own_campaigns_spent(world: &Repositories) {
    let account = world.account().await;
    let (ada, bob) = (world.user(&account).await, world.user(&account).await);
    let spent = async |campaign: &Campaign, cost_micros| {
        world.campaigns.insert(campaign, &[]).await.expect("a campaign can be stored");
        let ad = world.ad(&world.ad_group(campaign).await, campaign).await;
        record(world, account.id, [PerformanceEvent { cost_micros, ..build::event(&ad) }]).await;
    };
    let limited = Budget::new(Currency::USD, 100_000_000, None, Some(60_000_000)).expect("a budget");
    spent(&Campaign { budget: limited, ..build::campaign(&ada) }, 7).await;
    spent(&Campaign { budget: dollars(30), ..build::campaign(&bob) }, 50).await;
    spent(&Campaign { status: CampaignStatus::Archived, ..build::campaign(&ada) }, 1_000).await;
    let of = async |user| {
        let held = inventory(world, account.id, user).await;
        (held.budget_micros, held.budget_spent_micros)
    };
    assert_eq!(of(Some(ada.id)).await, (60_000_000, 7));
    assert_eq!(of(Some(bob.id)).await, (30_000_000, 50));
    assert_eq!(of(None).await, (90_000_000, 57));
}

pub(super) async fn an_inventory_follows_changes(world: &Repositories) {
    let tenant = world.tenant().await;
    let asset = build::asset(&tenant.user);
    world.assets.insert(&asset, &[]).await.expect("an asset can be stored");
    let before = inventory(world, tenant.account.id, None).await;
    assert_eq!((before.ads, before.assets), (vec![(AdStatus::Draft, 1)], 1));
    let archived = Campaign { status: CampaignStatus::Archived, ..tenant.campaign };
    world.campaigns.update(&archived, &[]).await.expect("a campaign can be updated");
    let paused = Ad { status: AdStatus::Paused, ..tenant.ad };
    world.ads.update(&paused, &[]).await.expect("an ad can be updated");
    world.assets.delete(tenant.account.id, asset.id, &[]).await.expect("an asset can be deleted");
    let expected = Inventory {
        campaigns: vec![(CampaignStatus::Archived, 1)],
        ads: vec![(AdStatus::Paused, 1)],
        ..Inventory::default()
    };
    assert_eq!(inventory(world, tenant.account.id, None).await, expected);
}

pub(super) async fn another_accounts_things_are_in_no_inventory(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    make_things(world, &other).await;
    for maker in [None, Some(user.id), Some(other.id)] {
        assert_eq!(inventory(world, user.account_id, maker).await, Inventory::default());
    }
}
