use std::sync::Arc;

use adstead_domain::port::{FileStore, PortErrorKind, Precondition, PutOptions, StoredFile};
use adstead_infrastructure::storage::BackupStorage;
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::contract::{files, run_all};
use tempfile::TempDir;

use super::faulty::Faulty;
use super::{described, faulty, key, listed, local, put, read, temp, try_read};

struct Moving {
    _roots: TempDir,
    primary: Arc<Faulty>,
    backup: Arc<Faulty>,
    store: BackupStorage,
}

impl Moving {
    async fn new() -> Self {
        let roots = temp();
        let (primary, backup) = (faulty(&roots).await, faulty(&roots).await);
        let store = BackupStorage::new(Arc::clone(&primary) as _, Arc::clone(&backup) as _);
        Self { _roots: roots, primary, backup, store }
    }
}

#[tokio::test]
async fn a_backup_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(BackupStorage::new(local(&roots).await, local(&roots).await)) as _;
    run_all("BackupStorage", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn what_the_primary_has_not_is_read_from_the_backup() {
    let moving = Moving::new().await;
    let (old, new) = (noise(100_000), noise(50_000));
    moving.backup.put(&key("f"), in_pieces(&old, 9_000), &described()).await.expect("a file of old");
    assert_eq!(read(&moving.store, "f").await, Some(old.clone()));
    let head = moving.store.head(&key("f")).await.expect("a look").expect("it is there");
    assert_eq!(head.content_type, described().content_type);
    assert_eq!(moving.store.fallbacks(), 2);

    put(&moving.store, "f", &new).await.expect("a new version");
    assert_eq!(read(&*moving.backup, "f").await, Some(old.clone()), "the backup is not written to");
    assert_eq!(read(&moving.store, "f").await, Some(new));
    assert_eq!(moving.store.fallbacks(), 2, "the primary has it");
    moving.primary.go_away();
    assert_eq!(read(&moving.store, "f").await, Some(old));
    assert_eq!(moving.store.fallbacks(), 3);
    moving.primary.fail("get", PortErrorKind::Corrupt);
    let error = try_read(&moving.store, "f", None).await.expect_err("an older version is no answer to that");
    assert_eq!(error.kind, PortErrorKind::Corrupt);
}

#[tokio::test]
async fn a_deleted_file_does_not_come_back() {
    let moving = Moving::new().await;
    for name in ["f", "g", "h"] {
        put(&*moving.backup, name, &noise(100)).await.expect("a file of old");
        put(&moving.store, name, &noise(200)).await.expect("a new version");
    }
    moving.primary.fail("delete", PortErrorKind::Unavailable);
    moving.store.delete(&key("f")).await.expect_err("the primary is away");
    assert_eq!(read(&moving.store, "f").await, Some(noise(200)), "it is not half deleted");
    moving.primary.mend();
    moving.store.delete(&key("f")).await.expect("it can be deleted");
    moving.store.delete_many(&[key("g"), key("h")]).await.expect("they can be deleted");
    for name in ["f", "g", "h"] {
        assert_eq!(read(&moving.store, name).await, None);
    }
}

#[tokio::test]
async fn a_list_is_the_union_of_both() {
    let moving = Moving::new().await;
    for index in 0..20 {
        if index % 2 == 0 {
            put(&*moving.backup, &format!("files/{index:02}"), &noise(100)).await.expect("a file");
        }
        if index % 3 == 0 {
            put(&*moving.primary, &format!("files/{index:02}"), &noise(100)).await.expect("a file");
        }
    }
    let expected = (0..20)
        .filter(|index| index % 2 == 0 || index % 3 == 0)
        .map(|index| format!("files/{index:02}"))
        .collect::<Vec<_>>();
    for limit in [1, 3, 7, 100] {
        assert_eq!(listed(&moving.store, limit).await, expected, "in pages of {limit}");
    }
    let strange =
        moving.store.list(None, Some("files/00"), 10).await.expect_err("a cursor of one side alone");
    assert_eq!(strange.kind, PortErrorKind::Rejected);
}

#[tokio::test]
async fn conditions_hold_of_both() {
    let moving = Moving::new().await;
    let seen = put(&*moving.backup, "f", &noise(100)).await.expect("a file of old");
    let put_if = async |condition| {
        let options = PutOptions { condition, ..PutOptions::default() };
        moving.store.put(&key("f"), in_pieces(&noise(200), 10), &options).await
    };
    let kind = |outcome: Result<StoredFile, _>| -> PortErrorKind {
        let error: adstead_domain::port::PortError = outcome.expect_err("the condition does not hold");
        error.kind
    };
    assert_eq!(kind(put_if(Precondition::Absent).await), PortErrorKind::Conflict);
    let other = put(&*moving.backup, "g", &noise(100)).await.expect("a file of old").tag;
    assert_eq!(kind(put_if(Precondition::Matches(other)).await), PortErrorKind::Stale);
    let stored = put_if(Precondition::Matches(seen.tag.clone())).await.expect("it is the file that was seen");
    assert_eq!(kind(put_if(Precondition::Matches(seen.tag)).await), PortErrorKind::Stale);
    put_if(Precondition::Matches(stored.tag)).await.expect("it is the file that was seen");
}

#[tokio::test]
async fn a_file_of_the_backup_is_copied_to_the_primary() {
    let moving = Moving::new().await;
    let file = noise(100_000);
    moving.backup.put(&key("f"), in_pieces(&file, 9_000), &described()).await.expect("a file of old");
    for name in ["g", "f"] {
        let stored = moving.store.copy(&key("f"), &key(name)).await.expect("a copy").expect("it is there");
        assert_eq!(stored.size_bytes, 100_000);
        assert_eq!(read(&*moving.primary, name).await, Some(file.clone()));
        let head = moving.primary.head(&key(name)).await.expect("a look").expect("it is there");
        assert_eq!((head.content_type, head.metadata), (described().content_type, described().metadata));
    }
    assert_eq!(moving.store.copy(&key("x"), &key("y")).await.expect("nothing to copy"), None);
}

#[tokio::test]
async fn a_move_does_not_replace_what_was_stored_meanwhile() {
    let moving = Moving::new().await;
    put(&*moving.backup, "f", &noise(100)).await.expect("a file of old");
    let primary = Arc::clone(&moving.primary);
    moving.primary.meanwhile("put", async move {
        put(&*primary, "f", &noise(200)).await.expect("a new version");
    });
    let stored = moving.store.copy(&key("f"), &key("f")).await.expect("a move").expect("it is there");
    assert_eq!(stored.size_bytes, 200);
    assert_eq!(read(&moving.store, "f").await, Some(noise(200)));
}
