//! Old values, and when they are served.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::PortError;
use adstead_infrastructure::cache::{Cache, EntryOptions};
use adstead_testkit::cases;
use adstead_testkit::contract::Case;
use tokio::sync::oneshot;

use super::subject::{Held, MINUTE, SECOND, Subject, get, load, load_in_vain, minute, set, until};

pub(super) const CASES: &[Case<Subject>] = cases![
    where_a_load_fails_the_old_value_is_served_for_a_while_without_another_attempt,
    an_old_value_is_served_no_longer_than_it_is_kept,
    an_invalidated_value_is_not_served_however_much_a_load_fails,
    a_slow_load_is_not_waited_for_where_there_is_an_old_value,
    a_load_before_its_time_is_set_off_by_one_reader_and_waited_for_by_none,
    what_is_gone_is_gone_though_there_is_an_old_value,
    a_value_is_as_old_as_its_load_was_long,
];

fn an_hour_at_need() -> EntryOptions<u32> {
    minute().kept_for(60 * MINUTE).throttle(10 * SECOND)
}

async fn where_a_load_fails_the_old_value_is_served_for_a_while_without_another_attempt(subject: &Subject) {
    let numbers = subject.named(an_hour_at_need());
    set(&numbers, "a", 1).await;
    subject.move_clock(MINUTE);
    assert_eq!(get(&numbers, "a").await, None, "only a failed load makes it served");
    assert_eq!(load_in_vain(&numbers, "a").await.expect("the old value"), 1);
    if subject.config.max_bytes > 0 {
        subject.move_clock(10 * SECOND - Duration::from_millis(1));
        assert_eq!(load(&numbers, "a", 2).await, 1, "nobody tries again yet");
        subject.move_clock(Duration::from_millis(1));
    }
    assert_eq!(load(&numbers, "a", 3).await, 3);
    let stats = subject.manager.stats().caches.remove(0);
    let stale = stats.memory.map_or(0, |level| level.stale) + stats.redis.map_or(0, |level| level.stale);
    assert_eq!(stale, if subject.config.max_bytes > 0 { 2 } else { 1 });
    assert_eq!((stats.loads, stats.load_failures), (2, 1));
}

async fn an_old_value_is_served_no_longer_than_it_is_kept(subject: &Subject) {
    let numbers = subject.named(minute().kept_for(2 * MINUTE).throttle(MINUTE));
    set(&numbers, "a", 1).await;
    subject.move_clock(2 * MINUTE - SECOND);
    assert_eq!(load_in_vain(&numbers, "a").await.expect("the old value"), 1);
    subject.move_clock(SECOND);
    load_in_vain(&numbers, "a").await.expect_err("there is nothing to serve any more");
}

async fn an_invalidated_value_is_not_served_however_much_a_load_fails(subject: &Subject) {
    let numbers = subject.named(an_hour_at_need().tag("account:1"));
    for invalidation in ["tag", "delete", "clear"] {
        set(&numbers, "a", 1).await;
        subject.move_clock(MINUTE);
        match invalidation {
            "tag" => subject.invalidate("account:1").await,
            "delete" => numbers.delete("a").await,
            _ => subject.manager.clear().await,
        }
        load_in_vain(&numbers, "a").await.expect_err("what is outdated is not served");
    }
}

async fn a_slow_load_is_not_waited_for_where_there_is_an_old_value(subject: &Subject) {
    let numbers = subject.named(an_hour_at_need().soft_timeout(Duration::from_millis(20)));
    set(&numbers, "a", 1).await;
    subject.move_clock(MINUTE);
    let Held { finish, reader } = Held::begin(&numbers, "a").await;
    let read = reader.await.expect("the reader ends").expect("the old value");
    assert_eq!(read.as_deref(), Some(&1));
    assert_eq!(load(&numbers, "a", 9).await, if subject.config.max_bytes > 0 { 1 } else { 9 });
    finish.send(Some(2)).expect("the load goes on");
    let ends = if subject.config.max_bytes > 0 { 2 } else { 9 };
    until("what it brought is kept", async || get(&numbers, "a").await == Some(ends)).await;
}

async fn a_load_before_its_time_is_set_off_by_one_reader_and_waited_for_by_none(subject: &Subject) {
    let numbers = subject.named(minute().eager_after(0.5));
    if subject.config.max_bytes == 0 {
        // What is read from Redis each time is nobody's to watch over.
        return;
    }
    set(&numbers, "a", 1).await;
    let loads = Arc::new(AtomicU64::new(0));
    let (finish, finished) = oneshot::channel();
    let finished = Arc::new(tokio::sync::Mutex::new(Some(finished)));
    let read = async |numbers: &Cache<u32>| {
        let (loads, finished) = (Arc::clone(&loads), Arc::clone(&finished));
        let load = move || async move {
            loads.fetch_add(1, Ordering::SeqCst);
            let finished = finished.lock().await.take().expect("one load runs");
            Ok::<_, PortError>(finished.await.expect("the test lets it end"))
        };
        *numbers.get_or_load("a", load).await.expect("a value")
    };
    subject.move_clock(MINUTE / 2 - Duration::from_millis(1));
    assert_eq!(read(&numbers).await, 1);
    subject.move_clock(Duration::from_millis(1));
    assert_eq!((read(&numbers).await, read(&numbers).await, read(&numbers).await), (1, 1, 1));
    until("the load runs", async || loads.load(Ordering::SeqCst) == 1).await;
    finish.send(2).expect("the load waits");
    until("what it brought is kept", async || get(&numbers, "a").await == Some(2)).await;
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

async fn what_is_gone_is_gone_though_there_is_an_old_value(subject: &Subject) {
    let numbers = subject.named(an_hour_at_need());
    set(&numbers, "a", 1).await;
    subject.move_clock(MINUTE);
    let nothing = || async { Ok::<Option<u32>, PortError>(None) };
    let found = numbers.get_or_load_optional("a", nothing).await.expect("a load that works");
    assert_eq!(found, None);
    until("it is gone everywhere", async || load_in_vain(&numbers, "a").await.is_err()).await;
}

async fn a_value_is_as_old_as_its_load_was_long(subject: &Subject) {
    let numbers = subject.numbers();
    let held = Held::begin(&numbers, "a").await;
    subject.move_clock(MINUTE / 4);
    assert_eq!(held.end(Some(1)).await, Some(1));
    until("it is kept", async || get(&numbers, "a").await == Some(1)).await;
    subject.move_clock(MINUTE * 3 / 4);
    assert_eq!(get(&numbers, "a").await, None, "what was read a minute ago is a minute old");
}
