use adstead_domain::port::{
    FileStore, FileTag, PortError, PortErrorKind, Precondition, PutOptions, StoredFile, Unsupported,
};
use bytes::Bytes;
use futures::future::join_all;

use super::{assert_nothing_is_left, content, in_pieces, key, noise, put};

async fn put_if(
    store: &dyn FileStore,
    file: &Bytes,
    condition: Precondition,
) -> Result<StoredFile, PortError> {
    let options = PutOptions { condition, ..PutOptions::default() };
    store.put(&key(), in_pieces(file, 3_000), &options).await
}

/// Whether the store can do it; where it cannot, it must say so.
async fn is_supported(
    store: &dyn FileStore,
    has_it: bool,
    condition: Precondition,
    lacks: Unsupported,
) -> bool {
    if !has_it {
        let error = put_if(store, &noise(10), condition).await.expect_err("it cannot");
        assert_eq!(error.kind, PortErrorKind::Rejected);
        let source = error.source.expect("a cause");
        assert_eq!(source.downcast_ref::<Unsupported>(), Some(&lacks));
    }
    has_it
}

async fn can_create_only(store: &dyn FileStore) -> bool {
    let has_it = store.capabilities().create_only;
    is_supported(store, has_it, Precondition::Absent, Unsupported::CreateOnly).await
}

async fn can_match(store: &dyn FileStore) -> bool {
    let has_it = store.capabilities().if_match;
    is_supported(store, has_it, Precondition::Matches(FileTag::new("x")), Unsupported::IfMatch).await
}

pub(super) async fn a_create_only_put_replaces_nothing(store: &dyn FileStore) {
    if !can_create_only(store).await {
        return assert_nothing_is_left(store).await;
    }
    let (old, new) = (noise(9_000), noise(4_000));
    put_if(store, &old, Precondition::Absent).await.expect("the key holds nothing");
    let error = put_if(store, &new, Precondition::Absent).await.expect_err("the key holds a file");
    assert_eq!(error.kind, PortErrorKind::Conflict);
    assert_eq!(content(store).await.as_deref(), Some(&*old));
    store.delete(&key()).await.expect("a file can be deleted");
    put_if(store, &new, Precondition::Absent).await.expect("the key holds nothing any more");
}

pub(super) async fn of_many_create_only_puts_one_wins(store: &dyn FileStore) {
    if !can_create_only(store).await {
        return;
    }
    let files = (0..8).map(|index| noise(10_000 + index)).collect::<Vec<_>>();
    let puts = join_all(files.iter().map(|file| put_if(store, file, Precondition::Absent))).await;
    let (won, lost): (Vec<_>, Vec<_>) = puts.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7));
    for lost in lost {
        assert_eq!(lost.expect_err("it lost").kind, PortErrorKind::Conflict);
    }
    let size = won.into_iter().next().and_then(Result::ok).expect("one won").size_bytes;
    assert_eq!(content(store).await.expect("the winner's file").len() as u64, size);
}

pub(super) async fn a_put_that_matches_replaces_what_was_seen(store: &dyn FileStore) {
    if !can_match(store).await {
        return;
    }
    let absent = put_if(store, &noise(10), Precondition::Matches(FileTag::new("x"))).await;
    assert_eq!(absent.expect_err("nothing to match").kind, PortErrorKind::Stale);
    assert_nothing_is_left(store).await;
    let first = put(store, &noise(9_000)).await.expect("a file");
    let second = put_if(store, &noise(8_000), Precondition::Matches(first.tag.clone())).await;
    second.expect("it is the file that was seen");
    let stale = put_if(store, &noise(7_000), Precondition::Matches(first.tag)).await;
    assert_eq!(stale.expect_err("it was replaced").kind, PortErrorKind::Stale);
    assert_eq!(content(store).await.as_deref(), Some(&*noise(8_000)));
}

pub(super) async fn of_two_puts_that_saw_the_same_file_one_wins(store: &dyn FileStore) {
    if !can_match(store).await {
        return;
    }
    let first = put(store, &noise(9_000)).await.expect("a file");
    let files = (0..6).map(|index| noise(10_000 + index)).collect::<Vec<_>>();
    let replace = |file| put_if(store, file, Precondition::Matches(first.tag.clone()));
    let puts = join_all(files.iter().map(replace)).await;
    let won = puts.iter().flatten().map(|stored| stored.size_bytes).collect::<Vec<_>>();
    assert_eq!(won.len(), 1, "{puts:?}");
    assert_eq!(content(store).await.expect("the winner's file").len() as u64, won[0]);
}
