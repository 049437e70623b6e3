//! The way of an ad from draft through review into delivery.

use jiff::Timestamp;

use super::{Ad, Review, ReviewNotes};
use crate::platform::Completeness;
use crate::vocabulary::vocabulary;
use crate::{Account, AdChange, AdGroup, Campaign, Spend, UserId, Violation, Violations};

vocabulary! {
    /// Where an ad stands: draft → pending_review → approved | rejected; rejected → draft;
    /// approved → active ⇄ paused; draft, rejected, approved, paused → archived.
    AdStatus, "an ad status" {
        /// Being written.
        Draft = "draft",
        /// Waiting for a reviewer.
        PendingReview = "pending_review",
        /// May be activated.
        Approved = "approved",
        /// Must be revised.
        Rejected = "rejected",
        /// May be shown.
        Active = "active",
        /// Held for a while.
        Paused = "paused",
        /// Put away; it can only be read.
        Archived = "archived",
    }
}

vocabulary! {
    /// What a reviewer decides.
    Decision, "a decision" {
        /// The ad may run.
        Approved = "approved",
        /// The ad must be revised.
        Rejected = "rejected",
    }
}

/// A step in the life of an ad that needs nobody's consent and no money; [`Ad::activate`] is the one that needs money.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AdStep {
    /// draft → pending_review
    Submit,
    /// rejected → draft
    Revise,
    /// active → paused
    Pause,
    /// draft, rejected, approved or paused → archived
    Archive,
}

/// What the activation of an ad depends on.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'a> {
    /// The ad's campaign.
    pub campaign: &'a Campaign,
    /// What the campaign has spent.
    pub campaign_spend: Spend,
    /// The ad's group.
    pub group: &'a AdGroup,
    /// What the group has spent.
    pub group_spend: Spend,
}

impl Ad {
    /// Takes a step, and answers what happened.
    ///
    /// # Errors
    /// A step that the status does not allow; a submission that is not complete.
    pub fn step(&mut self, step: AdStep, now: Timestamp) -> Result<AdChange, Violations> {
        use AdStatus::{Active, Approved, Archived, Draft, Paused, PendingReview, Rejected};
        let (change, from, to) = match step {
            AdStep::Submit => (AdChange::Submitted, &[Draft][..], PendingReview),
            AdStep::Revise => (AdChange::Revised, &[Rejected][..], Draft),
            AdStep::Pause => (AdChange::Paused, &[Active][..], Paused),
            AdStep::Archive => (AdChange::Archived, &[Draft, Rejected, Approved, Paused][..], Archived),
        };
        self.require(change.as_str(), from)?;
        if step == AdStep::Submit {
            self.check(Completeness::Complete)?.into_result().map(drop)?;
        }
        self.status = to;
        self.updated_at = now;
        Ok(change)
    }

    /// Lets an approved or paused ad be shown, and answers what happened.
    ///
    /// # Errors
    /// The ad is neither; its campaign is over, outside its flight, or out of money; its group is out of money.
    pub fn activate(&mut self, delivery: Delivery<'_>, now: Timestamp) -> Result<AdChange, Violation> {
        self.require("activated", &[AdStatus::Approved, AdStatus::Paused])?;
        let Delivery { campaign, campaign_spend, group, group_spend } = delivery;
        if campaign.status.is_closed() {
            let status = campaign.status;
            return Err(Violation::state(format!(
                "the ad's campaign is {status}: activate ads of a running one"
            )));
        }
        campaign.admits_delivery(campaign_spend, now)?;
        group.budget.as_ref().map_or(Ok(()), |budget| budget.admits(group_spend))?;
        self.status = AdStatus::Active;
        self.updated_at = now;
        Ok(AdChange::Activated)
    }

    /// Records a review of an ad that waits for one, and answers what happened.
    ///
    /// # Errors
    /// The ad does not wait for review; its editor reviews it although the account asks for a second person.
    pub fn review(
        &mut self,
        decision: Decision,
        notes: Option<ReviewNotes>,
        reviewer: UserId,
        account: &Account,
        now: Timestamp,
    ) -> Result<AdChange, Violation> {
        self.require(decision.as_str(), &[AdStatus::PendingReview])?;
        if decision == Decision::Approved && account.second_reviewer && self.editors.contains(&reviewer) {
            return Err(Violation::forbidden(
                "you edited this ad, so somebody else must approve it: ask another reviewer",
            ));
        }
        self.reviews.push(Review { reviewer, decision, notes, at: now });
        let (status, change) = match decision {
            Decision::Approved => (AdStatus::Approved, AdChange::Approved),
            Decision::Rejected => (AdStatus::Rejected, AdChange::Rejected),
        };
        self.status = status;
        self.updated_at = now;
        Ok(change)
    }

    fn require(&self, name: &str, from: &[AdStatus]) -> Result<(), Violation> {
        if from.contains(&self.status) {
            return Ok(());
        }
        let allowed: Vec<_> = from.iter().map(|status| status.as_str()).collect();
        Err(Violation::state(format!(
            "the ad is {} and cannot be {name}: that takes one that is {}",
            self.status,
            allowed.join(" or ")
        )))
    }
}
