//! The contract of [`AdGroupRepository`](adstead_domain::port::AdGroupRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    AccountId, AdGroup, AdGroupId, Campaign, CampaignId, Page, PageRequest, Targeting, Version,
};
use futures::future::join_all;
use uuid::Uuid;

use super::outbox::{assert_dropped, assert_kept};
use super::paging::{assert_lists, assert_steady, request};
use super::samples::{budgets, instants, targetings, texts};
use super::world::failure;
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::cases;

/// What every `AdGroupRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    texts_come_back_as_they_were_stored,
    budgets_come_back_as_they_were_stored,
    audiences_come_back_as_they_were_stored,
    an_audience_of_everybody_is_not_the_lack_of_one,
    times_come_back_to_the_microsecond,
    an_unknown_group_is_absent,
    another_accounts_group_is_absent,
    another_accounts_group_cannot_be_updated,
    an_update_replaces_what_was_stored,
    a_stale_update_writes_nothing,
    an_update_of_an_unknown_group_is_stale,
    of_concurrent_updates_one_wins,
    events_are_kept_with_the_write_or_not_at_all,
    a_list_has_the_groups_of_its_campaign_only,
    a_list_without_groups_is_empty,
    pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_groups_are_added,
];

async fn store(world: &Repositories, group: &AdGroup) {
    world.ad_groups.insert(group, &[]).await.expect("an ad group can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: AdGroupId) -> Option<AdGroup> {
    world.ad_groups.get(account, id).await.expect("an ad group can be looked up")
}

async fn list(
    world: &Repositories,
    account: AccountId,
    campaign: CampaignId,
    request: PageRequest,
) -> Page<AdGroup> {
    world.ad_groups.list(account, campaign, request).await.expect("ad groups can be listed")
}

fn uuid(group: &AdGroup) -> Uuid {
    group.id.uuid()
}

async fn new_campaign(world: &Repositories) -> Campaign {
    let user = world.newcomer().await;
    world.campaign(&user).await
}

/// Stores variations of one group and reads each of them back, by its id and in the list.
async fn assert_come_back(world: &Repositories, vary: impl Fn(&Campaign) -> Vec<AdGroup>) {
    let campaign = new_campaign(world).await;
    let mut groups = vary(&campaign);
    for group in &groups {
        store(world, group).await;
    }
    for group in &groups {
        assert_eq!(stored(world, campaign.account_id, group.id).await.as_ref(), Some(group));
    }
    groups.reverse();
    let listed = list(world, campaign.account_id, campaign.id, PageRequest::default()).await.items;
    assert_eq!(listed, groups);
}

async fn texts_come_back_as_they_were_stored(world: &Repositories) {
    let named =
        |campaign: &Campaign, text: &String| AdGroup { name: parsed(text), ..build::ad_group(campaign) };
    assert_come_back(world, |campaign| texts().iter().map(|text| named(campaign, text)).collect()).await;
}

async fn budgets_come_back_as_they_were_stored(world: &Repositories) {
    let with = |campaign: &Campaign, budget| AdGroup { budget, ..build::ad_group(campaign) };
    let all = || budgets().into_iter().map(Some).chain([None]);
    assert_come_back(world, |campaign| all().map(|budget| with(campaign, budget)).collect()).await;
}

async fn audiences_come_back_as_they_were_stored(world: &Repositories) {
    let with = |campaign: &Campaign, targeting| AdGroup { targeting, ..build::ad_group(campaign) };
    let all = || targetings().into_iter().map(Some);
    assert_come_back(world, |campaign| all().map(|targeting| with(campaign, targeting)).collect()).await;
}

async fn an_audience_of_everybody_is_not_the_lack_of_one(world: &Repositories) {
    let with = |campaign: &Campaign, targeting| AdGroup { targeting, ..build::ad_group(campaign) };
    let both = [Some(Targeting::default()), None];
    assert_come_back(world, |campaign| both.iter().map(|one| with(campaign, one.clone())).collect()).await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    let at =
        |campaign: &Campaign, at| AdGroup { created_at: at, updated_at: at, ..build::ad_group(campaign) };
    assert_come_back(world, |campaign| instants().into_iter().map(|instant| at(campaign, instant)).collect())
        .await;
}

async fn an_unknown_group_is_absent(world: &Repositories) {
    let campaign = new_campaign(world).await;
    world.ad_group(&campaign).await;
    assert_eq!(stored(world, campaign.account_id, build::ad_group(&campaign).id).await, None);
}

async fn another_accounts_group_is_absent(world: &Repositories) {
    let (campaign, other) = (new_campaign(world).await, new_campaign(world).await);
    let group = world.ad_group(&campaign).await;
    assert_eq!(stored(world, other.account_id, group.id).await, None);
    assert_eq!(list(world, other.account_id, campaign.id, PageRequest::default()).await.items, []);
    assert_eq!(stored(world, campaign.account_id, group.id).await, Some(group));
}

async fn another_accounts_group_cannot_be_updated(world: &Repositories) {
    let (campaign, other) = (new_campaign(world).await, new_campaign(world).await);
    let group = world.ad_group(&campaign).await;
    let (account_id, campaign_id) = (other.account_id, other.id);
    let stolen = AdGroup { account_id, campaign_id, name: parsed("Stolen"), ..group.clone() };
    assert_eq!(failure(world.ad_groups.update(&stolen, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, other.account_id, group.id).await, None);
    assert_eq!(stored(world, campaign.account_id, group.id).await, Some(group));
}

async fn an_update_replaces_what_was_stored(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let (mut group, neighbour) = (world.ad_group(&campaign).await, world.ad_group(&campaign).await);
    assert_eq!(stored(world, campaign.account_id, group.id).await.as_ref(), Some(&group));
    for (budget, targeting) in [
        (Some(budgets()[2]), Some(targetings().remove(2))),
        (Some(budgets()[0]), Some(targetings().remove(1))),
        (None, None),
    ] {
        let edited = AdGroup {
            name: parsed(&format!("After version {}", group.version)),
            targeting,
            budget,
            updated_at: instants()[1],
            ..group
        };
        let version = world.ad_groups.update(&edited, &[]).await.expect("an ad group can be updated");
        assert_eq!(version, edited.version.next());
        group = AdGroup { version, ..edited };
        assert_eq!(stored(world, campaign.account_id, group.id).await.as_ref(), Some(&group));
    }
    let listed = list(world, campaign.account_id, campaign.id, PageRequest::default()).await.items;
    assert_eq!(listed, [neighbour, group]);
}

async fn a_stale_update_writes_nothing(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let read = world.ad_group(&campaign).await;
    let first = AdGroup { name: parsed("First"), ..read.clone() };
    let version = world.ad_groups.update(&first, &[]).await.expect("an ad group can be updated");
    let current = AdGroup { version, ..first };
    for version in [read.version, version.next(), Version::new(u32::from(u16::MAX))] {
        let late = AdGroup { name: parsed("Late"), budget: Some(budgets()[0]), version, ..read.clone() };
        assert_eq!(failure(world.ad_groups.update(&late, &[]).await), PortErrorKind::Stale);
        assert_eq!(stored(world, campaign.account_id, read.id).await.as_ref(), Some(&current));
    }
}

async fn an_update_of_an_unknown_group_is_stale(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let unknown = build::ad_group(&campaign);
    assert_eq!(failure(world.ad_groups.update(&unknown, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, campaign.account_id, unknown.id).await, None);
}

async fn of_concurrent_updates_one_wins(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let read = world.ad_group(&campaign).await;
    let edits: Vec<_> =
        (0..8).map(|n| AdGroup { name: parsed(&format!("Edit {n}")), ..read.clone() }).collect();
    let outcomes = join_all(edits.iter().map(|edit| world.ad_groups.update(edit, &[]))).await;
    let mut winners = Vec::new();
    for (edit, outcome) in edits.into_iter().zip(outcomes) {
        match outcome {
            Ok(version) => winners.push(AdGroup { version, ..edit }),
            Err(error) => assert_eq!(error.kind, PortErrorKind::Stale),
        }
    }
    assert_eq!(winners.len(), 1, "of eight updates of one version one wins");
    assert_eq!(stored(world, campaign.account_id, read.id).await, winners.pop());
}

async fn a_list_has_the_groups_of_its_campaign_only(world: &Repositories) {
    let user = world.newcomer().await;
    let (campaign, other) = (world.campaign(&user).await, world.campaign(&user).await);
    let groups = [(); 3].map(|()| build::ad_group(&campaign));
    world.ad_group(&other).await;
    for group in [&groups[1], &groups[2], &groups[0]] {
        store(world, group).await;
    }
    world.ad_group(&other).await;
    let [oldest, middle, newest] = groups;
    let Page { items, next } = list(world, user.account_id, campaign.id, PageRequest::default()).await;
    assert_eq!((items, next), (vec![newest, middle, oldest], None));
}

async fn a_list_without_groups_is_empty(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let empty = Page { items: Vec::new(), next: None };
    let list = async |request| list(world, campaign.account_id, campaign.id, request).await;
    assert_eq!(list(PageRequest::default()).await, empty);
    let group = world.ad_group(&campaign).await;
    assert_eq!(list(request(5, Some(uuid(&group)))).await, empty);
}

async fn pages_neither_skip_nor_repeat(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(uuid(&world.ad_group(&campaign).await));
    }
    let page = async |request| list(world, campaign.account_id, campaign.id, request).await;
    assert_lists(ids, page, uuid).await;
}

async fn pages_neither_skip_nor_repeat_while_groups_are_added(world: &Repositories) {
    let campaign = new_campaign(world).await;
    let groups = (0..14).map(|_| build::ad_group(&campaign)).collect();
    let page = async |request| list(world, campaign.account_id, campaign.id, request).await;
    assert_steady(groups, async |group| store(world, group).await, page, uuid).await;
}

async fn events_are_kept_with_the_write_or_not_at_all(world: &Repositories) {
    let user = world.newcomer().await;
    let group = build::ad_group(&world.campaign(&user).await);
    let groups = &world.ad_groups;
    assert_kept(world, &user, async |events| groups.insert(&group, events).await)
        .await
        .expect("an ad group can be stored");
    let outcome = assert_dropped(world, &user, async |events| groups.insert(&group, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
    assert_kept(world, &user, async |events| groups.update(&group, events).await)
        .await
        .expect("an ad group can be updated");
    let outcome = assert_dropped(world, &user, async |events| groups.update(&group, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Stale);
}
