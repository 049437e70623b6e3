use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use adstead_domain::port::FileCacheStatistics;
use adstead_domain::port::{FileStore, PortError, PortErrorKind};
use adstead_infrastructure::storage::{CachedStorage, FileCacheOptions};
use adstead_testkit::TestClock;
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::contract::{files, run_all};
use futures::{StreamExt, TryStreamExt};
use jiff::SignedDuration;
use tempfile::TempDir;

use super::faulty::Faulty;
use super::{described, faulty, key, local, put, read, temp, try_read};

/// What an entry takes beside its content, at most.
const DESCRIPTION: u64 = 500;

struct Cached {
    _roots: TempDir,
    folder: PathBuf,
    clock: Arc<TestClock>,
    inner: Arc<Faulty>,
    store: CachedStorage,
}

impl Cached {
    async fn new() -> Self {
        Self::with_room(10 << 20).await
    }

    async fn with_room(max_bytes: u64) -> Self {
        let roots = temp();
        let (folder, clock) = (roots.path().join("cache"), Arc::<TestClock>::default());
        let inner = faulty(&roots).await;
        let options = FileCacheOptions { max_bytes, ..options(folder.clone()) };
        let store = CachedStorage::open(Arc::clone(&inner) as _, options, Arc::clone(&clock) as _).await;
        let store = store.expect("a folder that can be written to");
        Self { _roots: roots, folder, clock, inner, store }
    }

    /// The same after a restart, and what was done to the folder meanwhile.
    async fn restarted(self, meanwhile: impl FnOnce(&Path)) -> Self {
        let Self { _roots, folder, clock, inner, store } = self;
        drop(store);
        meanwhile(&folder);
        let store =
            CachedStorage::open(Arc::clone(&inner) as _, options(folder.clone()), clock.clone()).await;
        Self { _roots, folder, clock, inner, store: store.expect("a folder that can be written to") }
    }

    fn entries(&self) -> Vec<PathBuf> {
        entries(&self.folder)
    }

    fn nothing_is_staged(&self) -> bool {
        fs::read_dir(self.folder.join("staging")).expect("a folder").next().is_none()
    }
}

/// The files of the entries in a cache's folder, the oldest first.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let read = fs::read_dir(folder.join("entries")).expect("a folder");
    let mut entries = read.map(|entry| entry.expect("an entry").path()).collect::<Vec<_>>();
    entries.sort_unstable();
    entries
}

fn options(folder: PathBuf) -> FileCacheOptions {
    FileCacheOptions {
        folder,
        max_bytes: 10 << 20,
        max_file_bytes: 1 << 20,
        trust_for: Duration::from_secs(60),
    }
}

#[tokio::test]
async fn a_cache_keeps_the_contract() {
    let roots = temp();
    let make = async || {
        let folder = tempfile::tempdir_in(&roots).expect("a temporary folder").keep();
        let clock = Arc::<TestClock>::default();
        let store = CachedStorage::open(local(&roots).await, options(folder), clock).await;
        Arc::new(store.expect("a folder that can be written to")) as _
    };
    run_all("CachedStorage", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn what_was_read_once_is_served_from_the_cache() {
    let cached = Cached::new().await;
    let file = noise(700_000);
    cached.store.put(&key("f"), in_pieces(&file, 9_000), &described()).await.expect("a file");
    let range = try_read(&cached.store, "f", Some(5..10)).await.expect("a range");
    assert_eq!(range, Some(file.slice(5..10)));
    assert_eq!(cached.store.stats(), FileCacheStatistics { misses: 1, ..Default::default() });
    let first = cached.store.get(&key("f"), None).await.expect("a file").expect("it is there");
    let info = first.info.clone();
    assert!(first.bytes.try_collect::<Vec<_>>().await.expect("a file").concat() == file);

    cached.inner.calls();
    for range in [0..10, 650_000..u64::MAX, 700_000..700_001, 9..9] {
        let found =
            cached.store.get(&key("f"), Some(range.clone())).await.expect("a range").expect("it is there");
        assert_eq!(found.info, info, "the cache tells what the store did");
        let expected = range.start as usize..range.end.min(700_000).max(range.start) as usize;
        assert_eq!(found.range, expected.start as u64..expected.end as u64);
        assert!(found.bytes.try_collect::<Vec<_>>().await.expect("a range").concat() == file[expected]);
    }
    assert_eq!(read(&cached.store, "f").await, Some(file));
    assert_eq!(cached.inner.calls(), [""; 0], "the store is not asked");
    let stats = cached.store.stats();
    assert_eq!((stats.hits, stats.misses, stats.files), (5, 2, 1));
    assert!((700_000..700_000 + DESCRIPTION).contains(&stats.bytes));
}

#[tokio::test]
async fn a_change_behind_its_back_is_noticed_once_trust_is_over() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(100)).await.expect("a file");
    read(&cached.store, "f").await;
    put(&*cached.inner, "f", &noise(200)).await.expect("another node's file");
    cached.clock.advance(SignedDuration::from_secs(60));
    assert_eq!(read(&cached.store, "f").await, Some(noise(100)), "it is trusted");
    cached.clock.advance(SignedDuration::from_secs(1));
    assert_eq!(read(&cached.store, "f").await, Some(noise(200)));
    cached.clock.advance(SignedDuration::from_secs(61));
    cached.inner.calls();
    assert_eq!(read(&cached.store, "f").await, Some(noise(200)));
    assert_eq!(read(&cached.store, "f").await, Some(noise(200)));
    assert_eq!(cached.inner.calls(), ["head"], "it is the same, and trusted again");

    cached.inner.delete(&key("f")).await.expect("it can be deleted");
    cached.clock.advance(SignedDuration::from_secs(61));
    assert_eq!(read(&cached.store, "f").await, None);
    assert_eq!(cached.store.stats().files, 0);
    put(&*cached.inner, "f", &noise(300)).await.expect("another node's file");
    read(&cached.store, "f").await;
    cached.clock.advance(SignedDuration::from_secs(-5));
    cached.inner.calls();
    read(&cached.store, "f").await;
    assert_eq!(cached.inner.calls(), ["head"], "a clock that was set back tells nothing");
}

#[tokio::test]
async fn what_is_cached_is_served_while_the_store_is_away() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(100)).await.expect("a file");
    put(&cached.store, "g", &noise(100)).await.expect("a file");
    read(&cached.store, "f").await;
    cached.clock.advance(SignedDuration::from_hours(9));
    cached.inner.go_away();
    assert_eq!(read(&cached.store, "f").await, Some(noise(100)));
    let head = cached.store.head(&key("f")).await.expect("the cache knows it");
    assert_eq!(head.map(|info| info.size_bytes), Some(100));
    assert_eq!(cached.store.stats().served_unchecked, 2);
    let error = try_read(&cached.store, "g", None).await.expect_err("it is nowhere");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    cached.inner.fail("head", PortErrorKind::Corrupt);
    let error = try_read(&cached.store, "f", None).await.expect_err("the store is there, and not well");
    assert_eq!(error.kind, PortErrorKind::Corrupt);
}

#[tokio::test]
async fn what_is_changed_through_it_is_not_served_in_its_old_version() {
    let cached = Cached::new().await;
    let store = &cached.store;
    for name in ["f", "g", "h", "i"] {
        put(store, name, &noise(100)).await.expect("a file");
        read(store, name).await;
    }
    put(store, "f", &noise(200)).await.expect("a new version");
    store.copy(&key("f"), &key("g")).await.expect("a copy");
    store.delete(&key("h")).await.expect("it can be deleted");
    store.delete_many(&[key("i")]).await.expect("it can be deleted");
    for (name, file) in [("f", Some(noise(200))), ("g", Some(noise(200))), ("h", None), ("i", None)] {
        assert_eq!(read(store, name).await, file, "{name}");
    }
    // Whether a put that fails has stored something is not known.
    put(store, "f", &noise(300)).await.expect("a new version");
    read(store, "f").await;
    cached.inner.fail("put.lost", PortErrorKind::Timeout);
    put(store, "f", &noise(400)).await.expect_err("no answer");
    cached.inner.mend();
    assert_eq!(read(store, "f").await, Some(noise(400)));
}

#[tokio::test]
async fn a_read_that_goes_on_does_not_bring_the_old_version_back() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(500_000)).await.expect("a file");
    let mut old = cached.store.get(&key("f"), None).await.expect("a file").expect("it is there").bytes;
    let start = old.next().await.expect("a first piece").expect("a first piece");
    put(&cached.store, "f", &noise(200)).await.expect("a new version");
    let rest = old.try_collect::<Vec<_>>().await.expect("the old version").concat();
    assert!([&start[..], &rest].concat() == noise(500_000), "who reads it has it whole");
    assert_eq!(cached.store.stats().files, 0);
    assert_eq!(read(&cached.store, "f").await, Some(noise(200)));
    assert_eq!(read(&cached.store, "f").await, Some(noise(200)));
    assert_eq!((cached.store.stats().files, cached.entries().len()), (1, 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_never_sees_a_version_older_than_what_was_stored_before_it_began() {
    let cached = Cached::new().await;
    let version = |number: usize| noise(1_000 + number);
    put(&cached.store, "f", &version(0)).await.expect("a file");
    let (stored, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    let write = async {
        for number in 1..200 {
            put(&cached.store, "f", &version(number)).await.expect("a file");
            stored.store(number, Ordering::SeqCst);
            tokio::task::yield_now().await;
        }
        is_over.store(true, Ordering::SeqCst);
    };
    let reader = async || {
        while !is_over.load(Ordering::SeqCst) {
            let least = stored.load(Ordering::SeqCst);
            let found = read(&cached.store, "f").await.expect("it is there");
            assert!(found.len() - 1_000 >= least, "version {} after {least}", found.len() - 1_000);
            assert!(found == version(found.len() - 1_000));
        }
    };
    futures::join!(write, reader(), reader(), reader(), reader());
    assert_eq!(read(&cached.store, "f").await, Some(version(199)));
    assert!(cached.nothing_is_staged());
}

#[tokio::test]
async fn half_a_read_leaves_no_half_entry() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(500_000)).await.expect("a file");
    let mut given_up = cached.store.get(&key("f"), None).await.expect("a file").expect("it is there").bytes;
    given_up.next().await.expect("a first piece").expect("a first piece");
    let other = cached.store.get(&key("f"), None).await.expect("a file").expect("it is there").bytes;
    assert_eq!(other.try_collect::<Vec<_>>().await.expect("a second reader").concat(), noise(500_000));
    drop(given_up);
    cached.inner.fail("get.later", PortErrorKind::Timeout);
    try_read(&cached.store, "f", None).await.expect_err("the store breaks off");
    assert_eq!((cached.store.stats().files, cached.store.stats().bytes), (0, 0));
    assert!(cached.entries().is_empty() && cached.nothing_is_staged());
    cached.inner.mend();
    read(&cached.store, "f").await;
    assert_eq!(cached.store.stats().files, 1);
}

#[tokio::test]
async fn a_reader_who_knows_the_size_need_not_ask_for_the_end() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(300_000)).await.expect("a file");
    let mut reading = cached.store.get(&key("f"), None).await.expect("a file").expect("it is there").bytes;
    let mut missing = 300_000;
    while missing > 0 {
        missing -= reading.next().await.expect("a piece").expect("a piece").len();
    }
    drop(reading);
    while cached.store.stats().files == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(read(&cached.store, "f").await, Some(noise(300_000)));
    assert_eq!(cached.store.stats().hits, 1);
}

#[tokio::test]
async fn what_was_not_used_for_the_longest_time_makes_room() {
    let cached = Cached::with_room(3 * (100_000 + DESCRIPTION)).await;
    for name in ["a", "b", "c"] {
        put(&cached.store, name, &noise(100_000)).await.expect("a file");
        read(&cached.store, name).await;
    }
    read(&cached.store, "a").await;
    put(&cached.store, "d", &noise(100_000)).await.expect("a file");
    read(&cached.store, "d").await;
    let stats = cached.store.stats();
    assert_eq!((stats.files, stats.evictions), (3, 1));
    cached.inner.calls();
    for name in ["a", "c", "d"] {
        read(&cached.store, name).await;
    }
    assert_eq!(cached.inner.calls(), [""; 0], "b has made room");
    for index in 0..30 {
        let name = format!("many/{index}");
        put(&cached.store, &name, &noise(index * 9_000)).await.expect("a file");
        read(&cached.store, &name).await;
        let on_disk =
            cached.entries().iter().map(|path| fs::metadata(path).expect("an entry").len()).sum::<u64>();
        assert_eq!(on_disk, cached.store.stats().bytes);
        assert!(on_disk <= 3 * (100_000 + DESCRIPTION), "{on_disk}");
    }
    put(&cached.store, "large", &noise((1 << 20) + 1)).await.expect("a file");
    let files = cached.store.stats().files;
    read(&cached.store, "large").await;
    assert_eq!(cached.store.stats().files, files, "it is larger than what is cached");
}

#[tokio::test]
async fn after_a_restart_whole_entries_are_used_and_torn_ones_are_not() {
    let cached = Cached::new().await;
    for name in ["cut", "longer", "changed", "whole"] {
        cached.store.put(&key(name), in_pieces(&noise(50_000), 9_000), &described()).await.expect("a file");
        read(&cached.store, name).await;
    }
    let cached = cached.restarted(|folder| {
        let entries = entries(folder);
        let [cut, longer, changed, whole] = &entries[..] else { panic!("{entries:?}") };
        let change = |path, change: fn(&mut Vec<u8>)| {
            let mut bytes = fs::read(path).expect("an entry");
            change(&mut bytes);
            fs::write(path, bytes).expect("an entry");
        };
        change(cut, |bytes| bytes.truncate(40_000));
        change(longer, |bytes| bytes.push(0));
        change(changed, |bytes| bytes[20] ^= 1);
        fs::copy(whole, whole.with_file_name("00000000000000ff")).expect("a second entry of the same file");
        fs::write(folder.join("staging/left-over"), "half a file").expect("a left-over");
    });
    let cached = cached.await;
    assert!(cached.nothing_is_staged());
    assert_eq!((cached.store.stats().files, cached.entries().len()), (1, 1));
    cached.inner.calls();
    for _ in 0..2 {
        assert_eq!(read(&cached.store, "whole").await, Some(noise(50_000)));
    }
    assert_eq!(cached.inner.calls(), ["head"], "nobody knows what happened while it was away");
    for name in ["cut", "longer", "changed"] {
        assert_eq!(read(&cached.store, name).await, Some(noise(50_000)), "{name}");
    }
    assert_eq!((cached.store.stats().files, cached.entries().len()), (4, 4));
}

#[tokio::test]
async fn a_disk_that_fails_fails_no_read() {
    let cached = Cached::new().await;
    put(&cached.store, "f", &noise(50_000)).await.expect("a file");
    put(&cached.store, "g", &noise(50_000)).await.expect("a file");
    read(&cached.store, "f").await;
    let staging = cached.folder.join("staging");
    fs::remove_dir(&staging).expect("the disk fails");
    fs::remove_file(&cached.entries()[0]).expect("the disk fails");
    for name in ["f", "g"] {
        assert_eq!(read(&cached.store, name).await, Some(noise(50_000)));
    }
    assert_eq!((cached.store.stats().files, cached.store.stats().unkept), (0, 2));
    fs::create_dir(&staging).expect("the disk is mended");
    read(&cached.store, "f").await;
    assert_eq!(cached.store.stats().files, 1);
}

#[tokio::test]
async fn a_folder_has_one_user() {
    let cached = Cached::new().await;
    let open = |folder: PathBuf| {
        CachedStorage::open(Arc::clone(&cached.inner) as _, options(folder), cached.clock.clone())
    };
    let cause = |error: PortError| {
        assert_eq!(error.kind, PortErrorKind::Unavailable);
        let source = error.source.expect("a cause");
        format!("{source}: {}", source.source().expect("a cause"))
    };
    let error = cause(open(cached.folder.clone()).await.map(drop).expect_err("it is in use"));
    let folder = cached.folder.display();
    let expected = format!(
        "the cache folder {folder} cannot be used: name one that the user who runs adstead may write to: another \
         process uses it: give each one its own"
    );
    assert_eq!(error, expected);
    let file = cached.folder.join("lock");
    open(file).await.map(drop).expect_err("that is a file");
}
