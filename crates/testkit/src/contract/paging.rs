//! How lists are read: page by page, to the end.

use std::collections::VecDeque;

use adstead_domain::{Page, PageRequest};
use uuid::Uuid;

/// The page of `limit` things after the one with the id `after`.
pub(super) fn request(limit: u16, after: Option<Uuid>) -> PageRequest {
    PageRequest::new(limit, after).expect("a limit within bounds")
}

/// Asserts that the list has the things with these ids, newest first, whatever the length of its pages.
pub(super) async fn assert_lists<T>(
    mut ids: Vec<Uuid>,
    list: impl AsyncFn(PageRequest) -> Page<T>,
    id: impl Fn(&T) -> Uuid,
) {
    ids.sort_by(|a, b| b.cmp(a));
    for limit in [1, 2, 3, 5, 6, 7, PageRequest::MAX_LIMIT] {
        assert_eq!(read_all(limit, &list, &id, async || {}).await, ids, "pages of {limit}");
    }
}

/// Asserts that nobody who reads the list in pages misses a thing, or sees one twice, while others are added before
/// and behind them. `things` come from the oldest to the newest.
pub(super) async fn assert_steady<T>(
    things: Vec<T>,
    insert: impl AsyncFn(&T),
    list: impl AsyncFn(PageRequest) -> Page<T>,
    id: impl Fn(&T) -> Uuid,
) {
    let mut there = Vec::new();
    let mut to_come = VecDeque::new();
    for (index, thing) in things.into_iter().enumerate() {
        if index % 2 == 0 {
            insert(&thing).await;
            there.push(id(&thing));
        } else {
            to_come.push_back(thing);
        }
    }
    let add_both_ends = async || {
        for thing in [to_come.pop_front(), to_come.pop_back()].into_iter().flatten() {
            insert(&thing).await;
        }
    };
    let seen = read_all(2, &list, &id, add_both_ends).await;
    assert!(seen.is_sorted_by(|newer, older| newer > older), "newest first, each once: {seen:?}");
    let skipped: Vec<_> = there.iter().filter(|id| !seen.contains(id)).collect();
    assert!(skipped.is_empty(), "the pages skipped {skipped:?}");
}

/// The ids of a whole list, read in pages of `limit`; `meanwhile` runs after each page but the last.
async fn read_all<T>(
    limit: u16,
    list: impl AsyncFn(PageRequest) -> Page<T>,
    id: impl Fn(&T) -> Uuid,
    mut meanwhile: impl AsyncFnMut(),
) -> Vec<Uuid> {
    const MOST_PAGES: usize = 100;
    let mut seen = Vec::new();
    let mut after = None;
    for _ in 0..MOST_PAGES {
        let Page { items, next } = list(request(limit, after)).await;
        assert!(items.len() <= usize::from(limit), "a page of {limit} has {} things", items.len());
        seen.extend(items.iter().map(&id));
        if next.is_none() {
            return seen;
        }
        assert_eq!(items.len(), usize::from(limit), "only the last page is shorter than asked for");
        assert_eq!(next, seen.last().copied(), "the next page begins after the last thing of this one");
        after = next;
        meanwhile().await;
    }
    panic!("the list has no end: after {MOST_PAGES} pages of {limit} there was still a next one");
}
