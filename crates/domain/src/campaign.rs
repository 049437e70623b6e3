//! Campaigns: a budget, a flight and an audience on one platform.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::violation::named;
use crate::vocabulary::vocabulary;
use crate::{
    AccountId, AdGroup, Budget, CampaignChange, CampaignId, Faults, Money, Platform, Schedule, Spend,
    Targeting, Text, UserId, Version, Violation, Violations,
};

/// What people call a campaign.
pub type CampaignName = Text<200>;

/// A budget, a flight and an audience on one platform.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Campaign {
    /// Its id.
    pub id: CampaignId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What people call it.
    pub name: CampaignName,
    /// What it is for.
    pub objective: Objective,
    /// Where its ads run. It never changes: the ads were written for it.
    pub platform: Platform,
    /// What it may spend.
    pub budget: Budget,
    /// When it runs; nothing means from activation until it is stopped.
    pub schedule: Option<Schedule>,
    /// Whom it addresses.
    pub targeting: Targeting,
    /// Where it stands.
    pub status: CampaignStatus,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was changed.
    pub version: Version,
}

vocabulary! {
    /// What a campaign is for.
    Objective, "an objective" {
        /// To be known.
        Awareness = "awareness",
        /// To bring visitors.
        Traffic = "traffic",
        /// To be talked about.
        Engagement = "engagement",
        /// To be watched.
        VideoViews = "video_views",
        /// To collect contacts.
        Leads = "leads",
        /// To have an app installed or used.
        AppPromotion = "app_promotion",
        /// To have people do something on a site.
        Conversions = "conversions",
        /// To sell.
        Sales = "sales",
    }
}

vocabulary! {
    /// Where a campaign stands: draft → active ⇄ paused → completed → archived.
    CampaignStatus, "a campaign status" {
        /// Being prepared.
        Draft = "draft",
        /// Its ads may run.
        Active = "active",
        /// Held for a while.
        Paused = "paused",
        /// Over for good.
        Completed = "completed",
        /// Put away; it can only be read.
        Archived = "archived",
    }
}

impl CampaignStatus {
    /// Whether the campaign is over for good: it takes no changes, neither to itself nor to what it holds.
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Completed | Self::Archived)
    }
}

/// Changes to a campaign; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CampaignEdit {
    /// A new name.
    pub name: Option<CampaignName>,
    /// A new objective.
    pub objective: Option<Objective>,
    /// A new budget.
    pub budget: Option<Budget>,
    /// A new schedule, or none.
    pub schedule: Option<Option<Schedule>>,
    /// A new audience.
    pub targeting: Option<Targeting>,
}

/// A step in the life of a campaign that needs no money; [`Campaign::activate`] is the one that does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CampaignStep {
    /// active → paused
    Pause,
    /// active or paused → completed
    Complete,
    /// draft, paused or completed → archived
    Archive,
}

impl Campaign {
    /// Applies an edit, and answers what happened.
    ///
    /// # Errors
    /// A completed or archived campaign is not edited.
    pub fn edit(&mut self, edit: CampaignEdit, now: Timestamp) -> Result<CampaignChange, Violation> {
        if self.status.is_closed() {
            let status = self.status;
            return Err(Violation::state(format!(
                "the campaign is {status} and can only be read: make a new one"
            )));
        }
        let CampaignEdit { name, objective, budget, schedule, targeting } = edit;
        self.name = name.unwrap_or_else(|| self.name.clone());
        self.objective = objective.unwrap_or(self.objective);
        self.budget = budget.unwrap_or(self.budget);
        self.schedule = schedule.unwrap_or_else(|| self.schedule.clone());
        self.targeting = targeting.unwrap_or_else(|| self.targeting.clone());
        self.updated_at = now;
        Ok(CampaignChange::Edited)
    }

    /// Changes the daily limit from what somebody saw, and answers what happened. Where it is `to_micros` already, nothing
    /// is left to do.
    ///
    /// # Errors
    /// By now the limit is neither; the new one is no limit for this budget; the campaign takes no edits.
    pub fn change_daily_limit(
        &mut self,
        from_micros: i64,
        to_micros: i64,
        now: Timestamp,
    ) -> Result<Option<CampaignChange>, Violations> {
        let budget = &self.budget;
        let present = budget.daily_limit().map(Money::micros);
        if present == Some(to_micros) {
            return Ok(None);
        }
        if present != Some(from_micros) {
            let seen = Money::new(from_micros, budget.currency());
            let present = budget.daily_limit().map_or("none".to_owned(), |limit| limit.to_string());
            return Err(Violation::state(format!(
                "the campaign's daily limit was {seen} and is {present} by now: ask for a new run"
            ))
            .into());
        }
        let lifetime = budget.lifetime_limit().map(Money::micros);
        let changed = Budget::new(budget.currency(), budget.amount().micros(), Some(to_micros), lifetime)?;
        Ok(Some(self.edit(CampaignEdit { budget: Some(changed), ..CampaignEdit::default() }, now)?))
    }

    /// Lets the ads of a draft or paused campaign run, and answers what happened. `spend` counts in its account's zone.
    ///
    /// # Errors
    /// The campaign is neither; it is outside its flight or over its budget.
    pub fn activate(&mut self, spend: Spend, now: Timestamp) -> Result<CampaignChange, Violation> {
        self.require("activated", &[CampaignStatus::Draft, CampaignStatus::Paused])?;
        self.admits_delivery(spend, now)?;
        self.status = CampaignStatus::Active;
        self.updated_at = now;
        Ok(CampaignChange::Activated)
    }

    /// Takes a step in its life, and answers what happened.
    ///
    /// # Errors
    /// A step that its status does not allow.
    pub fn step(&mut self, step: CampaignStep, now: Timestamp) -> Result<CampaignChange, Violation> {
        use CampaignStatus::{Active, Archived, Completed, Draft, Paused};
        let (change, from, to) = match step {
            CampaignStep::Pause => (CampaignChange::Paused, &[Active][..], Paused),
            CampaignStep::Complete => (CampaignChange::Completed, &[Active, Paused][..], Completed),
            CampaignStep::Archive => (CampaignChange::Archived, &[Draft, Paused, Completed][..], Archived),
        };
        self.require(change.as_str(), from)?;
        self.status = to;
        self.updated_at = now;
        Ok(change)
    }

    fn require(&self, name: &str, from: &[CampaignStatus]) -> Result<(), Violation> {
        if from.contains(&self.status) {
            return Ok(());
        }
        let allowed: Vec<_> = from.iter().map(|status| status.as_str()).collect();
        Err(Violation::state(format!(
            "the campaign is {} and cannot be {name}: that takes one that is {}",
            self.status,
            allowed.join(" or ")
        )))
    }

    /// Whether all of its ad groups stay inside it.
    ///
    /// # Errors
    /// The groups that do not, at `/targeting` and at `/budget`.
    pub fn keeps(&self, groups: &[AdGroup]) -> Result<(), Violations> {
        let outside = |stays: fn(&AdGroup, &Self) -> Result<(), Violations>| {
            let outside: Vec<_> = groups.iter().filter(|group| stays(group, self).is_err()).collect();
            let names = named(outside.iter().map(|group| format!("{:?}", group.name.as_str())));
            (!outside.is_empty()).then_some(names)
        };
        let mut faults = Faults::default();
        if let Some(names) = outside(AdGroup::narrows) {
            let message = format!(
                "the campaign's ad groups {names} would address people outside it: narrow their targeting first"
            );
            faults.push("/targeting", Violation::invalid(message));
        }
        if let Some(names) = outside(AdGroup::spends_within) {
            let message = format!(
                "the campaign's ad groups {names} could spend more than it: lower their budgets first"
            );
            faults.push("/budget", Violation::invalid(message));
        }
        faults.into_result()
    }

    /// Whether its ads may run as far as its flight and its budget are concerned.
    ///
    /// # Errors
    /// The flight has not begun or is over; a limit is spent.
    pub fn admits_delivery(&self, spend: Spend, now: Timestamp) -> Result<(), Violation> {
        if let Some(schedule) = &self.schedule {
            schedule.admits(now)?;
        }
        self.budget.admits(spend)
    }
}
