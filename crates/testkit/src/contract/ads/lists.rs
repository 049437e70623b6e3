//! Which ads are found together.

use std::collections::HashSet;

use adstead_domain::port::AdFilter;
use adstead_domain::{AccountId, Ad, AdContent, AdId, AdStatus, AssetId, CampaignId, Page, PageRequest};
use uuid::Uuid;

use super::{known, list, new_ad, store, stored_asset};
use crate::build;
use crate::contract::Repositories;
use crate::contract::paging::{assert_lists, assert_steady, request};
use crate::contract::world::Tenant;

async fn showing(world: &Repositories, account: AccountId, asset: AssetId) -> Vec<AdId> {
    world.ads.showing(account, asset).await.expect("ads that show an asset can be looked up")
}

fn uuid(ad: &Ad) -> Uuid {
    ad.id.uuid()
}

pub(super) async fn a_list_is_newest_first(world: &Repositories) {
    let tenant = world.tenant().await;
    let [oldest, middle, newest] = [(); 3].map(|()| new_ad(&tenant));
    store(world, &[middle.clone(), newest.clone()]).await;
    store(world, std::slice::from_ref(&oldest)).await;
    let Page { items, next } =
        list(world, tenant.account.id, AdFilter::default(), PageRequest::default()).await;
    assert_eq!((items, next), (vec![newest, middle, oldest, tenant.ad], None));
}

pub(super) async fn all_conditions_of_a_filter_hold(world: &Repositories) {
    let user = world.newcomer().await;
    let (one, other) = (world.campaign(&user).await, world.campaign(&user).await);
    let mut ads = Vec::new();
    for campaign in [&one, &one, &other] {
        let group = world.ad_group(campaign).await;
        let in_status = |&status| Ad { status, ..build::ad(&group, campaign) };
        ads.extend(AdStatus::ALL.iter().map(in_status));
    }
    store(world, &ads).await;
    let some = |yes, ad: &Ad| AdFilter {
        campaign_id: Some(ad.campaign_id).filter(|_| yes & 1 != 0),
        ad_group_id: Some(ad.ad_group_id).filter(|_| yes & 2 != 0),
        status: Some(ad.status).filter(|_| yes & 4 != 0),
    };
    let mut filters: Vec<_> =
        [&ads[0], &ads[11], &ads[20]].iter().flat_map(|ad| (0..8).map(|yes| some(yes, ad))).collect();
    filters.push(AdFilter { campaign_id: Some(other.id), ..some(2, &ads[0]) });
    filters.push(AdFilter { campaign_id: Some(CampaignId::new(build::id())), ..AdFilter::default() });
    for filter in filters {
        let AdFilter { campaign_id, ad_group_id, status } = filter;
        let fits = |ad: &&Ad| {
            campaign_id.is_none_or(|campaign| ad.campaign_id == campaign)
                && ad_group_id.is_none_or(|group| ad.ad_group_id == group)
                && status.is_none_or(|status| ad.status == status)
        };
        let expected: Vec<_> = ads.iter().rev().filter(fits).cloned().collect();
        let listed = list(world, user.account_id, filter, PageRequest::default()).await.items;
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub(super) async fn a_list_without_ads_is_empty(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    let empty = Page { items: Vec::new(), next: None };
    let paused = AdFilter { status: Some(AdStatus::Paused), ..AdFilter::default() };
    assert_eq!(list(world, ad.account_id, paused, PageRequest::default()).await, empty);
    let after_the_last = request(5, Some(uuid(&ad)));
    assert_eq!(list(world, ad.account_id, AdFilter::default(), after_the_last).await, empty);
}

pub(super) async fn pages_neither_skip_nor_repeat(world: &Repositories) {
    let tenant = world.tenant().await;
    let ads: Vec<_> = (0..6).map(|_| new_ad(&tenant)).collect();
    store(world, &ads).await;
    let ids = ads.iter().chain([&tenant.ad]).map(uuid).collect();
    let page = async |request| list(world, tenant.account.id, AdFilter::default(), request).await;
    assert_lists(ids, page, uuid).await;
}

pub(super) async fn pages_neither_skip_nor_repeat_while_ads_are_added(world: &Repositories) {
    let tenant = world.tenant().await;
    let ads = (0..14).map(|_| new_ad(&tenant)).collect();
    let page = async |request| list(world, tenant.account.id, AdFilter::default(), request).await;
    assert_steady(ads, async |ad| store(world, std::slice::from_ref(ad)).await, page, uuid).await;
}

pub(super) async fn known_ads_are_those_of_the_account(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let account = tenant.account.id;
    assert_eq!(known(world, account, HashSet::new()).await, HashSet::new());
    let many: Vec<_> = (0..600).map(|_| new_ad(&tenant)).collect();
    store(world, &many).await;
    let ours: HashSet<_> = many.iter().map(|ad| ad.id).collect();
    let strangers = (0..600).map(|_| AdId::new(build::id())).chain([other.ad.id]);
    assert_eq!(known(world, account, ours.iter().copied().chain(strangers).collect()).await, ours);
    assert_eq!(known(world, other.account.id, ours).await, HashSet::new());
}

pub(super) async fn an_asset_is_shown_by_ads_that_are_not_archived(world: &Repositories) {
    let tenant = world.tenant().await;
    let (asset, unused) = (stored_asset(world, &tenant).await.id, stored_asset(world, &tenant).await.id);
    let with = |status, assets: &[AssetId]| {
        let ad = new_ad(&tenant);
        Ad { status, content: AdContent { assets: assets.to_vec(), ..ad.content.clone() }, ..ad }
    };
    let ads: Vec<_> = AdStatus::ALL.iter().map(|&status| with(status, &[unused, asset])).collect();
    store(world, &ads).await;
    store(world, &[with(AdStatus::Active, &[unused])]).await;
    let mut expected: Vec<_> =
        ads.iter().filter(|ad| ad.status != AdStatus::Archived).map(|ad| ad.id).collect();
    assert_eq!(showing(world, tenant.account.id, asset).await, expected);
    assert_eq!(showing(world, tenant.account.id, AssetId::new(build::id())).await, []);
    let replaced = AdContent { assets: vec![unused], ..ads[0].content.clone() };
    let edited = Ad { content: replaced, ..ads[0].clone() };
    world.ads.update(&edited, &[]).await.expect("an ad can be updated");
    expected.remove(0);
    assert_eq!(showing(world, tenant.account.id, asset).await, expected);
}

pub(super) async fn an_asset_of_another_account_is_shown_by_none(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.newcomer().await);
    let asset = stored_asset(world, &tenant).await.id;
    let ad = new_ad(&tenant);
    let ad = Ad { content: AdContent { assets: vec![asset], ..ad.content.clone() }, ..ad };
    store(world, std::slice::from_ref(&ad)).await;
    assert_eq!(showing(world, tenant.account.id, asset).await, [ad.id]);
    assert_eq!(showing(world, other.account_id, asset).await, []);
}
