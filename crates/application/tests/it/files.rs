use std::sync::Arc;
use std::time::Duration;

use adstead_application::files::{
    CollectGarbage, Collection, CopyFiles, CopyProgress, Grace, ProbeFiles, Verdict, VerifyFiles,
};
use adstead_domain::port::{FileKey, FileStore, PutOptions};
use adstead_domain::{Asset, Sha256Digest, UploadId};
use adstead_testkit::build;
use adstead_testkit::memory::MemoryFileStore;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

use crate::desk::Desk;

/// When the memory store says that its first files were stored.
const STORED: Timestamp = Timestamp::constant(1_700_000_000, 0);

const HOUR: Duration = Duration::from_secs(3_600);

async fn put(files: &dyn FileStore, key: &str, content: &'static str) {
    let key: FileKey = key.parse().unwrap();
    let content = stream::iter([Ok(Bytes::from_static(content.as_bytes()))]).boxed();
    files.put(&key, content, &PutOptions::default()).await.unwrap();
}

async fn keys(files: &dyn FileStore) -> Vec<String> {
    let page = files.list(None, None, 1_000).await.unwrap();
    page.files.into_iter().map(|file| file.key.to_string()).collect()
}

fn holding(desk: &Desk, content: &str) -> Asset {
    let sha256 = Sha256Digest::of(content.as_bytes());
    Asset { sha256, size_bytes: content.len() as u64, ..build::asset(&desk.user) }
}

async fn known(desk: &Desk, files: &dyn FileStore, content: &'static str) -> Asset {
    let asset = holding(desk, content);
    desk.world.assets.insert(&asset, &[]).await.unwrap();
    put(files, asset.key().as_str(), content).await;
    asset
}

#[tokio::test]
async fn what_belongs_to_nothing_goes_once_it_is_old() {
    let desk = Desk::new().await;
    let files = Arc::new(MemoryFileStore::default());
    let asset = known(&desk, &*files, "kept").await;
    let (account, orphan) = (asset.account_id, holding(&desk, "gone").id);
    put(&*files, Asset::file_key(account, orphan).as_str(), "orphan").await;
    put(&*files, &format!("{}/thumbnail.1", Asset::renditions_key(account, orphan)), "orphan too").await;
    put(&*files, &format!("{}/thumbnail.1", Asset::renditions_key(account, asset.id)), "made").await;
    put(&*files, Asset::quarantine_key(account, UploadId::new(build::id())).as_str(), "waits").await;
    put(&*files, "somebody/else/s", "not ours").await;
    put(&*files, "assets/notes.txt", "not ours").await;

    let grace = Grace { orphans: HOUR, quarantine: 2 * HOUR };
    let collect = CollectGarbage {
        files: files.clone(),
        inventory: desk.world.asset_inventory.clone(),
        clock: desk.clock(),
        grace,
    };
    let nothing = Collection::default();
    desk.clock.set(STORED + HOUR);
    let young = collect.execute(false).await.unwrap();
    assert_eq!((young.orphans, young.quarantine), (nothing, nothing), "it may be under way");
    desk.clock.set(STORED + HOUR + Duration::from_secs(60));
    let orphans = Collection { files: 2, bytes: 16 };
    let before = keys(&*files).await;
    assert_eq!(collect.execute(true).await.unwrap().orphans, orphans);
    assert_eq!(keys(&*files).await, before, "a dry run removes nothing");
    let collected = collect.execute(false).await.unwrap();
    assert_eq!((collected.orphans, collected.quarantine), (orphans, nothing));
    desk.clock.set(STORED + 2 * HOUR + Duration::from_secs(60));
    let collected = collect.execute(false).await.unwrap();
    assert_eq!((collected.orphans, collected.quarantine), (nothing, Collection { files: 1, bytes: 5 }));
    let left = [
        "assets/notes.txt".to_owned(),
        asset.key().to_string(),
        format!("{}/thumbnail.1", Asset::renditions_key(account, asset.id)),
        "somebody/else/s".to_owned(),
    ];
    assert_eq!(keys(&*files).await.len(), left.len());
    for key in left {
        assert!(keys(&*files).await.contains(&key), "{key}");
    }
}

#[tokio::test]
async fn each_file_is_compared_with_what_was_uploaded() {
    let desk = Desk::new().await;
    let files = Arc::new(MemoryFileStore::default());
    let [whole, missing, short, other] = [
        known(&desk, &*files, "whole").await,
        known(&desk, &*files, "missing").await,
        known(&desk, &*files, "shortened").await,
        known(&desk, &*files, "changed").await,
    ];
    files.delete(&missing.key()).await.unwrap();
    put(&*files, short.key().as_str(), "short").await;
    put(&*files, other.key().as_str(), "chamged").await;
    let verify = VerifyFiles { files, inventory: desk.world.asset_inventory.clone() };
    assert_eq!(verify.totals().await.unwrap(), (4, 5 + 7 + 9 + 7));
    let mut verdicts = Vec::new();
    verify.execute(|verified| verdicts.push((verified.asset.id, verified.verdict))).await.unwrap();
    let verdict = |asset: &Asset| &verdicts.iter().find(|(id, _)| *id == asset.id).unwrap().1;
    assert!(matches!(verdict(&whole), Verdict::Whole));
    assert!(matches!(verdict(&missing), Verdict::Missing));
    assert!(matches!(verdict(&short), Verdict::WrongSize(5)));
    assert!(
        matches!(verdict(&other), Verdict::WrongContent(digest) if *digest == Sha256Digest::of(b"chamged"))
    );
}

#[tokio::test]
async fn files_are_copied_once_and_read_back() {
    let (from, to) = (Arc::new(MemoryFileStore::default()), Arc::new(MemoryFileStore::default()));
    for (key, content) in [("assets/1", "one"), ("assets/2", "two"), ("renditions/1/x", "three")] {
        put(&*from, key, content).await;
    }
    let copy = CopyFiles { from: from.clone(), to: to.clone() };
    let mut told = Vec::new();
    let copied = copy.execute(|key, progress| told.push((key.to_string(), progress))).await.unwrap();
    assert_eq!((copied.copied, copied.bytes, copied.present), (3, 11, 0));
    assert!(told.contains(&("assets/1".to_owned(), CopyProgress::Copied(3))));
    let found = to.get(&"assets/2".parse().unwrap(), None).await.unwrap().unwrap();
    assert_eq!(found.bytes.try_collect::<Vec<_>>().await.unwrap().concat(), b"two");

    put(&*from, "assets/4", "four").await;
    // A file of another size is not the same.
    put(&*to, "assets/2", "half").await;
    let again = copy.execute(|_, _| {}).await.unwrap();
    assert_eq!((again.copied, again.present), (2, 2));
    assert_eq!(keys(&*to).await, keys(&*from).await);
}

#[tokio::test]
async fn a_place_is_probed_and_left_as_it_was() {
    let desk = Desk::new().await;
    let files = Arc::new(MemoryFileStore::default());
    put(&*files, "assets/kept", "kept").await;
    ProbeFiles { files: files.clone(), ids: desk.ids() }.execute().await.unwrap();
    assert_eq!(keys(&*files).await, ["assets/kept"]);
}
