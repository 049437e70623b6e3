//! Advice on an ad, from its own figures and those of its account.

mod rules;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use rules::{Benchmark, Observed, collapsed_ctr, recommend};

use crate::vocabulary::vocabulary;
use crate::{
    AccountId, AdId, AdStatus, CampaignId, Metrics, OptimizationRunId, TimeRange, UserId, Version, Violation,
};

/// What was looked at, what follows from it, and what was done about it.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizationRun {
    /// Its id.
    pub id: OptimizationRunId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The ad that it is about.
    pub ad_id: AdId,
    /// The time that was looked at.
    pub range: TimeRange,
    /// The ad's figures over that time.
    pub metrics: Metrics,
    /// What the figures advise, the most pressing first.
    pub recommendations: Vec<Recommendation>,
    /// What was done about it.
    pub applied: Option<Applied>,
    /// Who asked for it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// How often it was changed.
    pub version: Version,
}

vocabulary! {
    /// The rule that a recommendation comes from.
    Rule, "a rule" {
        /// Fewer click than is usual for the account.
        LowCtr = "low_ctr",
        /// A click costs more than is usual for the account.
        HighCpc = "high_cpc",
        /// Clicks come, conversions do not.
        NoConversions = "no_conversions",
        /// The campaign will have spent its daily limit long before the day is over.
        SpendingTooFast = "spending_too_fast",
        /// People have seen the ad too often: fewer click than did at first.
        Fatigue = "fatigue",
        /// The ad does much better than is usual, and its campaign's daily limit holds it back.
        WorthMore = "worth_more",
    }
}

/// One piece of advice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Recommendation {
    /// The rule that it comes from.
    pub rule: Rule,
    /// What to do.
    pub action: Action,
    /// The advice in words.
    pub message: String,
    /// The figures that it rests on.
    pub evidence: Vec<Evidence>,
}

/// What a recommendation advises to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Pause the ad.
    PauseAd,
    /// Set the daily limit of the ad's campaign.
    SetDailyLimit {
        /// The limit that the advice rests on, in micros: at any other it no longer holds.
        from_micros: i64,
        /// The new limit, in micros of the account's currency.
        micros: i64,
    },
    /// Write new copy: a person, or a generation, must do that.
    RefreshCopy,
}

impl Action {
    /// Whether applying a run does it; otherwise it is advice to a person.
    pub fn is_automatic(self) -> bool {
        !matches!(self, Self::RefreshCopy)
    }
}

/// One figure and what it was compared with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The figure's name and unit, such as `ctr` or `cpc_micros`.
    pub figure: String,
    /// Its value for this ad.
    pub value: f64,
    /// What it was compared with.
    pub benchmark: f64,
    /// What that is, such as `median of 12 ads of the account`.
    pub benchmark_is: String,
}

/// That a run was applied: by whom, when, and how things stood before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// Who applied it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// The actions that were done; advice to a person is not among them.
    pub actions: Vec<Action>,
    /// How things stood before.
    pub before: Standing,
    /// How they stood right after.
    pub after: Standing,
}

/// How an ad and its campaign's daily limit stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    /// The ad's status.
    pub ad_status: AdStatus,
    /// The campaign.
    pub campaign_id: CampaignId,
    /// Its daily limit, in micros.
    pub daily_limit_micros: Option<i64>,
}

impl OptimizationRun {
    /// What applying the run would do: each action once, however many rules advise it.
    ///
    /// # Errors
    /// It was applied already, or none of its recommendations can be applied by a machine.
    pub fn actions_to_apply(&self) -> Result<Vec<Action>, Violation> {
        if let Some(applied) = &self.applied {
            return Err(Violation::state(format!(
                "the run was applied at {}: ask for a new one",
                applied.at
            )));
        }
        let mut actions = Vec::new();
        for Recommendation { action, .. } in &self.recommendations {
            if action.is_automatic() && !actions.contains(action) {
                actions.push(*action);
            }
        }
        if actions.is_empty() {
            return Err(Violation::state(
                "the run recommends nothing that can be applied by itself: act on its advice by hand",
            ));
        }
        Ok(actions)
    }
}
