use adstead_application::Error;
use adstead_application::reports::{PerformanceReport, PredictAd, ReportDays, ReportRequest, SummaryReport};
use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{
    Campaign, CampaignStatus, Metrics, PerformanceEvent, Prediction, Report, ReportFilter, TimeRange,
};
use adstead_testkit::build;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp, ToSpan};

use crate::desk::Desk;

fn request(from: Option<ReportDays>, to: Option<ReportDays>) -> ReportRequest {
    ReportRequest {
        from,
        to,
        granularity: Granularity::Total,
        group_by: GroupBy::Account,
        filter: ReportFilter::default(),
    }
}

fn report(desk: &Desk) -> PerformanceReport {
    PerformanceReport {
        accounts: desk.world.accounts.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
    }
}

fn shown(impressions: u64, clicks: u64) -> Metrics {
    Metrics { impressions, clicks, spend_micros: clicks as i64 * 1_000, ..Metrics::default() }
}

#[tokio::test]
async fn a_report_covers_thirty_days_of_the_accounts_zone_up_to_today_where_nobody_says_otherwise() {
    let desk = Desk::in_zone("America/New_York").await;
    let report = report(&desk).execute(&desk.actor, request(None, None)).await.unwrap();
    let zone = &desk.account.time_zone;
    let today = zone.day_of(desk.clock().now());
    assert_eq!(report.range.to(), zone.day_bounds(today).1);
    assert_eq!(report.range.from(), zone.day_bounds(today.saturating_sub(29.days())).0);
}

#[tokio::test]
async fn an_extreme_end_is_refused_and_named() {
    let desk = Desk::in_zone("America/New_York").await;
    let refusal = async |from, to| match report(&desk).execute(&desk.actor, request(from, to)).await {
        Err(Error::Rules(faults)) => {
            faults.iter().map(|fault| fault.pointer().to_owned()).collect::<Vec<_>>()
        }
        outcome => panic!("{outcome:?}"),
    };
    let day = |day| Some(ReportDays::Day(day));
    let instant = |instant| Some(ReportDays::Instant(instant));
    for to in [day(Date::MIN), day(Date::MAX), instant(Timestamp::MIN), instant(Timestamp::MAX)] {
        assert_eq!(refusal(None, to).await, ["/to"]);
        assert_eq!(refusal(to, None).await, ["/from"]);
        assert_eq!(refusal(day(jiff::civil::date(2026, 2, 3)), to).await, ["/to"]);
    }
    let early = request(None, day(jiff::civil::date(1970, 1, 10)));
    let report = report(&desk).execute(&desk.actor, early).await.unwrap();
    assert_eq!(report.range.from(), TimeRange::EARLIEST);
}

#[tokio::test]
async fn a_report_of_too_many_rows_is_refused_with_a_way_out() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let now = desk.clock().now();
    let hours = TimeRange::MAX_DAYS * 24 - 1;
    let ads = Report::MAX_ROWS as i64 / hours + 1;
    for _ in 0..ads {
        let ad = desk.active_ad(&campaign, &group).await;
        let event = |hour| PerformanceEvent {
            occurred_at: now - SignedDuration::from_hours(hour),
            ..build::event(&ad)
        };
        let batch = build::batch((0..hours).map(event).collect::<Vec<_>>());
        desk.world.performance.record(desk.account.id, batch).await.unwrap();
    }
    let begin = ReportDays::Instant(now - SignedDuration::from_hours(hours));
    let request = ReportRequest {
        granularity: Granularity::Hour,
        group_by: GroupBy::Ad,
        ..request(Some(begin), Some(ReportDays::Instant(now)))
    };
    let refusal = report(&desk).execute(&desk.actor, request).await.unwrap_err();
    assert!(matches!(refusal, Error::Rules(_)), "{refusal:?}");
    let message = "the report has more than 50000 rows, or figures of more than 64 bits: shorten the time or ask for fewer \
         ads; against too many rows, a coarser granularity or grouping helps as well";
    assert_eq!(refusal.to_string(), message);
}

#[tokio::test]
async fn the_first_and_the_last_day_belong_to_the_report() {
    let desk = Desk::in_zone("Asia/Kolkata").await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let day = |number| ReportDays::Day(jiff::civil::date(2026, 2, number));
    for (instant, impressions) in [
        ("2026-02-02T18:29:59Z", 1),    // the last second of the 2nd in Kolkata
        ("2026-02-02T18:30:00Z", 10),   // the first of the 3rd
        ("2026-02-04T18:29:59Z", 100),  // the last of the 4th
        ("2026-02-04T18:30:00Z", 1000), // the first of the 5th
    ] {
        desk.happened(&ad, instant.parse::<Timestamp>().unwrap(), shown(impressions, 0)).await;
    }
    let report = report(&desk).execute(&desk.actor, request(Some(day(3)), Some(day(4)))).await.unwrap();
    assert_eq!(report.totals.impressions, 110);
}

#[tokio::test]
async fn the_summary_ranks_ads_with_enough_impressions_by_how_often_they_are_clicked() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let (good, middling, bad) = (
        desk.active_ad(&campaign, &group).await,
        desk.active_ad(&campaign, &group).await,
        desk.active_ad(&campaign, &group).await,
    );
    let young = desk.active_ad(&campaign, &group).await;
    let now = desk.clock().now();
    for (ad, figures) in [
        (&good, shown(1_000, 90)),
        (&middling, shown(1_000, 40)),
        (&bad, shown(1_000, 1)),
        (&young, shown(999, 500)),
    ] {
        desk.happened(ad, now, figures).await;
    }
    let summary = SummaryReport {
        accounts: desk.world.accounts.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
    };
    let summary = summary.execute(&desk.actor, None).await.unwrap();
    let ids =
        |ads: &[adstead_application::reports::RankedAd]| ads.iter().map(|ad| ad.ad_id).collect::<Vec<_>>();
    assert_eq!(ids(&summary.best_ads), [good.id, middling.id]);
    assert_eq!(ids(&summary.worst_ads), [bad.id]);
    assert_eq!(summary.spend.today_micros, 631_000);
    assert_eq!(summary.budget_used, Some(631_000.0 / 1_000_000_000.0));
}

#[tokio::test]
async fn the_summary_compares_budgets_with_what_their_own_campaigns_spent() {
    let desk = Desk::new().await;
    let (live, gone) = (desk.campaign().await, desk.campaign().await);
    for (campaign, clicks) in [(&live, 40), (&gone, 90)] {
        let ad = desk.active_ad(campaign, &desk.ad_group(campaign).await).await;
        desk.happened(&ad, desk.clock().now(), shown(100, clicks)).await;
    }
    let archived = Campaign { status: CampaignStatus::Archived, ..gone };
    desk.world.campaigns.update(&archived, &[]).await.unwrap();
    let summary = SummaryReport {
        accounts: desk.world.accounts.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
    };
    let summary = summary.execute(&desk.actor, None).await.unwrap();
    assert_eq!(summary.spend.lifetime_micros, 130_000);
    assert_eq!(summary.budget_used, Some(40_000.0 / 1_000_000_000.0));
}

#[tokio::test]
async fn a_forecast_takes_a_week_of_whole_days_and_counts_those_on_which_nothing_happened() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let ad = desk.active_ad(&campaign, &group).await;
    let now = desk.clock().now();
    let day = SignedDuration::from_hours(24);
    let predict = PredictAd {
        accounts: desk.world.accounts.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
    };
    let forecast = async || predict.execute(&desk.actor, ad.id, 3).await.unwrap().prediction;
    desk.happened(&ad, now, shown(500, 0)).await;
    desk.happened(&ad, now - day, shown(70, 0)).await;
    assert_eq!(forecast().await, Prediction::TooLittleHistory { days_of_history: 1, needed: 7 });

    desk.happened(&ad, now - day * 7, shown(70, 0)).await;
    let Prediction::Forecast { days, .. } = forecast().await else { panic!("no forecast") };
    let today = desk.account.time_zone.day_of(now);
    assert_eq!(
        days.iter().map(|day| day.date).collect::<Vec<_>>(),
        [today, today + 1.day(), today + 2.days()]
    );
    assert!((10.0..70.0).contains(&days[0].impressions.expected), "{days:?}");
}
