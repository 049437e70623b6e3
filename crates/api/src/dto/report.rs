use std::str::FromStr;

use adstead_application::reports::{ReportDays, ReportRequest};
use adstead_domain as domain;
use domain::report::{Granularity, GroupBy};
use domain::{AdGroupId, AdId, AdType, CampaignId, Period, Platform, ReportFilter, Violation, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::words;
use crate::input::{Field, FromJson, excerpt, object};

/// What was counted, and what follows from it. Money is in micros of the account's currency.
#[derive(Serialize, ToSchema)]
pub(crate) struct Metrics {
    impressions: u64,
    clicks: u64,
    conversions: u64,
    spend_micros: i64,
    revenue_micros: i64,
    /// Clicks ÷ impressions; `null` without impressions.
    #[schema(required)]
    ctr: Option<f64>,
    /// Conversions ÷ clicks; `null` without clicks.
    #[schema(required)]
    cvr: Option<f64>,
    /// Spend per click; `null` without clicks.
    #[schema(required)]
    cpc_micros: Option<i64>,
    /// Spend per thousand impressions; `null` without impressions.
    #[schema(required)]
    cpm_micros: Option<i64>,
    /// Spend per conversion; `null` without conversions.
    #[schema(required)]
    cpa_micros: Option<i64>,
    /// Revenue ÷ spend; `null` without spend.
    #[schema(required)]
    roas: Option<f64>,
}

impl From<domain::Metrics> for Metrics {
    fn from(metrics: domain::Metrics) -> Self {
        let domain::Metrics { impressions, clicks, conversions, spend_micros, revenue_micros } = metrics;
        Self {
            impressions,
            clicks,
            conversions,
            spend_micros,
            revenue_micros,
            ctr: metrics.ctr(),
            cvr: metrics.cvr(),
            cpc_micros: metrics.cpc_micros(),
            cpm_micros: metrics.cpm_micros(),
            cpa_micros: metrics.cpa_micros(),
            roas: metrics.roas(),
        }
    }
}

/// How ads performed. Rows without any figure are left out.
#[derive(Serialize, ToSchema)]
pub(crate) struct PerformanceReport {
    /// The zone of its days and hours: the account's.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// Its first instant, on a quarter of an hour.
    from: Timestamp,
    /// The first instant after it, on a quarter of an hour.
    to: Timestamp,
    #[schema(value_type = words::Granularity)]
    granularity: Granularity,
    #[schema(value_type = words::GroupBy)]
    group_by: GroupBy,
    /// By period, then by key.
    rows: Vec<Row>,
    /// The sum of all rows.
    totals: Metrics,
    /// When the figures were read: as long ago as `Age` says.
    computed_at: Timestamp,
}

/// One row of a report.
#[derive(Serialize, ToSchema)]
pub(crate) struct Row {
    /// A day as `2026-11-01`, an hour by its first instant in RFC 3339, or `total`: as `granularity` says.
    #[schema(example = "2026-11-01")]
    period: String,
    /// The id of the account, campaign, ad group or ad, or the name of the platform or the type: as `group_by` says.
    key: String,
    #[serde(flatten)]
    metrics: Metrics,
}

impl PerformanceReport {
    /// The report as it is sent.
    pub(crate) fn new(report: domain::Report, granularity: Granularity, group_by: GroupBy) -> Self {
        let domain::Report { zone, range, rows, totals, computed_at } = report;
        Self {
            time_zone: zone.name().to_owned(),
            from: range.from(),
            to: range.to(),
            granularity,
            group_by,
            rows: rows.into_iter().map(Row::from).collect(),
            totals: totals.into(),
            computed_at,
        }
    }
}

impl From<domain::ReportRow> for Row {
    fn from(row: domain::ReportRow) -> Self {
        let domain::ReportRow { period, key, metrics } = row;
        let period = match period {
            Period::Hour(begin) => begin.to_string(),
            Period::Day(date) => date.to_string(),
            Period::Total => Granularity::Total.to_string(),
        };
        Self { period, key, metrics: metrics.into() }
    }
}

/// Which figures are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReportParams {
    /// The beginning: a day of the account's zone (`2026-11-01`), or an RFC 3339 instant. Without it, thirty days.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    from: Field<ReportEnd>,
    /// The end: a day, which is part of the report, or an instant, which is not. Without it, today.
    #[param(value_type = Option<String>, example = "2026-11-30")]
    to: Field<ReportEnd>,
    /// How finely in time; `day` where it is left out.
    #[param(value_type = Option<words::Granularity>)]
    granularity: Field<Granularity>,
    /// By what; `account` where it is left out.
    #[param(value_type = Option<words::GroupBy>)]
    group_by: Field<GroupBy>,
    /// Only ads of one campaign.
    #[param(value_type = Option<Uuid>)]
    campaign_id: Field<CampaignId>,
    /// Only ads of one group.
    #[param(value_type = Option<Uuid>)]
    ad_group_id: Field<AdGroupId>,
    /// Only one ad.
    #[param(value_type = Option<Uuid>)]
    ad_id: Field<AdId>,
    /// Only ads of one platform.
    #[param(value_type = Option<words::Platform>)]
    platform: Field<Platform>,
    /// Only ads of one type.
    #[param(value_type = Option<words::AdType>)]
    ad_type: Field<AdType>,
}

impl FromJson for ReportParams {
    type Value = ReportRequest;

    fn from_json(json: Value) -> Result<ReportRequest, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { from, to, granularity, group_by, campaign_id, ad_group_id, ad_id, platform, ad_type } =
            fields;
        let from = faults.at("/from", from.optional());
        let to = faults.at("/to", to.optional());
        let granularity = faults.at("/granularity", granularity.optional());
        let group_by = faults.at("/group_by", group_by.optional());
        let campaign_id = faults.at("/campaign_id", campaign_id.optional());
        let ad_group_id = faults.at("/ad_group_id", ad_group_id.optional());
        let ad_id = faults.at("/ad_id", ad_id.optional());
        let platform = faults.at("/platform", platform.optional());
        let ad_type = faults.at("/ad_type", ad_type.optional());
        faults.finish(|| {
            Some(ReportRequest {
                from: from?.map(|ReportEnd(end)| end),
                to: to?.map(|ReportEnd(end)| end),
                granularity: granularity?.unwrap_or(Granularity::Day),
                group_by: group_by?.unwrap_or(GroupBy::Account),
                filter: ReportFilter {
                    campaign_id: campaign_id?,
                    ad_group_id: ad_group_id?,
                    ad_id: ad_id?,
                    platform: platform?,
                    ad_type: ad_type?,
                },
            })
        })
    }
}

/// An end of a report as it is written.
pub(crate) struct ReportEnd(pub(crate) ReportDays);

impl FromStr for ReportEnd {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        let instant = || text.parse().map(ReportDays::Instant);
        // A civil date also parses from an instant's text, whose time it drops: so the instant comes first.
        let end = instant().or_else(|_| text.parse().map(ReportDays::Day));
        end.map(Self).map_err(|_| {
            Violation::invalid(format!(
                "{} is neither a day such as 2026-11-01 nor an instant such as 2026-11-01T09:00:00Z",
                excerpt(text)
            ))
        })
    }
}
