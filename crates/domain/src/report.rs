//! Reports: which figures are wanted, and the figures.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{AdGroupId, AdId, AdType, CampaignId, EventKind, Metrics, Platform, Violation, Zone};

/// Events are counted in buckets of this length, in UTC: the offsets of all zones in use are multiples of it, so that
/// a day in any zone is exact.
pub const BUCKET: SignedDuration = SignedDuration::from_mins(15);

/// The instant at which the bucket of `instant` begins; for the bucket in which [`Timestamp::MIN`] lies, that.
pub fn bucket_start(instant: Timestamp) -> Timestamp {
    let second = instant.as_second();
    Timestamp::from_second(second - second.rem_euclid(BUCKET.as_secs())).unwrap_or(Timestamp::MIN)
}

/// A half-open interval of time on bucket boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TimeRange {
    from: Timestamp,
    to: Timestamp,
}

impl TimeRange {
    /// The longest report, in days.
    pub const MAX_DAYS: i64 = 800;

    /// The first instant that a report may begin at: no ad was shown on the web before it.
    pub const EARLIEST: Timestamp = Timestamp::UNIX_EPOCH;

    /// The last instant that a report may end at, the beginning of the year 2200.
    pub const LATEST: Timestamp = Timestamp::constant(7_258_118_400, 0);

    /// From `from` until before `to`, widened to the quarters of an hour in which figures are counted.
    ///
    /// # Errors
    /// At `/from` or `/to`, whichever it is: an instant before [`TimeRange::EARLIEST`] or after [`TimeRange::LATEST`].
    /// At `/from`: an end that is not after the beginning; more than [`TimeRange::MAX_DAYS`].
    pub fn new(from: Timestamp, to: Timestamp) -> Result<Self, Violation> {
        bounded(from).map_err(|fault| fault.at("/from"))?;
        bounded(to).map_err(|fault| fault.at("/to"))?;
        if to <= from {
            let message = format!("the report ends at {to}, not after it begins at {from}");
            return Err(Violation::invalid(message).at("/from"));
        }
        if to.duration_since(from) > SignedDuration::from_hours(24 * Self::MAX_DAYS) {
            let most = Self::MAX_DAYS;
            let message = format!("the report spans more than {most} days: ask for less at a time");
            return Err(Violation::invalid(message).at("/from"));
        }
        let start = bucket_start(to);
        let to = if start == to { to } else { start + BUCKET };
        Ok(Self { from: bucket_start(from), to })
    }

    /// The days from `first` to `last`, both included, in `zone`.
    ///
    /// # Errors
    /// At `/from`, a last day before the first; besides, as [`TimeRange::new`].
    pub fn days(first: Date, last: Date, zone: &Zone) -> Result<Self, Violation> {
        if last < first {
            let message = format!("the report ends on {last}, before it begins on {first}");
            return Err(Violation::invalid(message).at("/from"));
        }
        Self::new(zone.day_bounds(first).0, zone.day_bounds(last).1)
    }

    /// Its first instant.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant after it.
    pub fn to(&self) -> Timestamp {
        self.to
    }
}

fn bounded(end: Timestamp) -> Result<(), Violation> {
    let (earliest, latest) = (TimeRange::EARLIEST, TimeRange::LATEST);
    if (earliest..=latest).contains(&end) {
        return Ok(());
    }
    let message = format!("{end} is out of bounds: a report lies between {earliest} and {latest}");
    Err(Violation::invalid(message))
}

vocabulary! {
    /// How finely a report is divided in time.
    Granularity, "a granularity" {
        /// By the hour of the account's zone.
        Hour = "hour",
        /// By the day of the account's zone.
        Day = "day",
        /// Not at all.
        Total = "total",
    }
}

vocabulary! {
    /// By what a report is divided.
    GroupBy, "a grouping" {
        /// Not at all.
        Account = "account",
        /// By campaign.
        Campaign = "campaign",
        /// By ad group.
        AdGroup = "ad_group",
        /// By ad.
        Ad = "ad",
        /// By platform.
        Platform = "platform",
        /// By type of ad.
        AdType = "ad_type",
    }
}

/// Which ads a report is about; all conditions must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct ReportFilter {
    /// Those of one campaign.
    pub campaign_id: Option<CampaignId>,
    /// Those of one group.
    pub ad_group_id: Option<AdGroupId>,
    /// One ad.
    pub ad_id: Option<AdId>,
    /// Those of one platform.
    pub platform: Option<Platform>,
    /// Those of one type.
    pub ad_type: Option<AdType>,
}

/// Which figures are wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportQuery {
    /// Over which time.
    pub range: TimeRange,
    /// In whose days and hours.
    pub zone: Zone,
    /// How finely in time.
    pub granularity: Granularity,
    /// By what.
    pub group_by: GroupBy,
    /// Of which ads.
    pub filter: ReportFilter,
}

/// The piece of time that a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Period {
    /// An hour, by its first instant.
    Hour(Timestamp),
    /// A day of the account's zone.
    Day(Date),
    /// The whole report.
    Total,
}

/// One row of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportRow {
    /// The time that it stands for.
    pub period: Period,
    /// The id of the campaign, ad group or ad, the name of the platform or the type, or the account's id.
    pub key: String,
    /// What was counted.
    pub metrics: Metrics,
}

/// The rows of a report, and how old they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// By period and then by key; rows without any figure are left out.
    pub rows: Vec<ReportRow>,
    /// When they were read. They may have been kept since.
    pub read_at: Timestamp,
}

/// The figures, by period and then by key; rows without any figure are left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// In whose days and hours.
    pub zone: Zone,
    /// Over which time.
    pub range: TimeRange,
    /// The figures.
    pub rows: Vec<ReportRow>,
    /// Their sum.
    pub totals: Metrics,
    /// When they were read, which may be a while ago.
    pub computed_at: Timestamp,
}

impl Report {
    /// The most rows of a report: the hours of the longest report of two campaigns, or seven weeks of days of a thousand ads.
    pub const MAX_ROWS: usize = 50_000;
}

/// How people came from seeing ads to doing what these are for.
///
/// Conversions may come without a click (view-through), so a stage can be larger than the one before.
#[derive(Debug, Clone, PartialEq)]
pub struct Funnel {
    /// Over which time.
    pub range: TimeRange,
    /// Its stages, from the first on.
    pub stages: [FunnelStage; 3],
    /// When its figures were read, which may be a while ago.
    pub computed_at: Timestamp,
}

/// One stage of a funnel.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FunnelStage {
    /// What happened.
    pub kind: EventKind,
    /// How often.
    pub count: u64,
    /// As a share of the stage before; nothing for the first, and where that is empty.
    pub of_previous: Option<f64>,
    /// As a share of the first stage; nothing where that is empty.
    pub of_first: Option<f64>,
}

impl Funnel {
    /// The funnel of all that is in the report.
    pub fn of(report: &Report) -> Self {
        let &Report { range, totals: ref metrics, computed_at, .. } = report;
        let first = metrics.impressions;
        let stage = |kind, count: u64, previous: Option<u64>| {
            let share = |of: u64| (of > 0).then(|| count as f64 / of as f64);
            FunnelStage { kind, count, of_previous: previous.and_then(share), of_first: share(first) }
        };
        let stages = [
            stage(EventKind::Impression, first, None),
            stage(EventKind::Click, metrics.clicks, Some(first)),
            stage(EventKind::Conversion, metrics.conversions, Some(metrics.clicks)),
        ];
        Self { range, stages, computed_at }
    }
}

/// What an account holds, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inventory {
    /// Campaigns by status.
    pub campaigns: Vec<(crate::CampaignStatus, u64)>,
    /// Ads by status.
    pub ads: Vec<(crate::AdStatus, u64)>,
    /// What campaigns that are not archived may spend in all ([`Budget::total`](crate::Budget::total)), in micros.
    pub budget_micros: i64,
    /// What these same campaigns spent in all, in micros.
    pub budget_spent_micros: i64,
    /// How often copy was generated.
    pub generations: u64,
    /// What that cost, in micros of a US dollar.
    pub generation_cost_micros: i64,
    /// How many files are kept.
    pub assets: u64,
    /// What they weigh, in bytes.
    pub asset_bytes: u64,
}
