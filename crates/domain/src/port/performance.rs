//! Where performance events are counted, and where the figures come from.

use std::collections::{BTreeMap, HashMap};

use async_trait::async_trait;
use jiff::Timestamp;

use super::PortError;
use crate::{
    AccountId, AdGroupId, CampaignId, DomainEvent, EventId, Figures, Inventory, PerformanceEvent,
    RejectedEvent, ReportQuery, Spend, UserId,
};

/// Counts performance events.
///
/// # Contract
/// - An event MUST be counted once per account, however often its id is recorded, in one batch or in many, also
///   concurrently; all others of that id are duplicates.
/// - `record` MUST keep and count all of the batch or nothing of it, and MUST be durable once it has answered.
/// - A rejected event MUST be kept once per digest, with the reason that was given last, and MUST count nowhere.
/// - What is told of a conversion MUST be stored with it where it is counted now, for each subscriber who asks for it, and
///   MUST NOT be where it was counted before or counts nowhere.
/// - An event id MUST be free for one account though another has used it.
#[async_trait]
pub trait PerformanceRepository: Send + Sync {
    /// Keeps the events, counts those that are new, and keeps the rejected ones aside.
    async fn record(&self, account: AccountId, batch: EventBatch) -> Result<Recorded, PortError>;
}

/// Events that arrived together, already judged.
#[derive(Debug, Clone, PartialEq)]
pub struct EventBatch {
    /// Those that count, unless they were counted before.
    pub events: Vec<PerformanceEvent>,
    /// Those that do not.
    pub rejected: Vec<RejectedEvent>,
    /// What others are told of the conversions among the events, by the events' ids.
    pub conversions: BTreeMap<EventId, DomainEvent>,
    /// When they arrived.
    pub received_at: Timestamp,
}

/// What became of a batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Events that were counted now.
    pub counted: usize,
    /// Events that had been counted before, or stood in the batch twice.
    pub duplicates: usize,
}

/// Reads figures.
///
/// # Contract
/// - `report` MUST contain each counted event of the range exactly once, in the period of the query's zone that it
///   occurred in, also across a change of daylight-saving time.
/// - `report` MUST be ordered by period and then by key, and MUST leave out rows without any figure.
/// - A `report` of more than [`Report::MAX_ROWS`](crate::Report::MAX_ROWS) rows MUST fail with `Rejected`; no more than these
///   are ever held in memory.
/// - Each MUST fail with `Rejected` where a figure is greater than 64 bits hold; for nothing else but this and too many
///   rows.
/// - A `report` MUST say when its rows were read: at `now` where that was for this call, and where they were kept from an
///   earlier one, at the `now` of that, or at this call's if a clock went back and it is earlier.
/// - An hour of a report MUST be named by its first instant on the clock of the query's zone, also where the range begins
///   inside that hour.
/// - `spend` MUST equal the cost of all counted events of the scope, and of those since `today`, which the caller puts on
///   a boundary of [`BUCKET`](crate::report::BUCKET), as the beginning of a day in any zone is.
/// - `spend_by_campaign` MUST answer what `spend` would for each of the campaigns; those without spend may be left out.
/// - `inventory` MUST count what one user made, where one is given: their campaigns with the budgets of these and
///   what was spent of them, whoever made the ads, their ads, generations and files. Budgets and their spend MUST be of the same campaigns,
///   those that are not archived. Statuses that nothing has are left out.
/// - Each MUST see what was written before it was called.
/// - Figures of another account MUST NOT appear anywhere.
#[async_trait]
pub trait AnalyticsRepository: Send + Sync {
    /// The rows of a report, and when they were read; it is `now`.
    async fn report(
        &self,
        account: AccountId,
        query: &ReportQuery,
        now: Timestamp,
    ) -> Result<Figures, PortError>;

    /// What was spent from `today` on, and in all.
    async fn spend(
        &self,
        account: AccountId,
        scope: SpendScope,
        today: Timestamp,
    ) -> Result<Spend, PortError>;

    /// What was spent by each of these campaigns, from `today` on and in all.
    async fn spend_by_campaign(
        &self,
        account: AccountId,
        campaigns: &[CampaignId],
        today: Timestamp,
    ) -> Result<HashMap<CampaignId, Spend>, PortError>;

    /// What the account holds, in numbers.
    async fn inventory(&self, account: AccountId, user: Option<UserId>) -> Result<Inventory, PortError>;
}

/// Whose spend is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SpendScope {
    /// The account's.
    Account,
    /// A campaign's.
    Campaign(CampaignId),
    /// An ad group's.
    AdGroup(AdGroupId),
}
