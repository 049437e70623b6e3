//! The contract of [`CampaignRepository`](adstead_domain::port::CampaignRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    AccountId, Campaign, CampaignId, CampaignStatus, Objective, Page, PageRequest, Platform, User, Version,
};
use futures::future::join_all;
use uuid::Uuid;

use super::outbox::{assert_dropped, assert_kept};
use super::paging::{assert_lists, assert_steady, request};
use super::samples::{budgets, instants, schedules, targetings, texts};
use super::world::failure;
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::cases;

/// What every `CampaignRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    texts_come_back_as_they_were_stored,
    budgets_come_back_as_they_were_stored,
    schedules_come_back_as_they_were_stored,
    audiences_come_back_as_they_were_stored,
    words_come_back_as_they_were_stored,
    times_come_back_to_the_microsecond,
    an_unknown_campaign_is_absent,
    another_accounts_campaign_is_absent,
    another_accounts_campaign_cannot_be_updated,
    an_update_replaces_what_was_stored,
    a_stale_update_writes_nothing,
    an_update_of_an_unknown_campaign_is_stale,
    of_concurrent_updates_one_wins,
    events_are_kept_with_the_write_or_not_at_all,
    a_list_is_newest_first,
    a_list_of_one_status_has_no_others,
    a_list_without_campaigns_is_empty,
    pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_campaigns_are_added,
];

async fn store(world: &Repositories, campaign: &Campaign) {
    world.campaigns.insert(campaign, &[]).await.expect("a campaign can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: CampaignId) -> Option<Campaign> {
    world.campaigns.get(account, id).await.expect("a campaign can be looked up")
}

async fn list(
    world: &Repositories,
    account: AccountId,
    status: Option<CampaignStatus>,
    request: PageRequest,
) -> Page<Campaign> {
    world.campaigns.list(account, status, request).await.expect("campaigns can be listed")
}

fn uuid(campaign: &Campaign) -> Uuid {
    campaign.id.uuid()
}

/// Stores variations of one campaign and reads each of them back, by its id and in the list.
async fn assert_come_back(world: &Repositories, vary: impl Fn(&User) -> Vec<Campaign>) {
    let user = world.newcomer().await;
    let mut campaigns = vary(&user);
    for campaign in &campaigns {
        store(world, campaign).await;
    }
    for campaign in &campaigns {
        assert_eq!(stored(world, user.account_id, campaign.id).await.as_ref(), Some(campaign));
    }
    campaigns.reverse();
    assert_eq!(list(world, user.account_id, None, PageRequest::default()).await.items, campaigns);
}

async fn texts_come_back_as_they_were_stored(world: &Repositories) {
    let named = |user: &User, text: &String| Campaign { name: parsed(text), ..build::campaign(user) };
    assert_come_back(world, |user| texts().iter().map(|text| named(user, text)).collect()).await;
}

async fn budgets_come_back_as_they_were_stored(world: &Repositories) {
    let with = |user: &User, budget| Campaign { budget, ..build::campaign(user) };
    assert_come_back(world, |user| budgets().into_iter().map(|budget| with(user, budget)).collect()).await;
}

async fn schedules_come_back_as_they_were_stored(world: &Repositories) {
    let with = |user: &User, schedule| Campaign { schedule, ..build::campaign(user) };
    assert_come_back(world, |user| schedules().into_iter().map(|schedule| with(user, schedule)).collect())
        .await;
}

async fn audiences_come_back_as_they_were_stored(world: &Repositories) {
    let with = |user: &User, targeting| Campaign { targeting, ..build::campaign(user) };
    assert_come_back(world, |user| targetings().into_iter().map(|targeting| with(user, targeting)).collect())
        .await;
}

async fn words_come_back_as_they_were_stored(world: &Repositories) {
    let statuses = || CampaignStatus::ALL.iter().cycle();
    let of_all = |user: &User| {
        let platforms = Platform::ALL.iter().cycle();
        let words = Objective::ALL.iter().zip(platforms).zip(statuses());
        words
            .map(|((&objective, &platform), &status)| Campaign {
                objective,
                platform,
                status,
                ..build::campaign(user)
            })
            .collect()
    };
    assert_come_back(world, of_all).await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    let at = |user: &User, at| Campaign { created_at: at, updated_at: at, ..build::campaign(user) };
    assert_come_back(world, |user| instants().into_iter().map(|instant| at(user, instant)).collect()).await;
}

async fn an_unknown_campaign_is_absent(world: &Repositories) {
    let user = world.newcomer().await;
    world.campaign(&user).await;
    assert_eq!(stored(world, user.account_id, build::campaign(&user).id).await, None);
}

async fn another_accounts_campaign_is_absent(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let campaign = world.campaign(&user).await;
    assert_eq!(stored(world, other.account_id, campaign.id).await, None);
    assert_eq!(list(world, other.account_id, None, PageRequest::default()).await.items, []);
    assert_eq!(stored(world, user.account_id, campaign.id).await, Some(campaign));
}

async fn another_accounts_campaign_cannot_be_updated(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let campaign = world.campaign(&user).await;
    let stolen = Campaign { account_id: other.account_id, name: parsed("Stolen"), ..campaign.clone() };
    assert_eq!(failure(world.campaigns.update(&stolen, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, other.account_id, campaign.id).await, None);
    assert_eq!(stored(world, user.account_id, campaign.id).await, Some(campaign));
}

async fn an_update_replaces_what_was_stored(world: &Repositories) {
    let user = world.newcomer().await;
    let (mut campaign, neighbour) = (world.campaign(&user).await, world.campaign(&user).await);
    assert_eq!(stored(world, user.account_id, campaign.id).await.as_ref(), Some(&campaign));
    for (schedule, budget) in schedules().into_iter().rev().zip(budgets().into_iter().rev()) {
        let edited = Campaign {
            name: parsed(&format!("After version {}", campaign.version)),
            objective: Objective::Leads,
            budget,
            schedule,
            targeting: targetings().remove(2),
            status: CampaignStatus::Active,
            updated_at: instants()[1],
            ..campaign
        };
        let version = world.campaigns.update(&edited, &[]).await.expect("a campaign can be updated");
        assert_eq!(version, edited.version.next());
        campaign = Campaign { version, ..edited };
        assert_eq!(stored(world, user.account_id, campaign.id).await.as_ref(), Some(&campaign));
    }
    let listed = list(world, user.account_id, None, PageRequest::default()).await.items;
    assert_eq!(listed, [neighbour, campaign]);
}

async fn a_stale_update_writes_nothing(world: &Repositories) {
    let user = world.newcomer().await;
    let read = world.campaign(&user).await;
    let first = Campaign { name: parsed("First"), ..read.clone() };
    let version = world.campaigns.update(&first, &[]).await.expect("a campaign can be updated");
    let current = Campaign { version, ..first };
    for version in [read.version, version.next(), Version::new(u32::from(u16::MAX))] {
        let late =
            Campaign { name: parsed("Late"), status: CampaignStatus::Archived, version, ..read.clone() };
        assert_eq!(failure(world.campaigns.update(&late, &[]).await), PortErrorKind::Stale);
        assert_eq!(stored(world, user.account_id, read.id).await.as_ref(), Some(&current));
    }
}

async fn an_update_of_an_unknown_campaign_is_stale(world: &Repositories) {
    let user = world.newcomer().await;
    let unknown = build::campaign(&user);
    assert_eq!(failure(world.campaigns.update(&unknown, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, user.account_id, unknown.id).await, None);
}

async fn of_concurrent_updates_one_wins(world: &Repositories) {
    let user = world.newcomer().await;
    let read = world.campaign(&user).await;
    let edits: Vec<_> =
        (0..8).map(|n| Campaign { name: parsed(&format!("Edit {n}")), ..read.clone() }).collect();
    let outcomes = join_all(edits.iter().map(|edit| world.campaigns.update(edit, &[]))).await;
    let mut winners = Vec::new();
    for (edit, outcome) in edits.into_iter().zip(outcomes) {
        match outcome {
            Ok(version) => winners.push(Campaign { version, ..edit }),
            Err(error) => assert_eq!(error.kind, PortErrorKind::Stale),
        }
    }
    assert_eq!(winners.len(), 1, "of eight updates of one version one wins");
    assert_eq!(stored(world, user.account_id, read.id).await, winners.pop());
}

async fn a_list_is_newest_first(world: &Repositories) {
    let user = world.newcomer().await;
    let campaigns = [(); 3].map(|()| build::campaign(&user));
    for campaign in [&campaigns[1], &campaigns[2], &campaigns[0]] {
        store(world, campaign).await;
    }
    let [oldest, middle, newest] = campaigns;
    let Page { items, next } = list(world, user.account_id, None, PageRequest::default()).await;
    assert_eq!((items, next), (vec![newest, middle, oldest], None));
}

async fn a_list_of_one_status_has_no_others(world: &Repositories) {
    let user = world.newcomer().await;
    let all = [CampaignStatus::ALL, CampaignStatus::ALL].concat();
    let campaigns: Vec<_> =
        all.into_iter().map(|status| Campaign { status, ..build::campaign(&user) }).collect();
    for campaign in &campaigns {
        store(world, campaign).await;
    }
    for &status in CampaignStatus::ALL {
        let expected: Vec<_> = campaigns.iter().filter(|one| one.status == status).map(uuid).collect();
        let page = async |request| list(world, user.account_id, Some(status), request).await;
        assert_lists(expected, page, uuid).await;
    }
}

async fn a_list_without_campaigns_is_empty(world: &Repositories) {
    let user = world.newcomer().await;
    let empty = Page { items: Vec::new(), next: None };
    assert_eq!(list(world, user.account_id, None, PageRequest::default()).await, empty);
    let campaign = world.campaign(&user).await;
    assert_eq!(list(world, user.account_id, None, request(5, Some(uuid(&campaign)))).await, empty);
    assert_eq!(list(world, user.account_id, Some(CampaignStatus::Paused), request(5, None)).await, empty);
}

async fn pages_neither_skip_nor_repeat(world: &Repositories) {
    let user = world.newcomer().await;
    let mut ids = Vec::new();
    for _ in 0..6 {
        ids.push(uuid(&world.campaign(&user).await));
    }
    assert_lists(ids, async |request| list(world, user.account_id, None, request).await, uuid).await;
}

async fn pages_neither_skip_nor_repeat_while_campaigns_are_added(world: &Repositories) {
    let user = world.newcomer().await;
    let campaigns = (0..14).map(|_| build::campaign(&user)).collect();
    let page = async |request| list(world, user.account_id, None, request).await;
    assert_steady(campaigns, async |campaign| store(world, campaign).await, page, uuid).await;
}

async fn events_are_kept_with_the_write_or_not_at_all(world: &Repositories) {
    let user = world.newcomer().await;
    let campaign = build::campaign(&user);
    let campaigns = &world.campaigns;
    assert_kept(world, &user, async |events| campaigns.insert(&campaign, events).await)
        .await
        .expect("a campaign can be stored");
    let outcome =
        assert_dropped(world, &user, async |events| campaigns.insert(&campaign, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
    assert_kept(world, &user, async |events| campaigns.update(&campaign, events).await)
        .await
        .expect("a campaign can be updated");
    let outcome =
        assert_dropped(world, &user, async |events| campaigns.update(&campaign, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Stale);
}
