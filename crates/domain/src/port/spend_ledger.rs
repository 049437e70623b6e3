//! What accounts spend on language models.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use jiff::civil::Date;

use super::PortError;
use crate::{Account, AccountId};

/// Keeps what each account has spent on language models, day by day, in micros of a US dollar.
///
/// What a call may cost is reserved before it is made and settled once its price is known. What is never settled, because
/// a node ended in between, counts as spent: it may well have been.
///
/// # Contract
/// - `reserve` MUST add the amount to what the account has spent on that day, unless the sum would pass the limit, and MUST
///   answer whether it did. Of concurrent calls, no more MUST be granted than the limit holds.
/// - `settle` MUST put what was spent in the place of what was reserved, also where it passes the limit.
/// - `spent` MUST answer what is reserved and settled together; 0 for a day without either.
/// - No account and no day MUST count for another.
#[async_trait]
pub trait SpendLedger: Send + Sync {
    /// Sets an amount aside; whether the day's limit, where there is one, leaves room for it.
    async fn reserve(&self, payer: &Payer, micros: u64, limit_micros: Option<u64>)
    -> Result<bool, PortError>;

    /// Replaces an amount that was set aside by what was spent.
    async fn settle(&self, payer: &Payer, reserved_micros: u64, spent_micros: u64) -> Result<(), PortError>;

    /// What counts as spent on the payer's day.
    async fn spent(&self, payer: &Payer) -> Result<u64, PortError>;
}

/// On whose account a model is called, and on which day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payer {
    /// Who pays.
    pub account: AccountId,
    /// The day, by the account's own clock.
    pub day: Date,
    /// How long the day still lasts.
    pub day_ends_in: Duration,
}

impl Payer {
    /// The account, on the day that it is there.
    pub fn at(account: &Account, now: Timestamp) -> Self {
        let day = account.time_zone.day_of(now);
        let (_, end) = account.time_zone.day_bounds(day);
        Self { account: account.id, day, day_ends_in: end.duration_since(now).unsigned_abs() }
    }
}
