//! The contract of [`AssetInventory`](adstead_domain::port::AssetInventory).

use std::collections::{BTreeMap, BTreeSet};

use adstead_domain::port::AssetTotal;
use adstead_domain::{Asset, AssetId, ContentType};

use super::{Case, Repositories};
use crate::{build, cases};

/// What every `AssetInventory` must do.
pub const CASES: &[Case<Repositories>] = cases![
    of_nothing_nothing_exists,
    what_exists_is_told_by_account_and_id,
    pages_hold_every_asset_of_every_account_once,
    totals_are_exact_by_type,
];

/// Some assets of two accounts, of various types.
async fn filled(world: &Repositories) -> Vec<Asset> {
    let users = [world.newcomer().await, world.newcomer().await];
    let types = [ContentType::Png, ContentType::Mp4, ContentType::Png];
    let mut assets = Vec::new();
    for (index, user) in users.iter().cycle().take(12).enumerate() {
        let size_bytes = 1_000 + index as u64;
        let asset =
            Asset { content_type: types[index % 3], size_bytes, dimensions: None, ..build::asset(user) };
        world.assets.insert(&asset, &[]).await.expect("an asset can be stored");
        assets.push(asset);
    }
    assets
}

async fn of_nothing_nothing_exists(world: &Repositories) {
    let inventory = &world.asset_inventory;
    assert_eq!(inventory.which_exist(&[]).await.expect("they can be looked up"), []);
    assert_eq!(inventory.page(None, 10).await.expect("a page"), []);
    assert_eq!(inventory.totals().await.expect("totals"), []);
}

async fn what_exists_is_told_by_account_and_id(world: &Repositories) {
    let assets = filled(world).await;
    let (one, other) = (&assets[0], &assets[1]);
    let unknown = AssetId::new(build::id());
    let asked = [
        (one.account_id, one.id),
        (other.account_id, one.id),
        (one.account_id, unknown),
        (other.account_id, other.id),
        (one.account_id, one.id),
    ];
    let exist = world.asset_inventory.which_exist(&asked).await.expect("they can be looked up");
    assert_eq!(exist.len(), 2, "each once");
    let expected = BTreeSet::from([(one.account_id, one.id), (other.account_id, other.id)]);
    assert_eq!(exist.into_iter().collect::<BTreeSet<_>>(), expected);
}

async fn pages_hold_every_asset_of_every_account_once(world: &Repositories) {
    let assets = filled(world).await;
    let expected = assets.into_iter().map(|it| ((it.account_id, it.id), it)).collect::<BTreeMap<_, _>>();
    for limit in [1, 5, 12, 100] {
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = world.asset_inventory.page(after, limit).await.expect("a page");
            assert!(page.len() <= usize::from(limit));
            let Some(last) = page.last() else { break };
            after = Some((last.account_id, last.id));
            found.extend(page);
        }
        assert!(found.iter().eq(expected.values()), "in the order of account and id, in pages of {limit}");
    }
}

async fn totals_are_exact_by_type(world: &Repositories) {
    let assets = filled(world).await;
    let total = |content_type| {
        let of_type = assets.iter().filter(|asset| asset.content_type == content_type);
        let (files, bytes) = of_type.fold((0, 0), |(files, bytes), it| (files + 1, bytes + it.size_bytes));
        AssetTotal { content_type, files, bytes }
    };
    let mut totals = world.asset_inventory.totals().await.expect("totals");
    totals.sort_by_key(|total| total.content_type);
    assert_eq!(totals, [total(ContentType::Png), total(ContentType::Mp4)]);
    let doomed = &assets[1];
    assert!(world.assets.delete(doomed.account_id, doomed.id, &[]).await.expect("it can be deleted"));
    let left = world.asset_inventory.totals().await.expect("totals");
    assert_eq!(left.iter().map(|total| total.files).sum::<u64>(), 11);
}
