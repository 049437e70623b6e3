//! The contract of [`AdRepository`](adstead_domain::port::AdRepository).

mod lists;

use std::collections::HashSet;

use adstead_domain::port::{AdFilter, PortErrorKind};
use adstead_domain::{
    AccountId, Ad, AdContent, AdCopy, AdId, AdStatus, Asset, Campaign, Decision, Page, PageRequest, Platform,
    Review, UserId, Version,
};
use futures::future::join_all;
use lists::{
    a_list_is_newest_first, a_list_without_ads_is_empty, all_conditions_of_a_filter_hold,
    an_asset_is_shown_by_ads_that_are_not_archived, an_asset_of_another_account_is_shown_by_none,
    known_ads_are_those_of_the_account, pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_ads_are_added,
};

use super::outbox::{assert_dropped, assert_kept};
use super::samples::{instants, texts};
use super::world::{Tenant, failure};
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::cases;

/// What every `AdRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    words_come_back_as_they_were_stored,
    copy_comes_back_as_it_was_stored,
    the_landing_page_comes_back_as_it_was_stored,
    assets_come_back_in_their_order,
    reviews_and_editors_come_back_as_they_were_stored,
    times_come_back_to_the_microsecond,
    every_platform_and_type_comes_back_as_it_was_stored,
    of_ads_stored_together_all_are_there,
    where_one_of_the_ads_is_taken_none_is_stored,
    ads_that_show_an_asset_that_the_account_has_not_are_not_stored,
    an_archived_ad_may_show_an_asset_that_is_gone,
    an_unknown_ad_is_absent,
    another_accounts_ad_is_absent,
    another_accounts_ad_cannot_be_updated,
    another_accounts_ad_does_not_take_its_id,
    an_update_replaces_what_was_stored,
    a_stale_update_writes_nothing,
    an_update_of_an_unknown_ad_is_stale,
    of_concurrent_updates_one_wins,
    events_are_kept_with_the_write_or_not_at_all,
    a_list_is_newest_first,
    all_conditions_of_a_filter_hold,
    a_list_without_ads_is_empty,
    pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_ads_are_added,
    known_ads_are_those_of_the_account,
    an_asset_is_shown_by_ads_that_are_not_archived,
    an_asset_of_another_account_is_shown_by_none,
];

async fn store(world: &Repositories, ads: &[Ad]) {
    world.ads.insert_all(ads, &[]).await.expect("ads can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: AdId) -> Option<Ad> {
    world.ads.get(account, id).await.expect("an ad can be looked up")
}

async fn list(world: &Repositories, account: AccountId, filter: AdFilter, request: PageRequest) -> Page<Ad> {
    world.ads.list(account, filter, request).await.expect("ads can be listed")
}

async fn known(world: &Repositories, account: AccountId, ids: HashSet<AdId>) -> HashSet<AdId> {
    world.ads.known(account, &ids).await.expect("ads can be looked up")
}

fn new_ad(Tenant { group, campaign, .. }: &Tenant) -> Ad {
    build::ad(group, campaign)
}

async fn stored_asset(world: &Repositories, tenant: &Tenant) -> Asset {
    let asset = build::asset(&tenant.user);
    world.assets.insert(&asset, &[]).await.expect("an asset can be stored");
    asset
}

/// Stores the ads and reads each of them back, by its id and in the list of its group.
async fn assert_come_back(world: &Repositories, mut ads: Vec<Ad>) {
    store(world, &ads).await;
    for ad in &ads {
        assert_eq!(stored(world, ad.account_id, ad.id).await.as_ref(), Some(ad));
    }
    ads.reverse();
    let of_the_group = AdFilter { ad_group_id: Some(ads[0].ad_group_id), ..AdFilter::default() };
    let newest = list(world, ads[0].account_id, of_the_group, PageRequest::default()).await.items;
    assert_eq!(newest[..ads.len()], ads);
}

async fn words_come_back_as_they_were_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let named = texts().into_iter().map(|text| Ad { name: parsed(&text), ..new_ad(&tenant) });
    let in_status = AdStatus::ALL.iter().map(|&status| Ad { status, ..new_ad(&tenant) });
    assert_come_back(world, named.chain(in_status).collect()).await;
}

async fn copy_comes_back_as_it_was_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let copies = [
        AdCopy::default(),
        AdCopy { headlines: texts(), ..AdCopy::default() },
        AdCopy { descriptions: texts(), ..build::copy() },
        AdCopy { descriptions: vec![" two\nlines ".into(), String::new(), "[\"".into()], ..build::copy() },
        AdCopy { call_to_action: Some(parsed("¡Cómpralo ya! 🛒")), ..build::copy() },
    ];
    let ads = copies.map(|copy| {
        let ad = new_ad(&tenant);
        Ad { content: AdContent { copy, ..ad.content.clone() }, ..ad }
    });
    assert_come_back(world, ads.into()).await;
}

async fn the_landing_page_comes_back_as_it_was_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let base = "https://example.com/";
    let longest = format!("{base}{}", "é".repeat(2_048 - base.len()));
    let odd = "HTTP://EXAMPLE.com:80/a/../b?q='1'%20%zz&r=[]#日本語".to_owned();
    let ads = [longest, odd].map(|url| {
        let ad = new_ad(&tenant);
        let final_url = url.parse().expect("a landing page");
        Ad { content: AdContent { final_url, ..ad.content.clone() }, ..ad }
    });
    assert_come_back(world, ads.into()).await;
}

async fn assets_come_back_in_their_order(world: &Repositories) {
    let tenant = world.tenant().await;
    let (first, second) = (stored_asset(world, &tenant).await.id, stored_asset(world, &tenant).await.id);
    let ads = [vec![], vec![first], vec![second, first], vec![first, second]].map(|assets| {
        let ad = new_ad(&tenant);
        Ad { content: AdContent { assets, ..ad.content.clone() }, ..ad }
    });
    assert_come_back(world, ads.into()).await;
}

async fn reviews_and_editors_come_back_as_they_were_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let people = [tenant.user.id, UserId::new(build::id()), UserId::new(build::id())];
    let review = |notes: Option<&str>, decision| Review {
        reviewer: people[1],
        decision,
        notes: notes.map(parsed),
        at: instants()[1],
    };
    let reviews = vec![
        review(Some("“Free” needs a footnote 🙃"), Decision::Rejected),
        review(None, Decision::Rejected),
        review(Some(&texts()[0]), Decision::Approved),
    ];
    let reviewed = Ad { reviews, editors: people.into(), created_by: people[2], ..new_ad(&tenant) };
    let untouched = Ad { editors: [].into(), ..new_ad(&tenant) };
    assert_come_back(world, vec![reviewed, untouched]).await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    let tenant = world.tenant().await;
    let at = |at| Ad { created_at: at, updated_at: at, ..new_ad(&tenant) };
    assert_come_back(world, instants().into_iter().map(at).collect()).await;
}

async fn every_platform_and_type_comes_back_as_it_was_stored(world: &Repositories) {
    let user = world.newcomer().await;
    for &platform in Platform::ALL {
        let campaign = Campaign { platform, ..build::campaign(&user) };
        world.campaigns.insert(&campaign, &[]).await.expect("a campaign can be stored");
        let group = world.ad_group(&campaign).await;
        let of_type = |ad_type| Ad { ad_type, ..build::ad(&group, &campaign) };
        assert_come_back(world, platform.ad_types().map(of_type).collect()).await;
    }
}

async fn of_ads_stored_together_all_are_there(world: &Repositories) {
    let tenant = world.tenant().await;
    let ads: Vec<_> = (0..20).map(|_| new_ad(&tenant)).collect();
    store(world, &ads).await;
    store(world, &[]).await;
    for ad in &ads {
        assert_eq!(stored(world, ad.account_id, ad.id).await.as_ref(), Some(ad));
    }
}

async fn where_one_of_the_ads_is_taken_none_is_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let (before, after) = (new_ad(&tenant), new_ad(&tenant));
    let taken = Ad { name: parsed("Another of the same id"), ..tenant.ad.clone() };
    world.ads.insert_all(&[before.clone(), taken, after.clone()], &[]).await.expect_err("an id is taken");
    let account = tenant.account.id;
    assert_eq!(stored(world, account, tenant.ad.id).await.as_ref(), Some(&tenant.ad));
    assert_eq!(known(world, account, [before.id, after.id].into()).await, HashSet::new());
    assert_eq!(list(world, account, AdFilter::default(), PageRequest::default()).await.items, [tenant.ad]);
}

async fn ads_that_show_an_asset_that_the_account_has_not_are_not_stored(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let ours = stored_asset(world, &tenant).await.id;
    let theirs = stored_asset(world, &other).await.id;
    let read = tenant.ad.clone();
    for missing in [theirs, build::asset(&tenant.user).id] {
        let content = AdContent { assets: vec![ours, missing], ..read.content.clone() };
        let whole = new_ad(&tenant);
        let broken = Ad { content: content.clone(), ..new_ad(&tenant) };
        let refused = world.ads.insert_all(&[whole.clone(), broken.clone()], &[]).await;
        assert_eq!(failure(refused), PortErrorKind::Conflict);
        assert_eq!(stored(world, whole.account_id, whole.id).await, None);
        assert_eq!(stored(world, broken.account_id, broken.id).await, None);

        let edited = Ad { content, name: parsed("Edited"), ..read.clone() };
        assert_eq!(failure(world.ads.update(&edited, &[]).await), PortErrorKind::Conflict);
        assert_eq!(stored(world, read.account_id, read.id).await.as_ref(), Some(&read));
    }
}

async fn an_archived_ad_may_show_an_asset_that_is_gone(world: &Repositories) {
    let tenant = world.tenant().await;
    let gone = build::asset(&tenant.user).id;
    let content = AdContent { assets: vec![gone], ..tenant.ad.content.clone() };
    let archived = Ad { content, status: AdStatus::Archived, ..new_ad(&tenant) };
    store(world, std::slice::from_ref(&archived)).await;
    let renamed = Ad { name: parsed("Renamed"), ..archived };
    let version = world.ads.update(&renamed, &[]).await.expect("an archived ad can be updated");
    let renamed = Ad { version, ..renamed };
    assert_eq!(stored(world, renamed.account_id, renamed.id).await, Some(renamed));
}

async fn an_unknown_ad_is_absent(world: &Repositories) {
    let tenant = world.tenant().await;
    assert_eq!(stored(world, tenant.account.id, new_ad(&tenant).id).await, None);
}

async fn another_accounts_ad_is_absent(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.newcomer().await);
    assert_eq!(stored(world, tenant.account.id, tenant.ad.id).await.as_ref(), Some(&tenant.ad));
    assert_eq!(stored(world, other.account_id, tenant.ad.id).await, None);
    let of_the_group = AdFilter { ad_group_id: Some(tenant.group.id), ..AdFilter::default() };
    for filter in [AdFilter::default(), of_the_group] {
        assert_eq!(list(world, other.account_id, filter, PageRequest::default()).await.items, []);
    }
}

async fn another_accounts_ad_cannot_be_updated(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let stolen = Ad {
        account_id: other.account.id,
        campaign_id: other.campaign.id,
        ad_group_id: other.group.id,
        name: parsed("Stolen"),
        ..tenant.ad.clone()
    };
    assert_eq!(failure(world.ads.update(&stolen, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, other.account.id, stolen.id).await, None);
    assert_eq!(stored(world, tenant.account.id, tenant.ad.id).await, Some(tenant.ad));
}

async fn another_accounts_ad_does_not_take_its_id(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let namesake = Ad { id: tenant.ad.id, name: parsed("Namesake"), ..new_ad(&other) };
    store(world, std::slice::from_ref(&namesake)).await;
    assert_eq!(stored(world, other.account.id, namesake.id).await, Some(namesake));
    assert_eq!(stored(world, tenant.account.id, tenant.ad.id).await, Some(tenant.ad));
}

async fn an_update_replaces_what_was_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let (neighbour, mut ad) = (tenant.ad.clone(), world.ad(&tenant.group, &tenant.campaign).await);
    let asset = stored_asset(world, &tenant).await.id;
    assert_eq!(stored(world, ad.account_id, ad.id).await.as_ref(), Some(&ad));
    let review = |at| Review { reviewer: tenant.user.id, decision: Decision::Rejected, notes: None, at };
    for (assets, reviews) in
        [(vec![asset], instants().into_iter().map(review).collect()), (vec![], vec![review(instants()[1])])]
    {
        let copy = AdCopy { headlines: texts(), descriptions: vec![], call_to_action: None };
        let final_url = "https://example.com/autumn".parse().expect("a landing page");
        let edited = Ad {
            name: parsed(&format!("After version {}", ad.version)),
            content: AdContent { copy, final_url, assets },
            status: AdStatus::Rejected,
            reviews,
            editors: [tenant.user.id, UserId::new(build::id())].into(),
            updated_at: instants()[1],
            ..ad
        };
        let version = world.ads.update(&edited, &[]).await.expect("an ad can be updated");
        assert_eq!(version, edited.version.next());
        ad = Ad { version, ..edited };
        assert_eq!(stored(world, ad.account_id, ad.id).await.as_ref(), Some(&ad));
    }
    let listed = list(world, ad.account_id, AdFilter::default(), PageRequest::default()).await.items;
    assert_eq!(listed, [ad, neighbour]);
}

async fn a_stale_update_writes_nothing(world: &Repositories) {
    let Tenant { ad: read, .. } = world.tenant().await;
    let first = Ad { name: parsed("First"), ..read.clone() };
    let version = world.ads.update(&first, &[]).await.expect("an ad can be updated");
    let current = Ad { version, ..first };
    for version in [read.version, version.next(), Version::new(u32::from(u16::MAX))] {
        let late = Ad { name: parsed("Late"), status: AdStatus::Archived, version, ..read.clone() };
        assert_eq!(failure(world.ads.update(&late, &[]).await), PortErrorKind::Stale);
        assert_eq!(stored(world, read.account_id, read.id).await.as_ref(), Some(&current));
    }
}

async fn an_update_of_an_unknown_ad_is_stale(world: &Repositories) {
    let unknown = new_ad(&world.tenant().await);
    assert_eq!(failure(world.ads.update(&unknown, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, unknown.account_id, unknown.id).await, None);
}

async fn of_concurrent_updates_one_wins(world: &Repositories) {
    let Tenant { ad: read, .. } = world.tenant().await;
    let edits: Vec<_> = (0..8).map(|n| Ad { name: parsed(&format!("Edit {n}")), ..read.clone() }).collect();
    let outcomes = join_all(edits.iter().map(|edit| world.ads.update(edit, &[]))).await;
    let mut winners = Vec::new();
    for (edit, outcome) in edits.into_iter().zip(outcomes) {
        match outcome {
            Ok(version) => winners.push(Ad { version, ..edit }),
            Err(error) => assert_eq!(error.kind, PortErrorKind::Stale),
        }
    }
    assert_eq!(winners.len(), 1, "of eight updates of one version one wins");
    assert_eq!(stored(world, read.account_id, read.id).await, winners.pop());
}

async fn events_are_kept_with_the_write_or_not_at_all(world: &Repositories) {
    let Tenant { user, campaign, group, ad, .. } = world.tenant().await;
    let new = build::ad(&group, &campaign);
    let taken = [build::ad(&group, &campaign), ad];
    let ads = &world.ads;
    assert_kept(world, &user, async |events| ads.insert_all(std::slice::from_ref(&new), events).await)
        .await
        .expect("an ad can be stored");
    let outcome = assert_dropped(world, &user, async |events| ads.insert_all(&taken, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
    let mut lacking = new.clone();
    lacking.content.assets.push(build::asset(&user).id);
    let outcome = assert_dropped(world, &user, async |events| ads.update(&lacking, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
    assert_kept(world, &user, async |events| ads.update(&new, events).await)
        .await
        .expect("an ad can be updated");
    let outcome = assert_dropped(world, &user, async |events| ads.update(&new, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Stale);
}
