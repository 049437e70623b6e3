use super::*;
use crate::Currency;

/// Ten past noon in UTC, so that half the day is over.
const NOON: Timestamp = Timestamp::constant(1_795_521_600, 0);

fn metrics(impressions: u64, clicks: u64, conversions: u64, spend_micros: i64) -> Metrics {
    Metrics { impressions, clicks, conversions, spend_micros, revenue_micros: 0 }
}

/// An account whose usual ad is clicked by 2 % at 0.50 a click.
fn usual() -> Benchmark {
    Benchmark::of(&[
        metrics(10_000, 180, 5, 90_000_000),
        metrics(10_000, 200, 5, 100_000_000),
        metrics(10_000, 220, 5, 110_000_000),
    ])
}

struct Case {
    status: AdStatus,
    earlier: Metrics,
    later: Metrics,
    daily_limit: Option<i64>,
    spent_today: i64,
    /// Of which the ad itself bears this much.
    own_percent: i64,
}

impl Default for Case {
    fn default() -> Self {
        let half = metrics(5_000, 100, 5, 50_000_000);
        Self {
            status: AdStatus::Active,
            earlier: half,
            later: half,
            daily_limit: Some(100_000_000),
            spent_today: 0,
            own_percent: 100,
        }
    }
}

#[track_caller]
fn check(case: &Case, expect: &[(Rule, Action)]) {
    let budget = Budget::new(Currency::USD, 1_000_000_000, case.daily_limit, Some(1_000_000_000)).unwrap();
    let ad = Observed {
        status: case.status,
        metrics: case.earlier + case.later,
        earlier: case.earlier,
        later: case.later,
        spent_today_micros: case.spent_today / 100 * case.own_percent,
        budget: &budget,
        spend: Spend { today_micros: case.spent_today, lifetime_micros: case.spent_today },
        zone: &Zone::utc(),
        now: NOON,
    };
    let advice = recommend(&ad, &usual());
    let found: Vec<_> = advice.iter().map(|advice| (advice.rule, advice.action)).collect();
    assert_eq!(found, expect);
    for advice in advice {
        assert!(!advice.evidence.is_empty(), "{:?} rests on nothing", advice.rule);
    }
}

#[test]
fn a_usual_ad_is_left_alone() {
    check(&Case::default(), &[]);
}

#[test]
fn an_ad_that_few_click_is_paused_and_one_that_does_not_run_is_rewritten() {
    let dull = metrics(5_000, 40, 1, 20_000_000);
    check(&Case { earlier: dull, later: dull, ..Case::default() }, &[(Rule::LowCtr, Action::PauseAd)]);
    check(
        &Case { earlier: dull, later: dull, status: AdStatus::Paused, ..Case::default() },
        &[(Rule::LowCtr, Action::RefreshCopy)],
    );
}

#[test]
fn a_few_hundred_impressions_say_nothing() {
    let young = metrics(400, 0, 0, 0);
    check(&Case { earlier: young, later: young, ..Case::default() }, &[]);
}

#[test]
fn an_ad_whose_clicks_cost_double_is_paused() {
    let dear = metrics(5_000, 100, 5, 101_000_000);
    check(&Case { earlier: dear, later: dear, ..Case::default() }, &[(Rule::HighCpc, Action::PauseAd)]);
}

#[test]
fn two_hundred_clicks_without_a_conversion_are_no_accident() {
    let idle = metrics(5_000, 100, 0, 50_000_000);
    check(
        &Case { earlier: idle, later: idle, ..Case::default() },
        &[(Rule::NoConversions, Action::RefreshCopy)],
    );
}

#[test]
fn an_ad_that_people_tire_of_needs_something_new() {
    let (fresh, tired) = (metrics(5_000, 150, 5, 75_000_000), metrics(5_000, 80, 5, 40_000_000));
    check(&Case { earlier: fresh, later: tired, ..Case::default() }, &[(Rule::Fatigue, Action::RefreshCopy)]);
}

#[test]
fn a_limit_spent_long_before_the_day_is_over_stops_the_ad() {
    check(&Case { spent_today: 99_000_000, ..Case::default() }, &[]);
    check(&Case { spent_today: 100_000_000, ..Case::default() }, &[(Rule::SpendingTooFast, Action::PauseAd)]);
    check(&Case { spent_today: 100_000_000, daily_limit: None, ..Case::default() }, &[]);
}

#[test]
fn an_ad_that_hardly_spends_is_not_stopped_for_what_its_campaign_spends() {
    let spent = |own_percent| Case { spent_today: 100_000_000, own_percent, ..Case::default() };
    check(&spent(0), &[]);
    check(&spent(24), &[]);
    check(&spent(25), &[(Rule::SpendingTooFast, Action::PauseAd)]);
}

#[test]
fn an_ad_that_is_to_be_paused_earns_no_higher_limit() {
    let loved_but_dear = metrics(5_000, 250, 5, 251_000_000);
    let case =
        |spent_today| Case { earlier: loved_but_dear, later: loved_but_dear, spent_today, ..Case::default() };
    check(&case(95_000_000), &[(Rule::HighCpc, Action::PauseAd)]);
    check(&case(100_000_000), &[(Rule::SpendingTooFast, Action::PauseAd), (Rule::HighCpc, Action::PauseAd)]);
}

#[test]
fn an_ad_that_does_well_and_is_held_back_gets_a_fifth_more() {
    let loved = metrics(5_000, 250, 5, 50_000_000);
    for spent_today in [95_000_000, 100_000_000] {
        let case = Case { earlier: loved, later: loved, spent_today, ..Case::default() };
        check(
            &case,
            &[(Rule::WorthMore, Action::SetDailyLimit { from_micros: 100_000_000, micros: 120_000_000 })],
        );
    }
}

#[test]
fn a_raise_never_passes_what_the_campaign_may_spend_in_all() {
    let loved = metrics(5_000, 250, 5, 50_000_000);
    let case = Case {
        earlier: loved,
        later: loved,
        daily_limit: Some(900_000_000),
        spent_today: 890_000_000,
        ..Case::default()
    };
    check(&case, &[]);
}

#[test]
fn two_ads_make_no_median() {
    let two = Benchmark::of(&[metrics(10_000, 1, 0, 0), metrics(10_000, 900, 0, 0)]);
    assert_eq!(two, Benchmark { ctr: None, cpc_micros: None });
}
