use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use adstead_domain::port::{FileStore, PortErrorKind, Precondition, PutOptions};
use adstead_infrastructure::storage::MirrorStorage;
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::contract::{files, run_all};
use bytes::Bytes;
use futures::channel::oneshot;
use futures::future::join_all;
use futures::{FutureExt, StreamExt, stream};
use tempfile::TempDir;

use super::faulty::Faulty;
use super::{described, faulty, key, listed, local, put, read, temp, try_read};

struct Mirror {
    _roots: TempDir,
    primary: Arc<Faulty>,
    secondary: Arc<Faulty>,
    store: MirrorStorage,
}

impl Mirror {
    async fn new() -> Self {
        let roots = temp();
        let (primary, secondary) = (faulty(&roots).await, faulty(&roots).await);
        let store = MirrorStorage::new(Arc::clone(&primary) as _, Arc::clone(&secondary) as _);
        Self { _roots: roots, primary, secondary, store }
    }

    #[track_caller]
    fn holds<'a>(&'a self, name: &'a str, file: Option<&'a Bytes>) -> impl Future<Output = ()> + 'a {
        let place = std::panic::Location::caller();
        async move {
            assert!(read(&*self.primary, name).await.as_ref() == file, "the primary, at {place}");
            assert!(read(&*self.secondary, name).await.as_ref() == file, "the secondary, at {place}");
        }
    }
}

#[tokio::test]
async fn a_mirror_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(MirrorStorage::new(local(&roots).await, local(&roots).await)) as _;
    run_all("MirrorStorage", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn both_sides_have_what_was_stored() {
    let mirror = Mirror::new().await;
    let file = noise(300_000);
    mirror.store.put(&key("f"), in_pieces(&file, 9_000), &described()).await.expect("a file");
    mirror.holds("f", Some(&file)).await;
    for side in [&mirror.primary, &mirror.secondary] {
        let head = side.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!((head.content_type, head.metadata), (described().content_type, described().metadata));
    }
    mirror.store.copy(&key("f"), &key("g")).await.expect("a copy").expect("it is there");
    mirror.holds("g", Some(&file)).await;
    mirror.store.delete(&key("f")).await.expect("it can be deleted");
    mirror.holds("f", None).await;
    mirror.store.delete_many(&[key("g"), key("h")]).await.expect("they can be deleted");
    mirror.holds("g", None).await;
}

#[tokio::test]
async fn where_one_side_fails_neither_has_the_new_file() {
    for fault in ["put", "put.end"] {
        for fails_first in [true, false] {
            let mirror = Mirror::new().await;
            let (file, old) = (noise(100_000), noise(50_000));
            put(&mirror.store, "old", &old).await.expect("a file");
            let failing = if fails_first { &mirror.primary } else { &mirror.secondary };
            failing.fail(fault, PortErrorKind::Full);
            for name in ["new", "old"] {
                let error = put(&mirror.store, name, &file).await.expect_err("one side fails");
                assert_eq!((error.kind, error.operation), (PortErrorKind::Full, fault));
            }
            mirror.holds("new", None).await;
            mirror.holds("old", Some(&old)).await;
            failing.mend();
            put(&mirror.store, "old", &file).await.expect("all is well again");
            mirror.holds("old", Some(&file)).await;
        }
    }
}

#[tokio::test]
async fn a_new_file_that_cannot_be_taken_back_stays_on_the_primary() {
    let mirror = Mirror::new().await;
    put(&*mirror.primary, "f", &noise(1_000)).await.expect("a file from before there was a mirror");
    mirror.secondary.fail("put.end", PortErrorKind::Full);
    put(&mirror.store, "f", &noise(2_000)).await.expect_err("the secondary is full");
    assert_eq!(read(&mirror.store, "f").await, Some(noise(2_000)), "there is no old version to restore");
}

#[tokio::test]
async fn the_primary_decides_about_conditions() {
    let mirror = Mirror::new().await;
    let (old, new) = (noise(9_000), noise(5_000));
    let put_if = async |condition| {
        let options = PutOptions { condition, ..PutOptions::default() };
        mirror.store.put(&key("f"), in_pieces(&new, 1_000), &options).await
    };
    let first = put(&mirror.store, "f", &old).await.expect("a file");
    let error = put_if(Precondition::Absent).await.expect_err("the key holds a file");
    assert_eq!(error.kind, PortErrorKind::Conflict);
    mirror.holds("f", Some(&old)).await;
    put_if(Precondition::Matches(first.tag.clone())).await.expect("it is the file that was seen");
    mirror.holds("f", Some(&new)).await;
    assert_eq!(
        put_if(Precondition::Matches(first.tag)).await.expect_err("replaced").kind,
        PortErrorKind::Stale
    );
}

#[tokio::test]
async fn the_slower_side_sets_the_pace() {
    let mirror = Mirror::new().await;
    mirror.secondary.meanwhile("put", std::future::pending());
    let read = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&read);
    let content = stream::iter((0..1_000).map(|_| Ok(noise(10))));
    let count = move |_: &_| {
        counted.fetch_add(1, Ordering::Relaxed);
    };
    let content = content.inspect(count).boxed();
    let (key, options) = (key("f"), PutOptions::default());
    let mut put = mirror.store.put(&key, content, &options);
    for _ in 0..100 {
        assert!((&mut put).now_or_never().is_none(), "the secondary takes nothing");
        tokio::task::yield_now().await;
    }
    assert!((1..=10).contains(&read.load(Ordering::Relaxed)), "{read:?} pieces wait");
}

#[tokio::test]
async fn a_put_runs_to_its_end_once_one_side_may_have_stored() {
    let mirror = Mirror::new().await;
    let file = noise(10_000);
    let (release, released) = oneshot::channel::<()>();
    let (arrived, arrival) = oneshot::channel::<()>();
    mirror.primary.meanwhile("head", async move {
        arrived.send(()).expect("the test waits");
        released.await.expect("the test goes on");
    });
    {
        let put = put(&mirror.store, "f", &file);
        tokio::select! {
            _ = put => panic!("the put waits"),
            arrived = arrival => arrived.expect("it arrived"),
        }
    }
    release.send(()).expect("the put goes on although its caller has given up");
    while read(&*mirror.secondary, "f").await.is_none() {
        tokio::task::yield_now().await;
    }
    mirror.holds("f", Some(&file)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_leave_the_same_file_on_both_sides() {
    let mirror = Mirror::new().await;
    for _ in 0..5 {
        let files = (1..8).map(|index| noise(index * 10_000)).collect::<Vec<_>>();
        for stored in join_all(files.iter().map(|file| put(&mirror.store, "f", file))).await {
            stored.expect("a file");
        }
        let file = read(&*mirror.primary, "f").await;
        mirror.holds("f", file.as_ref()).await;
    }
}

#[tokio::test]
async fn a_read_falls_back_where_the_primary_fails_or_has_nothing() {
    let mirror = Mirror::new().await;
    let file = noise(100_000);
    put(&mirror.store, "f", &file).await.expect("a file");
    mirror.primary.go_away();
    assert_eq!(read(&mirror.store, "f").await, Some(file.clone()));
    assert!(mirror.store.head(&key("f")).await.expect("a look").is_some());
    assert_eq!(mirror.store.fallbacks(), 2);
    assert_eq!(listed(&mirror.store, 10).await, ["f"]);
    let error = put(&mirror.store, "f", &file).await.expect_err("both must have it");
    assert_eq!(error.kind, PortErrorKind::Unavailable);

    mirror.primary.mend();
    for kind in [PortErrorKind::Corrupt, PortErrorKind::Timeout] {
        mirror.primary.fail("get.first", kind);
        let range = try_read(&mirror.store, "f", Some(5..10)).await.expect("the secondary has it");
        assert_eq!(range, Some(file.slice(5..10)));
    }
    mirror.primary.fail("get", PortErrorKind::Unexpected);
    let error = try_read(&mirror.store, "f", None).await.expect_err("nobody knows what it is");
    assert_eq!(error.kind, PortErrorKind::Unexpected);

    mirror.primary.mend();
    mirror.primary.delete(&key("f")).await.expect("it is lost");
    assert_eq!(read(&mirror.store, "f").await, Some(file.clone()));
    mirror.store.copy(&key("f"), &key("g")).await.expect("a copy").expect("the secondary has it");
    mirror.holds("g", Some(&file)).await;
    mirror.secondary.go_away();
    let error = try_read(&mirror.store, "f", None).await.expect_err("one side alone cannot tell");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
}

#[tokio::test]
async fn a_copy_mends_a_side_that_lacks_its_source_and_is_taken_back_where_it_fails() {
    let mirror = Mirror::new().await;
    let (file, other) = (noise(70_000), noise(100));
    put(&mirror.store, "f", &file).await.expect("a file");
    put(&mirror.store, "g", &other).await.expect("a file");
    mirror.secondary.fail("copy", PortErrorKind::Full);
    for name in ["g", "new"] {
        let error = mirror.store.copy(&key("f"), &key(name)).await.expect_err("the secondary is full");
        assert_eq!(error.kind, PortErrorKind::Full);
    }
    mirror.holds("g", Some(&other)).await;
    mirror.holds("new", None).await;
    mirror.secondary.mend();
    mirror.secondary.delete(&key("f")).await.expect("it is lost");
    mirror.store.copy(&key("f"), &key("g")).await.expect("a copy").expect("it is there");
    mirror.holds("g", Some(&file)).await;
}

#[tokio::test]
async fn a_delete_that_fails_half_way_can_be_repeated() {
    let mirror = Mirror::new().await;
    put(&mirror.store, "f", &noise(100)).await.expect("a file");
    mirror.primary.fail("delete", PortErrorKind::Unavailable);
    mirror.store.delete(&key("f")).await.expect_err("the primary is away");
    assert_eq!(read(&mirror.store, "f").await, Some(noise(100)), "it is not half deleted");
    mirror.primary.mend();
    mirror.store.delete(&key("f")).await.expect("it can be deleted");
    mirror.holds("f", None).await;
}
