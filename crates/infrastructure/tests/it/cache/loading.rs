//! Loading what is not there.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_domain::port::{PortError, PortErrorKind};
use adstead_infrastructure::cache::LoadError;
use adstead_testkit::cases;
use adstead_testkit::contract::Case;
use futures::future::join_all;
use tokio::task::yield_now;

use super::subject::{Held, MINUTE, Subject, get, load, minute, unavailable, until};

pub(super) const CASES: &[Case<Subject>] = cases![
    a_thousand_concurrent_misses_run_one_load,
    a_failed_load_is_shared_but_not_kept,
    a_load_that_takes_too_long_is_given_up,
    a_load_goes_on_where_its_caller_is_cancelled,
    a_load_that_panics_panics_its_callers_and_nobody_else,
    that_there_is_nothing_is_remembered_for_its_own_time_only,
    that_there_is_nothing_is_forgotten_once_something_is_set,
    a_look_up_that_may_find_nothing_shares_no_load_with_one_that_may_not,
    all_that_is_missing_is_loaded_at_once,
    a_load_of_many_waits_for_loads_under_way,
];

async fn a_thousand_concurrent_misses_run_one_load(subject: &Subject) {
    let numbers = subject.numbers();
    let loads = Arc::new(AtomicU64::new(0));
    let readers = (0..1000).map(|_| {
        let (numbers, loads) = (numbers.clone(), Arc::clone(&loads));
        tokio::spawn(async move {
            let load = move || async move {
                loads.fetch_add(1, Ordering::SeqCst);
                yield_now().await;
                Ok::<_, PortError>(7_u32)
            };
            *numbers.get_or_load("hot", load).await.expect("a load that works")
        })
    });
    for value in join_all(readers).await {
        assert_eq!(value.expect("a reader ends"), 7);
    }
    assert_eq!(loads.load(Ordering::SeqCst), 1);
    let stats = subject.manager.stats().caches.remove(0);
    assert_eq!((stats.loads, stats.load_time.count()), (1, 1));
}

async fn a_failed_load_is_shared_but_not_kept(subject: &Subject) {
    let numbers = subject.numbers();
    let failing = || async {
        // Until all have come.
        tokio::time::sleep(Duration::from_millis(50)).await;
        Err::<u32, _>(unavailable())
    };
    let attempts = (0..10).map(|_| numbers.get_or_load("a", failing));
    for outcome in join_all(attempts).await {
        let failure = outcome.expect_err("the load fails").during("ads.get");
        assert_eq!(failure.kind, PortErrorKind::Unavailable);
        assert_eq!(failure.retry_after, Some(MINUTE));
        assert_eq!(failure.source.expect("the cause is passed on").to_string(), "connection refused");
    }
    let stats = subject.manager.stats().caches.remove(0);
    assert_eq!((stats.loads, stats.load_failures, stats.waits), (1, 1, 9));
    assert_eq!(load(&numbers, "a", 1).await, 1, "the next caller loads anew");
}

async fn a_load_that_takes_too_long_is_given_up(subject: &Subject) {
    let numbers = subject.named(minute().hard_timeout(Duration::from_millis(20)));
    let outcome = numbers.get_or_load("a", std::future::pending::<Result<u32, PortError>>).await;
    let error = outcome.expect_err("it never ends");
    assert!(matches!(error, LoadError::TimedOut(time) if time == Duration::from_millis(20)), "{error}");
    assert_eq!(error.during("ads.get").kind, PortErrorKind::Timeout);
    assert_eq!(subject.manager.stats().caches[0].load_timeouts, 1);
    assert_eq!(load(&numbers, "a", 1).await, 1);
}

async fn a_load_goes_on_where_its_caller_is_cancelled(subject: &Subject) {
    let numbers = subject.numbers();
    let Held { finish, reader } = Held::begin(&numbers, "a").await;
    reader.abort();
    finish.send(Some(1)).expect("the load waits, though nobody waits for it");
    until("what was loaded is kept", async || get(&numbers, "a").await == Some(1)).await;
}

async fn a_load_that_panics_panics_its_callers_and_nobody_else(subject: &Subject) {
    let numbers = subject.numbers();
    let reader = {
        let numbers = numbers.clone();
        let load = || async { panic!("a bug") };
        tokio::spawn(async move { numbers.get_or_load::<PortError, _, _>("a", load).await })
    };
    assert!(reader.await.expect_err("it panics").is_panic());
    assert_eq!(load(&numbers, "a", 1).await, 1);
}

async fn that_there_is_nothing_is_remembered_for_its_own_time_only(subject: &Subject) {
    let look_up = async |numbers: &adstead_infrastructure::cache::Cache<u32>, found: Option<u32>| {
        let load = move || async move { Ok::<_, PortError>(found) };
        numbers.get_or_load_optional("a", load).await.expect("a load that works").as_deref().copied()
    };
    let numbers = subject.numbers();
    assert_eq!(look_up(&numbers, None).await, None);
    assert_eq!(look_up(&numbers, Some(1)).await, Some(1), "by default it is not remembered at all");
    numbers.delete("a").await;

    let numbers = subject.named(minute().negative_for(MINUTE / 6));
    assert_eq!(look_up(&numbers, None).await, None);
    until("it is remembered", async || {
        look_up(&numbers, None).await.is_none() && {
            let before = subject.manager.stats().caches[0].loads;
            look_up(&numbers, None).await;
            subject.manager.stats().caches[0].loads == before
        }
    })
    .await;
    assert_eq!(look_up(&numbers, Some(2)).await, None);
    assert_eq!(get(&numbers, "a").await, None);
    subject.move_clock(MINUTE / 6);
    assert_eq!(look_up(&numbers, Some(3)).await, Some(3));
}

async fn that_there_is_nothing_is_forgotten_once_something_is_set(subject: &Subject) {
    let numbers = subject.named(minute().negative_for(MINUTE));
    let nothing = || async { Ok::<Option<u32>, PortError>(None) };
    assert!(numbers.get_or_load_optional("a", nothing).await.expect("a load that works").is_none());
    super::subject::set(&numbers, "a", 1).await;
    assert_eq!(get(&numbers, "a").await, Some(1));
}

async fn a_look_up_that_may_find_nothing_shares_no_load_with_one_that_may_not(subject: &Subject) {
    let numbers = subject.named(minute().negative_for(MINUTE));
    let nothing = || async {
        yield_now().await;
        Ok::<Option<u32>, PortError>(None)
    };
    let (absent, present) = tokio::join!(numbers.get_or_load_optional("a", nothing), load(&numbers, "a", 1));
    // Whichever landed first may have been found by the other, where that could make use of it.
    assert!(matches!(absent.expect("a load that works").as_deref(), None | Some(1)));
    assert_eq!(present, 1);
}

async fn all_that_is_missing_is_loaded_at_once(subject: &Subject) {
    let numbers = subject.numbers();
    super::subject::set(&numbers, "b", 2).await;
    let asked: Arc<std::sync::Mutex<Vec<Vec<String>>>> = Arc::default();
    let load = |asked: &Arc<std::sync::Mutex<Vec<Vec<String>>>>| {
        let asked = Arc::clone(asked);
        move |mut keys: Vec<String>| async move {
            keys.sort();
            asked.lock().expect("nobody panicked").push(keys);
            Ok::<_, PortError>(HashMap::from([("a".to_owned(), 1), ("c".to_owned(), 3)]))
        }
    };
    let values = numbers.get_or_load_many(&["a", "b", "c", "a", "d"], load(&asked)).await;
    let values: Vec<_> =
        values.expect("a load that works").iter().map(|value| value.as_deref().copied()).collect();
    assert_eq!(values, [Some(1), Some(2), Some(3), Some(1), None]);
    assert_eq!(*asked.lock().expect("nobody panicked"), [["a", "c", "d"]]);
    until("what was loaded is kept", async || {
        numbers.get_many(&["a", "c"]).await.iter().all(Option::is_some)
    })
    .await;
    let values = numbers.get_or_load_many::<PortError, _, _>(&["a", "b"], |_| async { unreachable!() }).await;
    assert_eq!(values.expect("all is there").len(), 2);
}

async fn a_load_of_many_waits_for_loads_under_way(subject: &Subject) {
    let numbers = subject.numbers();
    let held = Held::begin(&numbers, "a").await;
    let load = |keys: Vec<String>| async move {
        assert_eq!(keys, ["b"]);
        Ok::<_, PortError>(HashMap::from([("b".to_owned(), 2)]))
    };
    let (values, first) = tokio::join!(numbers.get_or_load_many(&["a", "b"], load), async {
        yield_now().await;
        held.end(Some(1)).await
    });
    let values: Vec<_> =
        values.expect("a load that works").iter().map(|value| value.as_deref().copied()).collect();
    assert_eq!((values, first), (vec![Some(1), Some(2)], Some(1)));
}
