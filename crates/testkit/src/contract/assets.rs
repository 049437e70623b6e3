//! The contract of [`AssetRepository`](adstead_domain::port::AssetRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    AccountId, Ad, AdContent, AdStatus, Asset, AssetId, AssetName, ContentType, Dimensions, Page,
    PageRequest, User,
};
use futures::future::join_all;
use uuid::Uuid;

use super::outbox::{assert_dropped, assert_kept};
use super::paging::{assert_lists, assert_steady, request};
use super::samples::{instants, texts};
use super::world::{Tenant, failure};
use super::{Case, Repositories};
use crate::{build, cases};

/// What every `AssetRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    names_come_back_as_they_were_stored,
    types_and_sizes_come_back_as_they_were_stored,
    times_come_back_to_the_microsecond,
    an_unknown_asset_is_absent,
    another_accounts_asset_is_absent,
    another_accounts_asset_cannot_be_deleted,
    another_accounts_asset_does_not_take_its_id,
    a_deleted_asset_is_gone,
    events_are_kept_with_the_write_or_not_at_all,
    an_asset_stays_while_an_ad_that_is_not_archived_shows_it,
    an_asset_that_another_account_shows_under_the_same_id_can_be_deleted,
    an_account_has_a_content_once,
    of_many_inserts_of_a_content_one_wins,
    a_content_that_was_deleted_can_come_back,
    a_list_without_assets_is_empty,
    pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_assets_are_added,
    a_page_goes_on_after_an_asset_that_was_deleted,
];

async fn store(world: &Repositories, asset: &Asset) {
    world.assets.insert(asset, &[]).await.expect("an asset can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: AssetId) -> Option<Asset> {
    world.assets.get(account, id).await.expect("an asset can be looked up")
}

async fn list(world: &Repositories, account: AccountId, request: PageRequest) -> Page<Asset> {
    world.assets.list(account, request).await.expect("assets can be listed")
}

async fn delete(world: &Repositories, account: AccountId, id: AssetId) -> bool {
    world.assets.delete(account, id, &[]).await.expect("deleting can be tried")
}

fn uuid(asset: &Asset) -> Uuid {
    asset.id.uuid()
}

/// A new ad of the tenant that shows these.
fn showing(Tenant { group, campaign, .. }: &Tenant, assets: &[AssetId]) -> Ad {
    let ad = build::ad(group, campaign);
    Ad { content: AdContent { assets: assets.to_vec(), ..ad.content.clone() }, ..ad }
}

/// Stores variations of one asset and reads each of them back, by its id and in the list.
async fn assert_come_back(world: &Repositories, vary: impl Fn(&User) -> Vec<Asset>) {
    let user = world.newcomer().await;
    let mut assets = vary(&user);
    for asset in &assets {
        store(world, asset).await;
    }
    for asset in &assets {
        assert_eq!(stored(world, user.account_id, asset.id).await.as_ref(), Some(asset));
    }
    assets.reverse();
    assert_eq!(list(world, user.account_id, PageRequest::default()).await.items, assets);
}

async fn names_come_back_as_they_were_stored(world: &Repositories) {
    let names: Vec<_> = texts().iter().map(|text| AssetName::sanitised(text)).collect();
    assert_come_back(world, |user| {
        names.iter().map(|name| Asset { name: Clone::clone(name), ..build::asset(user) }).collect()
    })
    .await;
}

async fn types_and_sizes_come_back_as_they_were_stored(world: &Repositories) {
    let dimensions = [
        None,
        Some(Dimensions { width: 1, height: u32::MAX }),
        Some(Dimensions { width: 1080, height: 1920 }),
    ];
    let sizes = [1, 5_000_000_000, 9_007_199_254_740_993];
    assert_come_back(world, |user| {
        let shapes =
            ContentType::ALL.into_iter().zip(dimensions.into_iter().cycle()).zip(sizes.into_iter().cycle());
        shapes
            .map(|((content_type, dimensions), size_bytes)| Asset {
                content_type,
                dimensions,
                size_bytes,
                ..build::asset(user)
            })
            .collect()
    })
    .await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    assert_come_back(world, |user| {
        instants().into_iter().map(|created_at| Asset { created_at, ..build::asset(user) }).collect()
    })
    .await;
}

async fn an_unknown_asset_is_absent(world: &Repositories) {
    let user = world.newcomer().await;
    store(world, &build::asset(&user)).await;
    let unknown = build::asset(&user).id;
    assert_eq!(stored(world, user.account_id, unknown).await, None);
    assert!(!delete(world, user.account_id, unknown).await);
}

async fn another_accounts_asset_is_absent(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let asset = build::asset(&user);
    store(world, &asset).await;
    assert_eq!(stored(world, user.account_id, asset.id).await.as_ref(), Some(&asset));
    assert_eq!(stored(world, other.account_id, asset.id).await, None);
    assert_eq!(list(world, other.account_id, PageRequest::default()).await.items, []);
}

async fn another_accounts_asset_cannot_be_deleted(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let asset = build::asset(&user);
    store(world, &asset).await;
    assert!(!delete(world, other.account_id, asset.id).await);
    assert_eq!(stored(world, user.account_id, asset.id).await, Some(asset));
}

async fn another_accounts_asset_does_not_take_its_id(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let asset = build::asset(&user);
    let namesake = Asset { id: asset.id, size_bytes: 7, ..build::asset(&other) };
    store(world, &asset).await;
    store(world, &namesake).await;
    assert_eq!(stored(world, user.account_id, asset.id).await.as_ref(), Some(&asset));
    assert!(delete(world, user.account_id, asset.id).await);
    assert_eq!(stored(world, other.account_id, asset.id).await, Some(namesake));
}

async fn a_deleted_asset_is_gone(world: &Repositories) {
    let user = world.newcomer().await;
    let (asset, neighbour) = (build::asset(&user), build::asset(&user));
    store(world, &asset).await;
    store(world, &neighbour).await;
    assert_eq!(stored(world, user.account_id, asset.id).await.as_ref(), Some(&asset));
    assert!(delete(world, user.account_id, asset.id).await, "there was something to delete");
    assert!(!delete(world, user.account_id, asset.id).await, "there is nothing left to delete");
    assert_eq!(stored(world, user.account_id, asset.id).await, None);
    assert_eq!(list(world, user.account_id, PageRequest::default()).await.items, [neighbour]);
}

async fn an_asset_stays_while_an_ad_that_is_not_archived_shows_it(world: &Repositories) {
    let tenant = world.tenant().await;
    let (asset, neighbour) = (build::asset(&tenant.user), build::asset(&tenant.user));
    store(world, &asset).await;
    store(world, &neighbour).await;
    for &status in AdStatus::ALL {
        let ad = showing(&tenant, &[neighbour.id, asset.id]);
        let ad = Ad { status, ..ad };
        world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.expect("an ad can be stored");
        if status == AdStatus::Archived {
            continue;
        }
        let refused = world.assets.delete(asset.account_id, asset.id, &[]).await;
        assert_eq!(failure(refused), PortErrorKind::Conflict, "{status}");
        assert_eq!(stored(world, asset.account_id, asset.id).await.as_ref(), Some(&asset));
        let archived = Ad { status: AdStatus::Archived, ..ad };
        world.ads.update(&archived, &[]).await.expect("an ad can be archived");
    }
    assert!(delete(world, asset.account_id, asset.id).await, "only archived ads show it");
}

async fn an_asset_that_another_account_shows_under_the_same_id_can_be_deleted(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.tenant().await);
    let asset = build::asset(&user);
    store(world, &asset).await;
    store(world, &Asset { id: asset.id, ..build::asset(&other.user) }).await;
    let ad = showing(&other, &[asset.id]);
    world.ads.insert_all(&[ad], &[]).await.expect("an ad can be stored");
    assert!(delete(world, user.account_id, asset.id).await);
}

async fn a_list_without_assets_is_empty(world: &Repositories) {
    let user = world.newcomer().await;
    let empty = Page { items: Vec::new(), next: None };
    assert_eq!(list(world, user.account_id, PageRequest::default()).await, empty);
    let asset = build::asset(&user);
    store(world, &asset).await;
    assert_eq!(list(world, user.account_id, request(5, Some(uuid(&asset)))).await, empty);
}

async fn pages_neither_skip_nor_repeat(world: &Repositories) {
    let user = world.newcomer().await;
    let [a, b, c, d, e, f] = [(); 6].map(|()| build::asset(&user));
    for asset in [&d, &a, &f, &c, &b, &e] {
        store(world, asset).await;
    }
    let ids = [&a, &b, &c, &d, &e, &f].map(uuid).into();
    assert_lists(ids, async |request| list(world, user.account_id, request).await, uuid).await;
}

async fn pages_neither_skip_nor_repeat_while_assets_are_added(world: &Repositories) {
    let user = world.newcomer().await;
    let assets = (0..14).map(|_| build::asset(&user)).collect();
    let page = async |request| list(world, user.account_id, request).await;
    assert_steady(assets, async |asset| store(world, asset).await, page, uuid).await;
}

async fn a_page_goes_on_after_an_asset_that_was_deleted(world: &Repositories) {
    let user = world.newcomer().await;
    let [oldest, middle, newest] = [(); 3].map(|()| build::asset(&user));
    for asset in [&oldest, &middle, &newest] {
        store(world, asset).await;
    }
    let first = list(world, user.account_id, request(2, None)).await;
    assert_eq!((first.items, first.next), (vec![newest, middle.clone()], Some(uuid(&middle))));
    assert!(delete(world, user.account_id, middle.id).await);
    let second = list(world, user.account_id, request(2, first.next)).await;
    assert_eq!((second.items, second.next), (vec![oldest], None));
}

async fn events_are_kept_with_the_write_or_not_at_all(world: &Repositories) {
    let user = world.newcomer().await;
    let asset = build::asset(&user);
    let (account, id, assets) = (asset.account_id, asset.id, &world.assets);
    assert_kept(world, &user, async |events| assets.insert(&asset, events).await)
        .await
        .expect("an asset can be stored");
    let outcome = assert_dropped(world, &user, async |events| assets.insert(&asset, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
    let outcome = assert_kept(world, &user, async |events| assets.delete(account, id, events).await).await;
    assert!(outcome.expect("an asset can be deleted"));
    let outcome = assert_dropped(world, &user, async |events| assets.delete(account, id, events).await).await;
    assert!(!outcome.expect("nothing can be deleted"));
}

async fn of_content(world: &Repositories, asset: &Asset) -> Option<Asset> {
    world.assets.of_content(asset.account_id, asset.sha256).await.expect("a content can be looked up")
}

async fn an_account_has_a_content_once(world: &Repositories) {
    let (user, stranger) = (world.newcomer().await, world.newcomer().await);
    let asset = build::asset(&user);
    assert_eq!(of_content(world, &asset).await, None);
    store(world, &asset).await;
    assert_eq!(of_content(world, &asset).await.as_ref(), Some(&asset));

    let again = Asset { sha256: asset.sha256, ..build::asset(&user) };
    let assets = &world.assets;
    let refused = assert_dropped(world, &user, async |events| assets.insert(&again, events).await).await;
    assert_eq!(failure(refused), PortErrorKind::Conflict);
    assert_eq!(stored(world, user.account_id, again.id).await, None);
    assert_eq!(of_content(world, &asset).await.as_ref(), Some(&asset));

    let theirs = Asset { sha256: asset.sha256, ..build::asset(&stranger) };
    assert_eq!(of_content(world, &theirs).await, None);
    store(world, &theirs).await;
    assert_eq!(of_content(world, &theirs).await.as_ref(), Some(&theirs));
}

async fn of_many_inserts_of_a_content_one_wins(world: &Repositories) {
    let user = world.newcomer().await;
    let sha256 = build::asset(&user).sha256;
    let assets = (0..8).map(|_| Asset { sha256, ..build::asset(&user) }).collect::<Vec<_>>();
    let inserts = join_all(assets.iter().map(|asset| world.assets.insert(asset, &[]))).await;
    let (won, lost): (Vec<_>, Vec<_>) = inserts.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for outcome in lost {
        assert_eq!(failure(outcome), PortErrorKind::Conflict);
    }
    assert_eq!(list(world, user.account_id, PageRequest::default()).await.items.len(), 1);
}

async fn a_content_that_was_deleted_can_come_back(world: &Repositories) {
    let user = world.newcomer().await;
    let asset = build::asset(&user);
    store(world, &asset).await;
    assert!(delete(world, user.account_id, asset.id).await);
    assert_eq!(of_content(world, &asset).await, None);
    let again = Asset { sha256: asset.sha256, ..build::asset(&user) };
    store(world, &again).await;
    assert_eq!(of_content(world, &asset).await, Some(again));
}
