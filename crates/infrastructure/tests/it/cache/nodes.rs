//! Several nodes over one Redis.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adstead_backends::{Backend, available};
use adstead_domain::port::PortError;
use adstead_infrastructure::cache::{Cache, Levels};
use adstead_testkit::cases;
use adstead_testkit::contract::{Case, run_all};

use super::subject::{Held, MINUTE, SECOND, SetUp, Subject, get, load, minute, set, until};

const CASES: &[Case<Subject>] = cases![
    what_one_node_keeps_another_finds,
    a_write_reaches_the_memory_of_other_nodes,
    an_invalidation_reaches_the_memory_of_other_nodes,
    what_is_kept_in_memory_only_is_dropped_elsewhere_as_well,
    a_load_of_one_node_does_not_overwrite_what_another_wrote_meanwhile,
    a_load_of_one_node_is_outdated_by_an_invalidation_of_another,
    a_new_node_knows_what_was_invalidated_before_it_came,
    with_a_lock_one_node_loads_and_the_others_wait_for_it,
    a_lock_whose_holder_died_holds_nobody_up_for_long,
    a_key_that_is_written_by_all_ends_up_the_same_everywhere,
];

#[tokio::test(flavor = "multi_thread")]
async fn nodes_over_one_redis_agree() {
    let Some(server) = available(Backend::Redis) else { return };
    let set_up = SetUp::Both(server.url());
    run_all("CacheManager on both", "Cache: nodes", CASES, async || Arc::new(Subject::new(&set_up).await))
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_over_one_cluster_agree() {
    let Some(server) = available(Backend::RedisCluster) else { return };
    let set_up = SetUp::Both(server.url());
    run_all("CacheManager on a cluster", "Cache: nodes", CASES, async || {
        Arc::new(Subject::new(&set_up).await)
    })
    .await;
}

async fn what_one_node_keeps_another_finds(one: &Subject) {
    let other = one.another().await;
    set(&one.numbers(), "a", 1).await;
    assert_eq!(get(&other.numbers(), "a").await, Some(1));
    assert_eq!(load(&one.numbers(), "b", 2).await, 2);
    until("it is passed on", async || get(&other.numbers(), "b").await == Some(2)).await;
}

async fn a_write_reaches_the_memory_of_other_nodes(one: &Subject) {
    let other = one.another().await;
    let (ours, theirs) = (one.numbers(), other.numbers());
    set(&ours, "a", 1).await;
    assert_eq!(get(&theirs, "a").await, Some(1));
    set(&ours, "a", 2).await;
    until("the new value is seen", async || get(&theirs, "a").await == Some(2)).await;
    ours.delete("a").await;
    until("it is gone", async || get(&theirs, "a").await.is_none()).await;
}

async fn an_invalidation_reaches_the_memory_of_other_nodes(one: &Subject) {
    let other = one.another().await;
    let (ours, theirs) = (one.named(minute().tag("account:1")), other.named(minute().tag("account:1")));
    for invalidation in ["tag", "soon", "prefix", "clear", "sweep"] {
        set(&theirs, "1:a", 1).await;
        assert_eq!(get(&theirs, "1:a").await, Some(1));
        match invalidation {
            "tag" => one.invalidate("account:1").await,
            "soon" => one.manager.invalidate_tag_soon("account:1").expect("a tag in bounds"),
            "prefix" => one.manager.invalidate_prefix("numbers:1:").await.expect("a registered prefix"),
            "clear" => one.manager.clear().await,
            _ => drop(one.manager.sweep("numbers:1:*", |_| ()).await.expect("a sweep that ends")),
        }
        assert_eq!(get(&ours, "1:a").await, None, "after {invalidation}");
        until(invalidation, async || get(&theirs, "1:a").await.is_none()).await;
    }
}

async fn what_is_kept_in_memory_only_is_dropped_elsewhere_as_well(one: &Subject) {
    let other = one.another().await;
    let (ours, theirs) =
        (one.named(minute().levels(Levels::Memory)), other.named(minute().levels(Levels::Memory)));
    set(&theirs, "a", 1).await;
    assert_eq!(get(&ours, "a").await, None, "it stays where it is");
    ours.delete("a").await;
    until("it is dropped", async || get(&theirs, "a").await.is_none()).await;
}

async fn a_load_of_one_node_does_not_overwrite_what_another_wrote_meanwhile(one: &Subject) {
    let other = one.another().await;
    let (ours, theirs) = (one.numbers(), other.numbers());
    for write in ["set", "delete"] {
        let held = Held::begin(&ours, "a").await;
        match write {
            "set" => set(&theirs, "a", 2).await,
            _ => theirs.delete("a").await,
        }
        held.end(Some(1)).await;
        let expected = (write == "set").then_some(2);
        until(write, async || get(&ours, "a").await == expected && get(&theirs, "a").await == expected).await;
        // What the load brought may come late to Redis; it must not come at all.
        let third = one.another().await;
        assert_eq!(get(&third.numbers(), "a").await, expected, "after {write}");
        theirs.delete("a").await;
        until("all begins anew", async || get(&ours, "a").await.is_none()).await;
    }
}

async fn a_load_of_one_node_is_outdated_by_an_invalidation_of_another(one: &Subject) {
    let other = one.another().await;
    let tagged = || minute().tag("account:1");
    let (ours, theirs) = (one.named(tagged()), other.named(tagged()));
    let held = Held::begin(&ours, "a").await;
    other.invalidate("account:1").await;
    held.end(Some(1)).await;
    assert_eq!(get(&theirs, "a").await, None);
    until("it is outdated here as well", async || get(&ours, "a").await.is_none()).await;
    let third = one.another().await;
    assert_eq!(get(&third.named(tagged()), "a").await, None);
}

async fn a_new_node_knows_what_was_invalidated_before_it_came(one: &Subject) {
    let ours = one.named(minute().tag("account:1"));
    set(&ours, "a", 1).await;
    set(&one.numbers(), "b", 2).await;
    one.invalidate("account:1").await;
    let late = one.another().await;
    assert_eq!(get(&late.numbers(), "a").await, None);
    assert_eq!(get(&late.numbers(), "b").await, Some(2));
}

async fn with_a_lock_one_node_loads_and_the_others_wait_for_it(one: &Subject) {
    let nodes = [one.another().await, one.another().await, one.another().await];
    let loads = Arc::new(AtomicU64::new(0));
    let readers = nodes.iter().map(|node| {
        let numbers = node.named(minute().node_lock(10 * SECOND));
        let loads = Arc::clone(&loads);
        async move {
            let load = move || async move {
                loads.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(50)).await;
                Ok::<_, PortError>(7_u32)
            };
            *numbers.get_or_load("a", load).await.expect("a load that works")
        }
    });
    assert_eq!(futures::future::join_all(readers).await, [7, 7, 7]);
    assert_eq!(loads.load(Ordering::SeqCst), 1);
}

async fn a_lock_whose_holder_died_holds_nobody_up_for_long(one: &Subject) {
    let locked = || minute().node_lock(Duration::from_millis(100)).hard_timeout(MINUTE);
    let dead = one.another().await;
    let held = Held::begin(&dead.named(locked()), "a").await;
    assert_eq!(load(&one.named(locked()), "a", 1).await, 1);
    drop(held);
}

async fn a_key_that_is_written_by_all_ends_up_the_same_everywhere(one: &Subject) {
    let nodes = [one.another().await, one.another().await];
    let caches: Vec<Cache<u32>> = nodes.iter().map(Subject::numbers).collect();
    for round in 0..20 {
        let writes =
            (0..8_u32).map(|n| {
                let cache = caches[n as usize % caches.len()].clone();
                async move {
                    if n % 4 == 3 { cache.delete("a").await } else { set(&cache, "a", round * 8 + n).await }
                }
            });
        futures::future::join_all(writes).await;
        until("all see the same", async || {
            let third = one.another().await;
            let stored = get(&third.numbers(), "a").await;
            get(&caches[0], "a").await == stored && get(&caches[1], "a").await == stored
        })
        .await;
    }
}
