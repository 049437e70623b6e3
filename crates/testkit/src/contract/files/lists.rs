use std::collections::BTreeSet;

use adstead_domain::port::{FileKey, FileStore, PortErrorKind};
use futures::future::join_all;
use jiff::Timestamp;

use super::{assert_nothing_is_left, content_at, named, noise, put_at};

/// Files in folders whose names begin alike, and the keys of those below `assets/0199`.
async fn filled(store: &dyn FileStore) -> (BTreeSet<FileKey>, BTreeSet<FileKey>) {
    let below = (0..25).map(|index| named(&format!("assets/0199/{index:03}"))).collect::<BTreeSet<_>>();
    let deeper = named("assets/0199/deep/er/file.png");
    let others = ["assets/0199", "assets/01990/a", "assets/019/b", "top", "renditions/0199/c"].map(named);
    let below = below.into_iter().chain([deeper]).collect::<BTreeSet<_>>();
    let all = below.iter().cloned().chain(others).collect::<BTreeSet<_>>();
    for stored in
        join_all(all.iter().map(async |key| put_at(store, key, &noise(key.as_str().len())).await)).await
    {
        stored.expect("a file");
    }
    (all, below)
}

async fn listed(store: &dyn FileStore, prefix: Option<&FileKey>, limit: u16) -> Vec<FileKey> {
    let (mut keys, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = store.list(prefix, cursor.as_deref(), limit).await.expect("files can be listed");
        assert!(page.files.len() <= usize::from(limit), "a page has {limit} files at most");
        for file in &page.files {
            assert!(file.stored_bytes > 0, "{} takes room", file.key);
            assert!(file.modified_at.as_second() > 1_600_000_000, "{} was stored today", file.key);
        }
        keys.extend(page.files.into_iter().map(|file| file.key));
        cursor = page.next;
        if cursor.is_none() {
            return keys;
        }
        assert!(keys.len() < 1_000, "the list has an end");
    }
}

pub(super) async fn a_list_holds_each_file_below_its_prefix_once(store: &dyn FileStore) {
    let (_, below) = filled(store).await;
    for limit in [1, 7, 26, 1_000] {
        let keys = listed(store, Some(&named("assets/0199")), limit).await;
        assert_eq!(keys.len(), 26, "each once, in pages of {limit}");
        assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), below);
    }
    assert_eq!(listed(store, Some(&named("assets/nothing")), 10).await, []);
}

pub(super) async fn a_list_of_all_holds_all(store: &dyn FileStore) {
    assert_nothing_is_left(store).await;
    let (all, _) = filled(store).await;
    for limit in [4, 1_000] {
        let keys = listed(store, None, limit).await;
        assert_eq!(keys.len(), all.len(), "each once, in pages of {limit}");
        assert_eq!(keys.into_iter().collect::<BTreeSet<_>>(), all);
    }
}

pub(super) async fn a_strange_cursor_is_refused(store: &dyn FileStore) {
    filled(store).await;
    for cursor in ["../..", "\u{0}", "a b"] {
        let outcome = store.list(None, Some(cursor), 10).await;
        assert_eq!(outcome.expect_err("no cursor").kind, PortErrorKind::Rejected, "{cursor:?}");
    }
}

pub(super) async fn deleting_many_deletes_all(store: &dyn FileStore) {
    let (all, below) = filled(store).await;
    let mut doomed = below.iter().cloned().collect::<Vec<_>>();
    doomed.push(named("never/there"));
    store.delete_many(&doomed).await.expect("files can be deleted");
    let left = all.difference(&below).cloned().collect::<BTreeSet<_>>();
    assert_eq!(listed(store, None, 1_000).await.into_iter().collect::<BTreeSet<_>>(), left);
    store.delete_many(&[]).await.expect("nothing to do");
}

pub(super) async fn what_was_never_ended_is_counted(store: &dyn FileStore) {
    let whole = named("whole");
    put_at(store, &whole, &noise(100)).await.expect("a file");
    let far = Timestamp::from_second(4_000_000_000).expect("an instant");
    for remove in [false, true] {
        let unfinished = store.unfinished(far, remove).await.expect("it can be counted");
        assert_eq!(unfinished.files, 0, "a whole file is not unfinished");
    }
    assert_eq!(content_at(store, &whole).await.map(|content| content.len()), Some(100));
}
