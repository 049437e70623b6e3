//! The repositories keep their contracts, over a database and over a cache before it.

use std::sync::Arc;
use std::time::Duration;

use adstead_backends::{Backend, available};
use adstead_domain::port::{IdGenerator, PortErrorKind};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Ad, Campaign, RawSelection, RawTargeting, ReportFilter, ReportQuery, Role, Targeting, TimeRange, Version,
    Zone,
};
use adstead_infrastructure::cache::{CacheConfig, CacheManager, RedisConfig};
use adstead_infrastructure::database::DatabaseError;
use adstead_infrastructure::repositories::cached::{
    CacheTimes, CachedAccounts, CachedAds, CachedAnalytics, CachedCampaigns, CachedOptimizations,
    CachedPerformance, RepositoryCaches,
};
use adstead_infrastructure::system::UuidV7;
use adstead_testkit::contract::{self, Repositories, Tenant};
use adstead_testkit::{TestClock, build};
use futures::FutureExt;
use jiff::SignedDuration;
use sea_orm::ConnectionTrait;

use super::{Databases, repositories};

fn cached(world: Repositories) -> (Repositories, Arc<CacheManager>) {
    let cache = Arc::new(CacheManager::new(&CacheConfig::in_memory(8 << 20)));
    (cached_by(world, &cache), cache)
}

fn cached_by(world: Repositories, cache: &Arc<CacheManager>) -> Repositories {
    let long = Duration::from_secs(3600);
    let times = CacheTimes { keys: long, campaigns: long, ads: long, reports: long };
    let caches = RepositoryCaches::new(Arc::clone(cache), times).expect("times in range");
    let (ads, campaigns) = (caches.ads.clone(), caches.campaigns.clone());
    Repositories {
        accounts: Arc::new(CachedAccounts::new(world.accounts, caches.clone())),
        campaigns: Arc::new(CachedCampaigns::new(world.campaigns, campaigns.clone())),
        ads: Arc::new(CachedAds::new(world.ads, ads.clone())),
        performance: Arc::new(CachedPerformance::new(world.performance, Arc::clone(cache))),
        analytics: Arc::new(CachedAnalytics::new(world.analytics, caches.reports)),
        optimizations: Arc::new(CachedOptimizations::new(world.optimizations, ads, campaigns)),
        ..world
    }
}

/// What all caches hold in memory, in bytes.
fn bytes(cache: &CacheManager) -> u64 {
    cache.stats().caches.iter().filter_map(|stats| stats.memory).map(|level| level.bytes).sum()
}

/// Loads and hits in memory of the cache of that name.
fn counts(cache: &CacheManager, name: &str) -> (u64, u64) {
    let stats = cache.stats();
    let stats = stats.caches.iter().find(|stats| stats.name == name).expect("a cache of that name");
    (stats.loads, stats.memory.map_or(0, |level| level.hits))
}

#[tokio::test]
async fn the_repositories_keep_their_contracts_on_each_engine() {
    for databases in Databases::on_each_engine() {
        contract::repositories(databases.label(), async || repositories(databases.migrated().await)).await;
    }
}

#[tokio::test]
async fn the_cached_repositories_keep_their_contracts_on_each_engine() {
    for databases in Databases::on_each_engine() {
        let label = format!("{}, cached", databases.label());
        contract::repositories(&label, async || cached(repositories(databases.migrated().await)).0).await;
    }
}

#[tokio::test]
async fn the_cached_repositories_keep_their_contracts_over_redis() {
    let Some(redis) = available(Backend::Redis) else { return };
    let databases = Databases::new();
    // Without a level in memory, so that all that is read twice comes from Redis.
    let make = async || {
        let namespace = format!("test-{}", UuidV7.next());
        let config = CacheConfig::in_memory(0).with_redis(RedisConfig::new(redis.url()).namespace(namespace));
        let cache = CacheManager::connect(&config).await.expect("a usable configuration");
        cached_by(repositories(databases.migrated().await), &Arc::new(cache))
    };
    contract::repositories("SQLite, cached in Redis", make).await;
}

#[tokio::test]
async fn an_ad_is_read_from_the_database_once() {
    let databases = Databases::new();
    let (world, cache) = cached(repositories(databases.migrated().await));
    let ad = world.tenant().await.ad;
    for _ in 0..3 {
        assert_eq!(world.ads.get(ad.account_id, ad.id).await.expect("an ad can be read").as_ref(), Some(&ad));
    }
    assert_eq!(counts(&cache, "ads"), (1, 2));
    let renamed = Ad { name: build::parsed("Second try"), ..ad };
    assert_eq!(world.ads.update(&renamed, &[]).await.expect("an ad can be updated"), Version::new(2));
    let read = world.ads.get(renamed.account_id, renamed.id).await.expect("an ad can be read");
    assert_eq!(read.map(|ad| ad.name), Some(renamed.name));
}

#[tokio::test]
async fn a_write_whose_caller_gave_up_still_outdates_the_cache() {
    let databases = Databases::new();
    let (world, _) = cached(repositories(databases.migrated().await));
    let ad = world.tenant().await.ad;
    world.ads.get(ad.account_id, ad.id).await.expect("an ad can be read");
    let renamed = Ad { name: build::parsed("Second try"), ..ad };
    let update = world.ads.update(&renamed, &[]);
    assert!(update.now_or_never().is_none(), "the update was begun and not waited for");
    let name = async || {
        let ad = world.ads.get(renamed.account_id, renamed.id).await.expect("an ad can be read");
        ad.expect("the ad is there").name
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while name().await != renamed.name {
        assert!(tokio::time::Instant::now() < deadline, "the old ad is still served");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_campaign_is_read_from_the_database_once() {
    let databases = Databases::new();
    let (world, cache) = cached(repositories(databases.migrated().await));
    let campaign = world.tenant().await.campaign;
    let read = async || {
        let read = world.campaigns.get(campaign.account_id, campaign.id).await;
        read.expect("a campaign can be read").expect("the campaign is there")
    };
    for _ in 0..3 {
        assert_eq!(read().await, campaign);
    }
    assert_eq!(counts(&cache, "campaigns"), (1, 2));
    let renamed = Campaign { name: build::parsed("Summer sale"), ..campaign.clone() };
    let version = world.campaigns.update(&renamed, &[]).await.expect("a campaign can be updated");
    assert_eq!(read().await, Campaign { version, ..renamed });
    assert_eq!(counts(&cache, "campaigns").0, 2);
}

#[tokio::test]
async fn a_campaign_that_could_not_be_written_is_read_anew() {
    let databases = Databases::new();
    let stored = repositories(databases.migrated().await);
    let (world, _) = cached(stored.clone());
    let campaign = world.tenant().await.campaign;
    let read = async || {
        let read = world.campaigns.get(campaign.account_id, campaign.id).await;
        read.expect("a campaign can be read").expect("the campaign is there")
    };
    read().await;
    let elsewhere = Campaign { name: build::parsed("Summer sale"), ..campaign.clone() };
    stored.campaigns.update(&elsewhere, &[]).await.expect("another node can update it");
    assert_eq!(read().await, campaign, "nobody told this node");

    let stale = world.campaigns.update(&campaign, &[]).await.expect_err("it is at another version");
    assert_eq!(stale.kind, PortErrorKind::Stale);
    assert_eq!(read().await.name, elsewhere.name);
    let twice = world.campaigns.insert(&campaign, &[]).await.expect_err("the id is taken");
    assert_eq!(twice.kind, PortErrorKind::Conflict);
    assert_eq!(read().await.name, elsewhere.name);
}

#[tokio::test]
async fn an_update_of_a_campaign_whose_caller_gave_up_still_outdates_the_cache() {
    let databases = Databases::new();
    let (world, _) = cached(repositories(databases.migrated().await));
    let campaign = world.tenant().await.campaign;
    world.campaigns.get(campaign.account_id, campaign.id).await.expect("a campaign can be read");
    let renamed = Campaign { name: build::parsed("Summer sale"), ..campaign };
    let update = world.campaigns.update(&renamed, &[]);
    assert!(update.now_or_never().is_none(), "the update was begun and not waited for");
    let name = async || {
        let read = world.campaigns.get(renamed.account_id, renamed.id).await;
        read.expect("a campaign can be read").expect("the campaign is there").name
    };
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while name().await != renamed.name {
        assert!(tokio::time::Instant::now() < deadline, "the old campaign is still served");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_run_that_was_applied_outdates_its_ad_and_its_campaign() {
    let databases = Databases::new();
    let (world, _) = cached(repositories(databases.migrated().await));
    let Tenant { ad, campaign, .. } = world.tenant().await;
    let run = build::optimization_run(&ad);
    world.optimizations.insert(&run).await.expect("a run can be stored");
    let names = async || {
        let ad = world.ads.get(ad.account_id, ad.id).await.expect("an ad can be read");
        let campaign =
            world.campaigns.get(campaign.account_id, campaign.id).await.expect("a campaign can be read");
        (ad.expect("the ad is there").name, campaign.expect("the campaign is there").name)
    };
    assert_eq!(names().await, (ad.name.clone(), campaign.name.clone()));
    let paused = Ad { name: build::parsed("Second try"), ..ad.clone() };
    let cheaper = Campaign { name: build::parsed("Summer sale"), ..campaign.clone() };
    let applied = world.optimizations.apply(&run, Some(&paused), Some(&cheaper), &[]).await;
    applied.expect("a run can be applied");
    assert_eq!(names().await, (paused.name, cheaper.name));
}

#[tokio::test]
async fn events_whose_sender_gave_up_still_outdate_reports() {
    let databases = Databases::new();
    let (world, _) = cached(repositories(databases.migrated().await));
    let tenant = world.tenant().await;
    let query = everything_in_total();
    let account = tenant.account.id;
    let rows = async || {
        let figures = world.analytics.report(account, &query, TestClock::START).await;
        figures.expect("a report can be read").rows
    };
    assert_eq!(rows().await, []);
    let recording = world.performance.record(account, build::batch([build::event(&tenant.ad)]));
    assert!(recording.now_or_never().is_none(), "the recording was begun and not waited for");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while rows().await.is_empty() {
        assert!(tokio::time::Instant::now() < deadline, "the old report is still served");
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_report_that_was_kept_is_as_old_as_when_it_was_read() {
    let databases = Databases::new();
    let (world, cache) = cached(repositories(databases.migrated().await));
    let tenant = world.tenant().await;
    let query = everything_in_total();
    let read = async |second| {
        let now = TestClock::START + SignedDuration::from_secs(second);
        let figures = world.analytics.report(tenant.account.id, &query, now).await;
        figures.expect("a report can be read").read_at.duration_since(TestClock::START).as_secs()
    };
    assert_eq!((read(0).await, read(12).await, counts(&cache, "reports").0), (0, 0, 1));
    // Another node's clock is behind that of the one that read it.
    assert_eq!(read(-3).await, -3);
    let recorded = world.performance.record(tenant.account.id, build::batch([build::event(&tenant.ad)]));
    recorded.await.expect("events can be recorded");
    assert_eq!((read(40).await, read(50).await, counts(&cache, "reports").0), (40, 40, 2));
}

#[tokio::test]
async fn an_ad_weighs_in_the_cache_what_it_holds() {
    let databases = Databases::new();
    let (world, cache) = cached(repositories(databases.migrated().await));
    let tenant = world.tenant().await;
    let grown = async |ad: &Ad| {
        let before = bytes(&cache);
        world.ads.get(ad.account_id, ad.id).await.expect("an ad can be read");
        bytes(&cache) - before
    };
    let mut wordy = build::ad(&tenant.group, &tenant.campaign);
    wordy.content.copy.headlines.push("x".repeat(20_000));
    world.ads.insert_all(std::slice::from_ref(&wordy), &[]).await.expect("an ad can be stored");
    let (plain, long) = (grown(&tenant.ad).await, grown(&wordy).await);
    assert!(long >= plain + 20_000, "{plain} and {long} bytes");
}

#[tokio::test]
async fn a_campaign_weighs_in_the_cache_what_it_holds() {
    let databases = Databases::new();
    let (world, cache) = cached(repositories(databases.migrated().await));
    let Tenant { user, campaign, .. } = world.tenant().await;
    let grown = async |campaign: &Campaign| {
        let before = bytes(&cache);
        world.campaigns.get(campaign.account_id, campaign.id).await.expect("a campaign can be read");
        bytes(&cache) - before
    };
    let keywords: Vec<_> = (100..400).map(|number| format!("{number}{}", "x".repeat(57))).collect();
    let keywords = RawSelection { include: keywords, exclude: Vec::new() };
    let targeting = Targeting::parse(&RawTargeting { keywords, ..RawTargeting::default() });
    let targeting = targeting.expect("a valid audience");
    let choosy = Campaign { targeting, ..build::campaign(&user) };
    world.campaigns.insert(&choosy, &[]).await.expect("a campaign can be stored");
    let (plain, long) = (grown(&campaign).await, grown(&choosy).await);
    assert!(long >= plain + 300 * 60, "{plain} and {long} bytes");
}

#[tokio::test]
async fn nobody_waits_for_the_writer_to_note_that_a_key_was_used() {
    let databases = Databases::new();
    let database = databases.migrated().await;
    let stored = repositories(Arc::clone(&database));
    let (world, _) = cached(stored.clone());
    let user = world.newcomer().await;
    let key = build::api_key(&user, Role::Editor);
    world.accounts.insert_key(&key).await.expect("a key can be stored");
    let last_use = async |world: &Repositories| {
        let key = world.accounts.key_by_digest(&key.digest).await.expect("a key can be read");
        key.expect("the key is there").last_used_at
    };
    let at = TestClock::START;
    database
        .transaction(async |_| {
            world.accounts.note_key_use(key.id, at).await.expect("a use can be noted");
            assert_eq!((last_use(&world).await, last_use(&stored).await), (Some(at), None));
            Ok::<_, DatabaseError>(())
        })
        .await
        .expect("a transaction that waits for nobody");
    let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
    while last_use(&stored).await != Some(at) {
        assert!(tokio::time::Instant::now() < deadline, "the use is not written");
        tokio::task::yield_now().await;
    }
    assert_eq!(last_use(&world).await, Some(at));
}

#[tokio::test]
async fn a_row_that_nobody_can_have_stored_is_told_as_corrupt() {
    let databases = Databases::new();
    let database = databases.migrated().await;
    let world = repositories(Arc::clone(&database));
    let ad = world.tenant().await.ad;
    database
        .transaction(async |tx| {
            tx.execute_unprepared("UPDATE ads SET reviews = '[{'").await?;
            Ok::<_, DatabaseError>(())
        })
        .await
        .expect("a table can be written to");
    let error = world.ads.get(ad.account_id, ad.id).await.expect_err("the row does not parse");
    assert_eq!((error.kind, error.operation), (PortErrorKind::Corrupt, "ads.get"));
    assert_eq!(
        chain(&error),
        "ads.get failed: the answer could not be understood\n\
         the database holds what cannot be understood\n\
         the column ads.reviews does not parse\n\
         EOF while parsing an object at line 1 column 2"
    );
}

#[tokio::test]
async fn an_ad_of_another_account_s_group_is_refused_by_the_schema() {
    let databases = Databases::new();
    let world = repositories(databases.migrated().await);
    let (ours, theirs) = (world.tenant().await, world.tenant().await);
    let stray = Ad { account_id: ours.account.id, ..build::ad(&theirs.group, &theirs.campaign) };
    let error = world.ads.insert_all(&[stray], &[]).await.expect_err("the group is of another account");
    assert_eq!(error.kind, PortErrorKind::Rejected);
}

/// All that happens to the account on two days.
fn everything_in_total() -> ReportQuery {
    let long = SignedDuration::from_hours(24);
    ReportQuery {
        range: TimeRange::new(TestClock::START - long, TestClock::START + long).expect("a range"),
        zone: Zone::utc(),
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    }
}

/// An error and its causes, a line each.
fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join("\n")
}
