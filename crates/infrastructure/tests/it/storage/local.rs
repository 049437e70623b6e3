use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{
    FileKey, FileStore, FileStoreExt, PortError, PortErrorKind, PutOptions, Unfinished,
};
use adstead_infrastructure::storage::{FileStorageManager, LocalStorageStrategy};
use adstead_testkit::contract::files::{images_up_to, in_pieces, png, refusal};
use adstead_testkit::contract::{files, run_all};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::future::join_all;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tempfile::TempDir;

use super::{content, key};

const LIMIT: u64 = 4 << 20;

async fn open(root: &Path) -> LocalStorageStrategy {
    LocalStorageStrategy::open(root).await.expect("a folder that can be written to")
}

fn temp() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A new folder that goes when `roots` go.
fn fresh_root(roots: &TempDir) -> PathBuf {
    tempfile::tempdir_in(roots).expect("a temporary folder").keep()
}

/// Everything below `folder` that is a file, bar what the storage keeps for itself.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if !path.ends_with(".layout") && !path.parent().is_some_and(|it| it.ends_with(".locks")) {
            files.push(path);
        }
    }
    files
}

#[tokio::test]
async fn the_local_strategy_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(open(&fresh_root(&roots)).await) as _;
    run_all("LocalStorageStrategy", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn the_manager_keeps_the_contract_of_its_strategy() {
    let roots = temp();
    let make = async || Arc::new(FileStorageManager::new(Arc::new(open(&fresh_root(&roots)).await))) as _;
    run_all("FileStorageManager", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn the_manager_counts_what_passes() {
    let root = temp();
    let manager = FileStorageManager::new(Arc::new(open(root.path()).await));
    let (hero, rules) = (key("hero"), images_up_to(LIMIT));
    manager.put_inspected(&hero, in_pieces(&png(1, 1, 1000), 100), &rules).await.expect("a valid file");
    let broken = stream::iter([Err(PortError::new(PortErrorKind::Rejected, "upload"))]).boxed();
    manager.put(&hero, broken, &PutOptions::default()).await.expect_err("the upload broke off");
    let first = manager.get(&hero, Some(0..100)).await.expect("a readable file").expect("it is there");
    first.bytes.try_collect::<Vec<_>>().await.expect("a readable file");
    manager.head(&hero).await.expect("a look");
    manager.delete(&hero).await.expect("it can be deleted");

    let stats = manager.stats();
    let calls = stats.operations.iter().map(|it| (it.name, it.times.count(), it.errors)).collect::<Vec<_>>();
    let expected =
        [("put", 2, 0), ("get", 1, 0), ("head", 1, 0), ("delete", 1, 0), ("list", 0, 0), ("copy", 0, 0)];
    assert_eq!(calls, expected, "a fault of the sender is no error of the storage");
    assert_eq!((stats.bytes_in, stats.bytes_out), (1000, 100));
}

#[test]
fn no_name_that_leaves_the_root_is_a_key() {
    for name in [
        "",
        ".",
        "..",
        "/",
        "../secret",
        "a/../../b",
        "a/..",
        "/etc/passwd",
        "a//b",
        "a/",
        "./a",
        "..\\secret",
        "a\\b",
        "C:\\x",
        "c:x",
        "%2e%2e/secret",
        "..%2fsecret",
        "a/\0b",
        "a\nb",
        "\u{202e}gnp",
        "．．/x",
        ".lock",
        ".staging/x",
        "~/x",
        "A/B",
        "a b",
        "file:///etc/passwd",
        "\u{feff}a",
    ] {
        assert!(name.parse::<FileKey>().is_err(), "{name:?} should be no key");
    }
    assert!("a".repeat(129).parse::<FileKey>().is_err());
    assert!(vec!["a".repeat(100); 6].join("/").parse::<FileKey>().is_err());
}

#[cfg(unix)]
#[tokio::test]
async fn a_symbolic_link_is_never_followed() {
    let (root, outside) = (temp(), temp());
    let store = open(root.path()).await;
    let secret = outside.path().join("secret");
    fs::write(&secret, "secret").expect("a file outside");
    std::os::unix::fs::symlink(outside.path(), root.path().join("out")).expect("a link to a folder");
    fs::create_dir(root.path().join("@b9")).expect("a folder");
    std::os::unix::fs::symlink(&secret, root.path().join("@b9/link")).expect("a link to a file");

    let rules = images_up_to(LIMIT);
    for key in [key("out/secret"), key("out/new"), key("link")] {
        let put = store.put_inspected(&key, in_pieces(&png(1, 1, 100), 100), &rules).await.map(drop);
        let get = store.get(&key, None).await.map(drop);
        let head = store.head(&key).await.map(drop);
        let delete = store.delete(&key).await.map(drop);
        for outcome in [put, get, head, delete] {
            assert_eq!(outcome.expect_err("a link on the way").kind, PortErrorKind::Corrupt);
        }
    }
    assert_eq!(fs::read(&secret).expect("still there"), b"secret");
    assert_eq!(files_below(outside.path()), [secret]);
}

#[tokio::test]
async fn nothing_is_left_on_the_disk_by_a_put_that_failed() {
    let root = temp();
    let store = open(root.path()).await;
    let rules = images_up_to(1 << 20);
    refusal(store.put_inspected(&key("a"), in_pieces(&png(1, 1, 2 << 20), 10_000), &rules).await);
    refusal(store.put_inspected(&key("b/c"), in_pieces(&Bytes::from_static(b"text"), 10_000), &rules).await);
    assert!(files_below(root.path()).is_empty());
}

#[test]
fn nothing_is_left_on_the_disk_by_a_put_that_was_cancelled() {
    let root = temp();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let store = open(root.path()).await;
        let (hero, rules) = (key("hero"), images_up_to(LIMIT));
        for _ in 0..20 {
            let incoming = in_pieces(&png(1, 1, 3 << 20), 1 << 20).chain(stream::pending()).boxed();
            let mut put = store.put_inspected(&hero, incoming, &rules);
            for _ in 0..3 {
                assert!((&mut put).now_or_never().is_none(), "a put waits for the end of its stream");
                tokio::task::yield_now().await;
            }
        }
    });
    // Dropping the runtime waits for what still runs on the disk.
    drop(runtime);
    assert!(files_below(root.path()).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_concurrent_puts_under_one_key_one_wins_whole() {
    let root = temp();
    let store = open(root.path()).await;
    let (hero, rules) = (key("assets/1/hero"), images_up_to(LIMIT));
    let contenders = (1..=20).map(|width| png(width, 1, 300_000)).collect::<Vec<_>>();
    let puts = contenders.iter().map(|file| store.put_inspected(&hero, in_pieces(file, 7_000), &rules));
    for stored in join_all(puts).await {
        stored.expect("a valid file");
    }
    let winner = content(&store, &hero).await;
    assert!(contenders.iter().any(|file| *file == winner), "the file is one of those that were put");
    assert_eq!(files_below(&root.path().join("assets")).len(), 1);
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_removed_and_what_others_write_stays() {
    let root = temp();
    let running = open(root.path()).await;
    let (hero, rules) = (key("hero"), images_up_to(LIMIT));
    running.put_inspected(&hero, in_pieces(&png(1, 1, 100), 100), &rules).await.expect("a valid file");
    let (pieces, incoming) = mpsc::unbounded();
    let (other, options) = (key("other"), PutOptions::default());
    let mut put = pin!(running.put(&other, incoming.boxed(), &options));
    for _ in 0..2 {
        pieces.unbounded_send(Ok(png(1, 1, 1 << 20))).expect("the put listens");
    }
    while files_below(&root.path().join(".staging")).is_empty() {
        assert!(put.as_mut().now_or_never().is_none(), "a put waits for the end of its stream");
        tokio::task::yield_now().await;
    }
    let left_over = root.path().join(".staging/left-over");
    fs::write(&left_over, "half a file").expect("a left-over");

    let second = open(root.path()).await;
    assert!(!left_over.exists());
    drop(pieces);
    put.await.expect("the other upload goes on");
    for key in [&hero, &other] {
        assert!(second.head(key).await.expect("a look").is_some(), "whole files stay");
    }
}

#[tokio::test]
async fn what_never_ended_is_counted_by_its_age_and_removed_on_request() {
    let root = temp();
    let store = open(root.path()).await;
    let left_over = root.path().join(".staging/left-over");
    fs::write(&left_over, "half a file").expect("a left-over");
    let written = Timestamp::try_from(fs::metadata(&left_over).and_then(|it| it.modified()).expect("a time"));
    let written = written.expect("an instant");
    let younger = store.unfinished(written, true).await.expect("it can be counted");
    assert_eq!((younger, left_over.exists()), (Unfinished::default(), true));
    let later = written.saturating_add(Duration::from_secs(1)).expect("an instant");
    let found = Unfinished { files: 1, bytes: 11 };
    assert_eq!(store.unfinished(later, false).await.expect("it can be counted"), found);
    assert!(left_over.exists());
    assert_eq!(store.unfinished(later, true).await.expect("it can be removed"), found);
    assert!(!left_over.exists());
}

#[tokio::test]
async fn a_root_that_was_filled_before_there_were_shards_is_brought_into_shape() {
    let root = temp();
    fs::create_dir_all(root.path().join("assets/0199")).expect("a folder");
    fs::write(root.path().join("assets/0199/7f2c"), "old").expect("a file of old");
    let store = open(root.path()).await;
    assert_eq!(content(&store, &key("assets/0199/7f2c")).await, b"old");
    assert!(root.path().join("assets/0199/@b0/7f2c").exists());
    drop(store);
    let page = open(root.path()).await.list(None, None, 10).await.expect("files can be listed");
    assert_eq!(page.files.len(), 1);
}

#[tokio::test]
async fn a_root_of_a_newer_version_is_left_alone() {
    let root = temp();
    fs::write(root.path().join(".layout"), "3").expect("a file");
    let error = LocalStorageStrategy::open(root.path()).await.expect_err("nobody knows that layout");
    let cause = error.source().and_then(Error::source).expect("a cause").to_string();
    assert_eq!(cause, "its .layout says `3`: a newer version of Adstead has filled it, use that one");
}

#[tokio::test]
async fn a_root_that_cannot_be_used_is_named() {
    let folder = temp();
    let file = folder.path().join("file");
    fs::write(&file, "").expect("a file");
    let root = file.join("files");
    let error = LocalStorageStrategy::open(&root).await.expect_err("the root would be below a file");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    let cause = error.source().expect("an error with a cause").to_string();
    assert_eq!(
        cause,
        format!(
            "the storage folder {} cannot be used: name a folder that the user who runs adstead may write to",
            root.display()
        )
    );
}
