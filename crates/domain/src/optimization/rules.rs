//! The rules. Each speaks only on a minimum of data, and says on which figures it rests.
//!
//! The thresholds are Adstead's own choice, after two rules of thumb: a rate is worth comparing once it rests on some
//! thousand impressions or some dozens of clicks (its standard error is then below a third of a usual rate of 1 to
//! 5 %), and half or double the median is a difference that a person would act on.

use jiff::Timestamp;

use super::{Action, Evidence, Recommendation, Rule};
use crate::{AdStatus, Budget, Metrics, Spend, Zone};

/// A click-through rate counts from this many impressions on.
const MIN_IMPRESSIONS: u64 = 1_000;
/// A cost per click counts from this many clicks on.
const MIN_CLICKS: u64 = 30;
/// A missing conversion counts from this many clicks on.
const MIN_CLICKS_FOR_CONVERSIONS: u64 = 200;
/// A median counts from this many ads on.
const MIN_ADS: usize = 3;
/// How far from the median a figure must be: half, or double.
const FACTOR: f64 = 2.0;
/// Fatigue: the later half's click-through rate is below this share of the earlier half's.
const FATIGUE_SHARE: f64 = 0.6;
/// An ad answers for its campaign's pace when it bears at least this share of what the campaign has spent today:
/// pausing one that bears less would hardly slow the campaign.
const MATERIAL_SHARE: f64 = 0.25;
/// How much a daily limit is raised at a time: platforms restart their learning on larger steps.
const RAISE_PERCENT: i64 = 20;

/// What is known of one ad.
#[derive(Debug, Clone)]
pub struct Observed<'a> {
    /// Where it stands.
    pub status: AdStatus,
    /// Its figures over the time that is looked at.
    pub metrics: Metrics,
    /// Its figures of the earlier half of that time.
    pub earlier: Metrics,
    /// Its figures of the later half.
    pub later: Metrics,
    /// What it has itself spent today, in micros.
    pub spent_today_micros: i64,
    /// Its campaign's budget.
    pub budget: &'a Budget,
    /// What its campaign has spent.
    pub spend: Spend,
    /// The account's zone, in which a day is a day.
    pub zone: &'a Zone,
    /// The present instant.
    pub now: Timestamp,
}

/// What is usual for the account: the medians of its ads with enough data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Benchmark {
    ctr: Option<(f64, usize)>,
    cpc_micros: Option<(f64, usize)>,
}

impl Benchmark {
    /// The medians of these ads; absent where fewer than three have enough data.
    pub fn of(ads: &[Metrics]) -> Self {
        let ctr = ads.iter().filter(|ad| ad.impressions >= MIN_IMPRESSIONS).filter_map(Metrics::ctr);
        let cpc = ads.iter().filter(|ad| ad.clicks >= MIN_CLICKS).filter_map(Metrics::cpc_micros);
        Self { ctr: median(ctr.collect()), cpc_micros: median(cpc.map(|micros| micros as f64).collect()) }
    }
}

fn median(mut figures: Vec<f64>) -> Option<(f64, usize)> {
    let count = figures.len();
    if count < MIN_ADS {
        return None;
    }
    figures.sort_by(f64::total_cmp);
    let middle = (figures[(count - 1) / 2] + figures[count / 2]) / 2.0;
    Some((middle, count))
}

/// The CTR that an ad had before and the one that it has now, where it fell to less than half and both rest on enough
/// impressions.
pub fn collapsed_ctr(before: &Metrics, now: &Metrics) -> Option<(f64, f64)> {
    let counts = |metrics: &Metrics| metrics.ctr().filter(|_| metrics.impressions >= MIN_IMPRESSIONS);
    let (before, now) = (counts(before)?, counts(now)?);
    (now < before / FACTOR).then_some((before, now))
}

/// What the figures of an ad advise, the most pressing first.
pub fn recommend(ad: &Observed<'_>, usual: &Benchmark) -> Vec<Recommendation> {
    let quality = [low_ctr(ad, usual), high_cpc(ad, usual), no_conversions(ad), fatigue(ad)];
    let paused = quality.iter().flatten().any(|advice| advice.action == Action::PauseAd);
    // An ad that is to be paused earns no higher limit, and one that earns it is not stopped for reaching its present one.
    let raise = worth_more(ad, usual).filter(|_| !paused);
    let pacing = raise.or_else(|| spending_too_fast(ad));
    pacing.into_iter().chain(quality.into_iter().flatten()).collect()
}

fn low_ctr(ad: &Observed<'_>, usual: &Benchmark) -> Option<Recommendation> {
    let (median, ads) = usual.ctr?;
    let ctr = ad.metrics.ctr().filter(|_| ad.metrics.impressions >= MIN_IMPRESSIONS)?;
    (ctr < median / FACTOR).then(|| Recommendation {
        rule: Rule::LowCtr,
        action: pause_or_refresh(ad),
        message: format!(
            "of {} times that the ad was seen, {} % led to a click; {} % is usual for the account: pause it and try other copy",
            ad.metrics.impressions,
            percent(ctr),
            percent(median)
        ),
        evidence: vec![evidence("ctr", ctr, median, ads)],
    })
}

fn high_cpc(ad: &Observed<'_>, usual: &Benchmark) -> Option<Recommendation> {
    let (median, ads) = usual.cpc_micros?;
    let cpc = ad.metrics.cpc_micros().filter(|_| ad.metrics.clicks >= MIN_CLICKS)? as f64;
    (cpc > median * FACTOR).then(|| Recommendation {
        rule: Rule::HighCpc,
        action: pause_or_refresh(ad),
        message: format!(
            "a click costs {:.1} times what is usual for the account: pause the ad",
            cpc / median
        ),
        evidence: vec![evidence("cpc_micros", cpc, median, ads)],
    })
}

fn no_conversions(ad: &Observed<'_>) -> Option<Recommendation> {
    let Metrics { clicks, conversions, .. } = ad.metrics;
    (conversions == 0 && clicks >= MIN_CLICKS_FOR_CONVERSIONS).then(|| Recommendation {
        rule: Rule::NoConversions,
        action: Action::RefreshCopy,
        message: format!("{clicks} clicks and no conversion: check the landing page, its tracking, and what the ad promises"),
        evidence: vec![Evidence {
            figure: "clicks".to_owned(),
            value: clicks as f64,
            benchmark: MIN_CLICKS_FOR_CONVERSIONS as f64,
            benchmark_is: "clicks from which a missing conversion is no accident".to_owned(),
        }],
    })
}

fn spending_too_fast(ad: &Observed<'_>) -> Option<Recommendation> {
    let limit = ad.budget.daily_limit()?.micros();
    let (begin, end) = ad.zone.day_bounds(ad.zone.day_of(ad.now));
    let elapsed = ad.now.duration_since(begin).as_secs_f64() / end.duration_since(begin).as_secs_f64();
    let spent = ad.spend.today_micros as f64 / limit as f64;
    // Before a tenth of the day is over, a burst says little about the rest.
    let too_fast = elapsed >= 0.1 && spent >= 0.5 && spent >= elapsed * FACTOR;
    let answers_for_it = ad.spent_today_micros as f64 >= ad.spend.today_micros as f64 * MATERIAL_SHARE;
    (too_fast && answers_for_it && ad.status == AdStatus::Active).then(|| Recommendation {
        rule: Rule::SpendingTooFast,
        action: Action::PauseAd,
        message: format!(
            "{} % of the daily limit is spent after {} % of the day: pause the ad until tomorrow, or raise the limit",
            percent(spent),
            percent(elapsed)
        ),
        evidence: vec![Evidence {
            figure: "share_of_daily_limit".to_owned(),
            value: spent,
            benchmark: elapsed,
            benchmark_is: "share of the day that is over".to_owned(),
        }],
    })
}

fn fatigue(ad: &Observed<'_>) -> Option<Recommendation> {
    let enough = ad.earlier.impressions >= MIN_IMPRESSIONS && ad.later.impressions >= MIN_IMPRESSIONS;
    let (earlier, later) = (ad.earlier.ctr()?, ad.later.ctr()?);
    (enough && later < earlier * FATIGUE_SHARE).then(|| Recommendation {
        rule: Rule::Fatigue,
        action: Action::RefreshCopy,
        message: format!(
            "the click-through rate fell from {} % to {} %: show something new",
            percent(earlier),
            percent(later)
        ),
        evidence: vec![Evidence {
            figure: "ctr".to_owned(),
            value: later,
            benchmark: earlier,
            benchmark_is: "the ad's own rate in the earlier half of the time".to_owned(),
        }],
    })
}

fn worth_more(ad: &Observed<'_>, usual: &Benchmark) -> Option<Recommendation> {
    let (median, ads) = usual.ctr?;
    let ctr = ad.metrics.ctr().filter(|_| ad.metrics.impressions >= MIN_IMPRESSIONS)?;
    let limit = ad.budget.daily_limit()?.micros();
    let held_back = ad.spend.today_micros >= limit / 10 * 9;
    let raised = limit.saturating_add(limit / 100 * RAISE_PERCENT);
    let allowed = raised <= ad.budget.total().micros();
    (ctr > median * FACTOR && held_back && allowed).then(|| Recommendation {
        rule: Rule::WorthMore,
        action: Action::SetDailyLimit { from_micros: limit, micros: raised },
        message: format!(
            "the ad is clicked {:.1} times as often as is usual, and the daily limit holds it back: raise it by {RAISE_PERCENT} %",
            ctr / median
        ),
        evidence: vec![
            evidence("ctr", ctr, median, ads),
            Evidence {
                figure: "spend_today_micros".to_owned(),
                value: ad.spend.today_micros as f64,
                benchmark: limit as f64,
                benchmark_is: "the campaign's daily limit".to_owned(),
            },
        ],
    })
}

/// Only an active ad can be paused; of any other it is the copy that should change.
fn pause_or_refresh(ad: &Observed<'_>) -> Action {
    if ad.status == AdStatus::Active { Action::PauseAd } else { Action::RefreshCopy }
}

fn evidence(figure: &str, value: f64, benchmark: f64, ads: usize) -> Evidence {
    let benchmark_is = format!("median of {ads} ads of the account");
    Evidence { figure: figure.to_owned(), value, benchmark, benchmark_is }
}

fn percent(share: f64) -> String {
    format!("{:.1}", share * 100.0)
}

#[cfg(test)]
mod tests;
