use adstead_application::Error;
use adstead_application::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use adstead_domain::optimization::{Action, Recommendation, Rule};
use adstead_domain::{Ad, AdStatus, Metrics, OptimizationRun, PageRequest};
use adstead_testkit::build;
use jiff::SignedDuration;

use crate::desk::Desk;

fn analyse(desk: &Desk) -> AnalyseAd {
    AnalyseAd {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        optimizations: desk.world.optimizations.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    }
}

fn apply(desk: &Desk) -> ApplyOptimization {
    ApplyOptimization {
        campaigns: desk.world.campaigns.clone(),
        ads: desk.world.ads.clone(),
        optimizations: desk.world.optimizations.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    }
}

fn find(desk: &Desk) -> FindOptimizations {
    FindOptimizations {
        accounts: desk.world.accounts.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        optimizations: desk.world.optimizations.clone(),
        clock: desk.clock(),
    }
}

/// Three usual ads and a dull one, which comes first.
async fn a_dull_ad_among_usual_ones(desk: &Desk) -> Ad {
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let yesterday = adstead_testkit::TestClock::START - SignedDuration::from_hours(24);
    let mut ads = Vec::new();
    for clicks in [10, 60, 60, 60] {
        let ad = desk.active_ad(&campaign, &group).await;
        let figures = Metrics {
            impressions: 2_000,
            clicks,
            conversions: 1,
            spend_micros: clicks as i64 * 100_000,
            revenue_micros: 0,
        };
        desk.happened(&ad, yesterday, figures).await;
        ads.push(ad);
    }
    ads.swap_remove(0)
}

#[tokio::test]
async fn a_dull_ad_is_found_paused_and_followed() {
    let desk = Desk::new().await;
    let ad = a_dull_ad_among_usual_ones(&desk).await;
    let run = analyse(&desk).execute(&desk.actor, ad.id).await.unwrap();
    let advice: Vec<_> = run.recommendations.iter().map(|advice| (advice.rule, advice.action)).collect();
    assert_eq!(advice, [(Rule::LowCtr, Action::PauseAd)]);
    assert_eq!((run.metrics.impressions, run.metrics.clicks), (2_000, 10));

    let applied =
        apply(&desk).execute(&desk.actor, run.id, Some(run.version)).await.unwrap().applied.unwrap();
    assert_eq!((applied.before.ad_status, applied.after.ad_status), (AdStatus::Active, AdStatus::Paused));
    let stored = desk.world.ads.get(desk.account.id, ad.id).await.unwrap().unwrap();
    assert_eq!(stored.status, AdStatus::Paused);

    let again = apply(&desk).execute(&desk.actor, run.id, None).await.unwrap_err();
    assert!(again.to_string().contains("was applied at"), "{again}");

    desk.clock.advance(SignedDuration::from_hours(1));
    let late = Metrics { impressions: 5, ..Metrics::default() };
    desk.happened(&ad, adstead_testkit::TestClock::START + SignedDuration::from_mins(30), late).await;
    let followed = find(&desk).of_ad(&desk.actor, ad.id, PageRequest::default()).await.unwrap();
    assert_eq!(followed.items[0].metrics_since, Some(late));
}

#[tokio::test]
async fn a_run_of_years_ago_is_listed_with_the_four_weeks_that_followed() {
    let desk = Desk::new().await;
    let ad = a_dull_ad_among_usual_ones(&desk).await;
    let run = analyse(&desk).execute(&desk.actor, ad.id).await.unwrap();
    apply(&desk).execute(&desk.actor, run.id, None).await.unwrap();
    let days = |days: i64| SignedDuration::from_hours(24 * days);
    for (after, impressions) in [(days(27), 5), (days(29), 7)] {
        let figures = Metrics { impressions, ..Metrics::default() };
        desk.happened(&ad, adstead_testkit::TestClock::START + after, figures).await;
    }
    desk.clock.advance(days(1_000));
    let followed = find(&desk).of_ad(&desk.actor, ad.id, PageRequest::default()).await.unwrap();
    assert_eq!(followed.items[0].metrics_since, Some(Metrics { impressions: 5, ..Metrics::default() }));
}

#[tokio::test]
async fn a_run_without_advice_has_nothing_to_apply() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let run = analyse(&desk).execute(&desk.actor, ad.id).await.unwrap();
    assert!(run.recommendations.is_empty());
    assert!(matches!(apply(&desk).execute(&desk.actor, run.id, None).await, Err(Error::Rules(_))));
}

#[tokio::test]
async fn an_ad_that_was_paused_meanwhile_is_left_as_it_is() {
    let desk = Desk::new().await;
    let ad = a_dull_ad_among_usual_ones(&desk).await;
    let run = analyse(&desk).execute(&desk.actor, ad.id).await.unwrap();
    let paused =
        Ad { status: AdStatus::Paused, ..desk.world.ads.get(desk.account.id, ad.id).await.unwrap().unwrap() };
    desk.world.ads.update(&paused, &[]).await.unwrap();
    let applied = apply(&desk).execute(&desk.actor, run.id, None).await.unwrap().applied.unwrap();
    assert_eq!((applied.before.ad_status, applied.after.ad_status), (AdStatus::Paused, AdStatus::Paused));
    let untouched = desk.world.ads.get(desk.account.id, ad.id).await.unwrap().unwrap();
    assert_eq!(untouched.version, paused.version.next());
}

#[tokio::test]
async fn a_run_whose_limit_moved_meanwhile_changes_nothing() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let seen = build::optimization_run(&ad);
    let raise = Recommendation {
        action: Action::SetDailyLimit { from_micros: 40_000_000, micros: 48_000_000 },
        ..seen.recommendations[0].clone()
    };
    let recommendations = vec![seen.recommendations[0].clone(), raise];
    let run = OptimizationRun { recommendations, ..seen };
    desk.world.optimizations.insert(&run).await.unwrap();
    let refused = apply(&desk).execute(&desk.actor, run.id, None).await.unwrap_err();
    assert!(refused.to_string().contains("ask for a new run"), "{refused}");
    assert_eq!(desk.world.ads.get(desk.account.id, ad.id).await.unwrap(), Some(ad));
    assert_eq!(desk.world.optimizations.get(desk.account.id, run.id).await.unwrap(), Some(run));
}
