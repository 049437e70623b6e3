//! The contract of [`OptimizationRepository`](adstead_domain::port::OptimizationRepository).

use adstead_domain::optimization::{Action, Applied, Evidence, Rule, Standing};
use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    AccountId, Ad, AdId, AdStatus, Campaign, DomainEvent, Metrics, OptimizationRun, OptimizationRunId, Page,
    PageRequest, Recommendation, TimeRange, Version,
};
use futures::future::join_all;
use uuid::Uuid;

use super::outbox::{assert_dropped, assert_kept};
use super::paging::{assert_lists, assert_steady, request};
use super::samples::{instants, texts};
use super::world::{Tenant, failure};
use super::{Case, Repositories};
use crate::{build, cases};

/// What every `OptimizationRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    recommendations_come_back_as_they_were_stored,
    evidence_comes_back_to_the_last_bit,
    figures_and_range_come_back_as_they_were_stored,
    what_was_applied_comes_back_as_it_was_stored,
    times_come_back_to_the_microsecond,
    an_unknown_run_is_absent,
    another_accounts_run_is_absent,
    another_accounts_run_cannot_be_applied,
    applying_replaces_what_was_stored,
    applying_a_stale_run_writes_nothing,
    applying_an_unknown_run_is_stale,
    of_concurrent_applications_one_wins,
    applying_writes_the_ad_and_the_campaign_too,
    applying_writes_all_or_nothing,
    events_are_kept_with_the_application_or_not_at_all,
    a_list_has_the_runs_of_its_ad_only,
    a_list_without_runs_is_empty,
    pages_neither_skip_nor_repeat,
    pages_neither_skip_nor_repeat_while_runs_are_added,
];

async fn store(world: &Repositories, run: &OptimizationRun) {
    world.optimizations.insert(run).await.expect("a run can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: OptimizationRunId) -> Option<OptimizationRun> {
    world.optimizations.get(account, id).await.expect("a run can be looked up")
}

async fn list(
    world: &Repositories,
    account: AccountId,
    ad: AdId,
    request: PageRequest,
) -> Page<OptimizationRun> {
    world.optimizations.of_ad(account, ad, request).await.expect("runs can be listed")
}

fn uuid(run: &OptimizationRun) -> Uuid {
    run.id.uuid()
}

/// Stores variations of one run and reads each of them back, by its id and in the list of its ad.
async fn assert_come_back(world: &Repositories, vary: impl Fn(&Tenant) -> Vec<OptimizationRun>) {
    let tenant = world.tenant().await;
    let mut runs = vary(&tenant);
    for run in &runs {
        store(world, run).await;
    }
    for run in &runs {
        assert_eq!(stored(world, tenant.account.id, run.id).await.as_ref(), Some(run));
    }
    runs.reverse();
    assert_eq!(list(world, tenant.account.id, tenant.ad.id, PageRequest::default()).await.items, runs);
}

fn applied(tenant: &Tenant) -> Applied {
    let standing = |ad_status, daily_limit_micros| Standing {
        ad_status,
        campaign_id: tenant.campaign.id,
        daily_limit_micros,
    };
    Applied {
        by: tenant.user.id,
        at: instants()[1],
        actions: vec![Action::PauseAd, raise(9_007_199_254_740_993)],
        before: standing(AdStatus::Active, None),
        after: standing(AdStatus::Paused, Some(9_007_199_254_740_993)),
    }
}

fn raise(micros: i64) -> Action {
    Action::SetDailyLimit { from_micros: micros - 1, micros }
}

fn advice(rule: Rule, action: Action, message: &str, evidence: Vec<Evidence>) -> Recommendation {
    Recommendation { rule, action, message: message.to_owned(), evidence }
}

async fn recommendations_come_back_as_they_were_stored(world: &Repositories) {
    let actions = [Action::PauseAd, raise(i64::MAX), Action::RefreshCopy];
    let words = texts();
    let all: Vec<_> = (Rule::ALL.iter().zip(actions.into_iter().cycle()).zip(words.iter().cycle()))
        .map(|((&rule, action), message)| advice(rule, action, message, Vec::new()))
        .collect();
    assert_come_back(world, |tenant| {
        let with =
            |recommendations| OptimizationRun { recommendations, ..build::optimization_run(&tenant.ad) };
        vec![with(all.clone()), with(Vec::new()), with(all.iter().rev().cloned().collect())]
    })
    .await;
}

async fn evidence_comes_back_to_the_last_bit(world: &Repositories) {
    let values = [0.1 + 0.2, 1.0 / 3.0, 0.0, -2.5, 1e-12, f64::EPSILON, 123_456_789.012_345_67, 1e300, 5.0];
    let evidence = values.map(|value| Evidence {
        figure: "cpc_micros".to_owned(),
        value,
        benchmark: value / 7.0,
        benchmark_is: "the “median” of 12 ads 📈".to_owned(),
    });
    let recommendation = advice(Rule::HighCpc, Action::RefreshCopy, "it costs too much", evidence.to_vec());
    assert_come_back(world, |tenant| {
        let recommendations = vec![recommendation.clone()];
        vec![OptimizationRun { recommendations, ..build::optimization_run(&tenant.ad) }]
    })
    .await;
}

async fn figures_and_range_come_back_as_they_were_stored(world: &Repositories) {
    let many = Metrics {
        impressions: 9_007_199_254_740_993,
        clicks: u64::from(u32::MAX) + 1,
        conversions: 3,
        spend_micros: i64::MAX,
        revenue_micros: 1,
    };
    let range = TimeRange::new(instants()[1], instants()[2]).expect("a range");
    assert_come_back(world, |tenant| {
        let run = || build::optimization_run(&tenant.ad);
        vec![
            OptimizationRun { metrics: Metrics::default(), ..run() },
            OptimizationRun { metrics: many, range, ..run() },
        ]
    })
    .await;
}

async fn what_was_applied_comes_back_as_it_was_stored(world: &Repositories) {
    assert_come_back(world, |tenant| {
        let nothing = Applied { actions: Vec::new(), ..applied(tenant) };
        let with = |applied| OptimizationRun { applied, ..build::optimization_run(&tenant.ad) };
        vec![with(Some(applied(tenant))), with(Some(nothing)), with(None)]
    })
    .await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    assert_come_back(world, |tenant| {
        let run = |created_at| OptimizationRun { created_at, ..build::optimization_run(&tenant.ad) };
        instants().into_iter().map(run).collect()
    })
    .await;
}

async fn an_unknown_run_is_absent(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    store(world, &build::optimization_run(&ad)).await;
    assert_eq!(stored(world, ad.account_id, build::optimization_run(&ad).id).await, None);
}

async fn another_accounts_run_is_absent(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let run = build::optimization_run(&tenant.ad);
    store(world, &run).await;
    assert_eq!(stored(world, tenant.account.id, run.id).await.as_ref(), Some(&run));
    assert_eq!(stored(world, other.account.id, run.id).await, None);
    assert_eq!(list(world, other.account.id, tenant.ad.id, PageRequest::default()).await.items, []);
}

async fn another_accounts_run_cannot_be_applied(world: &Repositories) {
    let (tenant, other) = (world.tenant().await, world.tenant().await);
    let run = build::optimization_run(&tenant.ad);
    store(world, &run).await;
    let (account_id, ad_id) = (other.account.id, other.ad.id);
    let stolen = OptimizationRun { account_id, ad_id, applied: Some(applied(&other)), ..run.clone() };
    assert_eq!(failure(world.optimizations.apply(&stolen, None, None, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, other.account.id, run.id).await, None);
    assert_eq!(stored(world, tenant.account.id, run.id).await, Some(run));
}

async fn applying_replaces_what_was_stored(world: &Repositories) {
    let tenant = world.tenant().await;
    let (run, neighbour) = (build::optimization_run(&tenant.ad), build::optimization_run(&tenant.ad));
    store(world, &run).await;
    store(world, &neighbour).await;
    assert_eq!(stored(world, tenant.account.id, run.id).await.as_ref(), Some(&run));
    let edited = OptimizationRun { applied: Some(applied(&tenant)), ..run };
    let version = world.optimizations.apply(&edited, None, None, &[]).await.expect("a run can be applied");
    assert_eq!(version, edited.version.next());
    let expected = OptimizationRun { version, ..edited };
    assert_eq!(stored(world, tenant.account.id, expected.id).await.as_ref(), Some(&expected));
    let listed = list(world, tenant.account.id, tenant.ad.id, PageRequest::default()).await.items;
    assert_eq!(listed, [neighbour, expected]);
}

async fn applying_a_stale_run_writes_nothing(world: &Repositories) {
    let tenant = world.tenant().await;
    let read = build::optimization_run(&tenant.ad);
    store(world, &read).await;
    let first = OptimizationRun { applied: Some(applied(&tenant)), ..read.clone() };
    let version = world.optimizations.apply(&first, None, None, &[]).await.expect("a run can be applied");
    let current = OptimizationRun { version, ..first };
    for version in [read.version, version.next(), Version::new(u32::from(u16::MAX))] {
        let late = OptimizationRun { applied: None, version, ..read.clone() };
        assert_eq!(failure(world.optimizations.apply(&late, None, None, &[]).await), PortErrorKind::Stale);
        assert_eq!(stored(world, tenant.account.id, read.id).await.as_ref(), Some(&current));
    }
}

async fn applying_an_unknown_run_is_stale(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    let unknown = build::optimization_run(&ad);
    assert_eq!(failure(world.optimizations.apply(&unknown, None, None, &[]).await), PortErrorKind::Stale);
    assert_eq!(stored(world, ad.account_id, unknown.id).await, None);
}

async fn of_concurrent_applications_one_wins(world: &Repositories) {
    let tenant = world.tenant().await;
    let read = build::optimization_run(&tenant.ad);
    store(world, &read).await;
    let edit = |micros| {
        let actions = vec![raise(micros)];
        OptimizationRun { applied: Some(Applied { actions, ..applied(&tenant) }), ..read.clone() }
    };
    let edits: Vec<_> = (1..=8).map(edit).collect();
    let outcomes = join_all(edits.iter().map(|edit| world.optimizations.apply(edit, None, None, &[]))).await;
    let mut winners = Vec::new();
    for (edit, outcome) in edits.into_iter().zip(outcomes) {
        match outcome {
            Ok(version) => winners.push(OptimizationRun { version, ..edit }),
            Err(error) => assert_eq!(error.kind, PortErrorKind::Stale),
        }
    }
    assert_eq!(winners.len(), 1, "of eight applications of one version one wins");
    assert_eq!(stored(world, tenant.account.id, read.id).await, winners.pop());
}

/// Stores a run; it, its ad and its campaign as they are once it was applied.
async fn application(world: &Repositories, tenant: &Tenant) -> (OptimizationRun, Ad, Campaign) {
    let run = build::optimization_run(&tenant.ad);
    store(world, &run).await;
    let ad = Ad { status: AdStatus::Paused, ..tenant.ad.clone() };
    let campaign = Campaign { budget: build::dollars(77), ..tenant.campaign.clone() };
    (OptimizationRun { applied: Some(applied(tenant)), ..run }, ad, campaign)
}

async fn stored_ad(world: &Repositories, ad: &Ad) -> Option<Ad> {
    world.ads.get(ad.account_id, ad.id).await.expect("an ad can be looked up")
}

async fn stored_campaign(world: &Repositories, campaign: &Campaign) -> Option<Campaign> {
    let found = world.campaigns.get(campaign.account_id, campaign.id).await;
    found.expect("a campaign can be looked up")
}

async fn applying_writes_the_ad_and_the_campaign_too(world: &Repositories) {
    let tenant = world.tenant().await;
    let (run, ad, campaign) = application(world, &tenant).await;
    // Read before, so that a cache has something to forget.
    assert_eq!(stored_ad(world, &ad).await.as_ref(), Some(&tenant.ad));
    let outcome = world.optimizations.apply(&run, Some(&ad), Some(&campaign), &[]).await;
    let version = outcome.expect("a run can be applied");
    assert_eq!(version, run.version.next());
    let (ad_version, campaign_version) = (ad.version.next(), campaign.version.next());
    assert_eq!(stored(world, run.account_id, run.id).await, Some(OptimizationRun { version, ..run }));
    assert_eq!(stored_ad(world, &ad).await, Some(Ad { version: ad_version, ..ad }));
    let expected = Campaign { version: campaign_version, ..campaign.clone() };
    assert_eq!(stored_campaign(world, &campaign).await, Some(expected));
}

async fn applying_writes_all_or_nothing(world: &Repositories) {
    let tenant = world.tenant().await;
    let (run, ad, campaign) = application(world, &tenant).await;
    let before = stored(world, run.account_id, run.id).await;
    let late_run = OptimizationRun { version: run.version.next(), ..run.clone() };
    let late_ad = Ad { version: ad.version.next(), ..ad.clone() };
    let late_campaign = Campaign { version: campaign.version.next(), ..campaign.clone() };
    for (run, ad, campaign) in
        [(&late_run, &ad, &campaign), (&run, &late_ad, &campaign), (&run, &ad, &late_campaign)]
    {
        let outcome = world.optimizations.apply(run, Some(ad), Some(campaign), &[]).await;
        assert_eq!(failure(outcome), PortErrorKind::Stale);
        assert_eq!(stored(world, run.account_id, run.id).await, before);
        assert_eq!(stored_ad(world, ad).await.as_ref(), Some(&tenant.ad));
        assert_eq!(stored_campaign(world, campaign).await.as_ref(), Some(&tenant.campaign));
    }
}

async fn a_list_has_the_runs_of_its_ad_only(world: &Repositories) {
    let tenant = world.tenant().await;
    let neighbour = world.ad(&tenant.group, &tenant.campaign).await;
    let of = |ad: &Ad| build::optimization_run(ad);
    let [oldest, middle, newest] = [of(&tenant.ad), of(&tenant.ad), of(&tenant.ad)];
    for run in [&middle, &of(&neighbour), &newest, &oldest] {
        store(world, run).await;
    }
    let Page { items, next } = list(world, tenant.account.id, tenant.ad.id, PageRequest::default()).await;
    assert_eq!((items, next), (vec![newest, middle, oldest], None));
}

async fn a_list_without_runs_is_empty(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    let empty = Page { items: Vec::new(), next: None };
    assert_eq!(list(world, ad.account_id, ad.id, PageRequest::default()).await, empty);
    let run = build::optimization_run(&ad);
    store(world, &run).await;
    assert_eq!(list(world, ad.account_id, ad.id, request(5, Some(uuid(&run)))).await, empty);
}

async fn pages_neither_skip_nor_repeat(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    let runs = [(); 6].map(|()| build::optimization_run(&ad));
    for run in &runs {
        store(world, run).await;
    }
    let page = async |request| list(world, ad.account_id, ad.id, request).await;
    assert_lists(runs.iter().map(uuid).collect(), page, uuid).await;
}

async fn pages_neither_skip_nor_repeat_while_runs_are_added(world: &Repositories) {
    let Tenant { ad, .. } = world.tenant().await;
    let runs = (0..14).map(|_| build::optimization_run(&ad)).collect();
    let page = async |request| list(world, ad.account_id, ad.id, request).await;
    assert_steady(runs, async |run| store(world, run).await, page, uuid).await;
}

async fn events_are_kept_with_the_application_or_not_at_all(world: &Repositories) {
    let Tenant { user, ad, .. } = world.tenant().await;
    let run = build::optimization_run(&ad);
    store(world, &run).await;
    let runs = &world.optimizations;
    assert_kept(world, &user, async |events| runs.apply(&run, Some(&ad), None, events).await)
        .await
        .expect("a run can be applied");
    let applied = OptimizationRun { version: run.version.next(), ..run };
    let stale = async |events: &[DomainEvent]| runs.apply(&applied, Some(&ad), None, events).await;
    assert_eq!(failure(assert_dropped(world, &user, stale).await), PortErrorKind::Stale, "the ad is newer");
}
