//! What a report must say, worked out event by event with the calendar of [`jiff`]: slow, and plain to see.

use std::collections::BTreeMap;

use adstead_domain::report::{Granularity, GroupBy};
use adstead_domain::{Ad, AdId, Metrics, PerformanceEvent, Period, ReportFilter, ReportQuery, ReportRow};
use jiff::tz::TimeZone;
use jiff::{Timestamp, Unit, ZonedRound};

/// The rows of the report on the `events` of these `ads`, all of which were counted.
pub(super) fn expected(ads: &[Ad], events: &[PerformanceEvent], query: &ReportQuery) -> Vec<ReportRow> {
    let ReportQuery { range, zone, granularity, group_by, filter } = query;
    let zone = TimeZone::get(zone.name()).expect("a zone of the database");
    let ads: BTreeMap<AdId, &Ad> = ads.iter().map(|ad| (ad.id, ad)).collect();
    let mut rows: BTreeMap<(Period, String), Metrics> = BTreeMap::new();
    for event in events {
        let ad = ads[&event.ad_id];
        if range.from() <= event.occurred_at && event.occurred_at < range.to() && is_wanted(ad, *filter) {
            let row = (period(event.occurred_at, &zone, *granularity), key(ad, *group_by));
            *rows.entry(row).or_default() += Metrics::of(event);
        }
    }
    rows.into_iter().map(|((period, key), metrics)| ReportRow { period, key, metrics }).collect()
}

fn period(instant: Timestamp, zone: &TimeZone, granularity: Granularity) -> Period {
    let civil = instant.to_zoned(zone.clone());
    match granularity {
        Granularity::Hour => {
            let to_the_hour = ZonedRound::new().smallest(Unit::Hour).mode(jiff::RoundMode::Trunc);
            Period::Hour(civil.round(to_the_hour).expect("an hour begins").timestamp())
        }
        Granularity::Day => Period::Day(civil.date()),
        Granularity::Total => Period::Total,
    }
}

fn key(ad: &Ad, group_by: GroupBy) -> String {
    match group_by {
        GroupBy::Account => ad.account_id.to_string(),
        GroupBy::Campaign => ad.campaign_id.to_string(),
        GroupBy::AdGroup => ad.ad_group_id.to_string(),
        GroupBy::Ad => ad.id.to_string(),
        GroupBy::Platform => ad.platform.to_string(),
        GroupBy::AdType => ad.ad_type.to_string(),
    }
}

fn is_wanted(ad: &Ad, filter: ReportFilter) -> bool {
    let ReportFilter { campaign_id, ad_group_id, ad_id, platform, ad_type } = filter;
    let differs = campaign_id.is_some_and(|campaign| campaign != ad.campaign_id)
        || ad_group_id.is_some_and(|group| group != ad.ad_group_id)
        || ad_id.is_some_and(|id| id != ad.id)
        || platform.is_some_and(|platform| platform != ad.platform)
        || ad_type.is_some_and(|ad_type| ad_type != ad.ad_type);
    !differs
}
