//! Ad groups: ads of one campaign that share a narrower audience and, where wanted, a budget of their own.

use jiff::Timestamp;

use crate::{
    AccountId, AdGroupChange, AdGroupId, Budget, Campaign, CampaignId, Faults, Targeting, Text, Version,
    Violation, Violations,
};

/// What people call an ad group.
pub type AdGroupName = Text<200>;

/// Ads of one campaign that share a narrower audience and, where wanted, a budget of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct AdGroup {
    /// Its id.
    pub id: AdGroupId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The campaign that it belongs to.
    pub campaign_id: CampaignId,
    /// What people call it.
    pub name: AdGroupName,
    /// Whom it addresses, within the campaign's audience; nothing means all of them.
    pub targeting: Option<Targeting>,
    /// What it may spend of the campaign's budget; nothing means all of it.
    pub budget: Option<Budget>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was changed.
    pub version: Version,
}

/// Changes to an ad group; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdGroupEdit {
    /// A new name.
    pub name: Option<AdGroupName>,
    /// A new audience, or the campaign's.
    pub targeting: Option<Option<Targeting>>,
    /// A new cap, or none.
    pub budget: Option<Option<Budget>>,
}

impl AdGroup {
    /// Whether the group stays inside its campaign.
    ///
    /// # Errors
    /// All faults: an archived or completed campaign, a wider audience, a larger budget, another currency.
    pub fn fits(&self, campaign: &Campaign) -> Result<(), Violations> {
        if campaign.status.is_closed() {
            let status = campaign.status;
            let message = format!("the campaign is {status} and takes no changes to its ad groups");
            return Err(Violation::state(message).into());
        }
        let mut faults = Faults::default();
        faults.at("/targeting", self.narrows(campaign));
        faults.at("/budget", self.spends_within(campaign));
        faults.into_result()
    }

    /// Whether its audience is a part of the campaign's.
    pub(crate) fn narrows(&self, campaign: &Campaign) -> Result<(), Violations> {
        self.targeting
            .as_ref()
            .map_or(Ok(()), |targeting| campaign.targeting.narrowed_by(targeting).map(drop))
    }

    /// Whether its budget is a part of the campaign's.
    pub(crate) fn spends_within(&self, campaign: &Campaign) -> Result<(), Violations> {
        self.budget.as_ref().map_or(Ok(()), |budget| budget.within(&campaign.budget))
    }

    /// Applies an edit, and answers what happened.
    ///
    /// # Errors
    /// All ways in which the edited group would not fit its campaign; the group is then as it was.
    pub fn edit(
        &mut self,
        edit: AdGroupEdit,
        campaign: &Campaign,
        now: Timestamp,
    ) -> Result<AdGroupChange, Violations> {
        let AdGroupEdit { name, targeting, budget } = edit;
        let edited = Self {
            name: name.unwrap_or_else(|| self.name.clone()),
            targeting: targeting.unwrap_or_else(|| self.targeting.clone()),
            budget: budget.unwrap_or(self.budget),
            updated_at: now,
            ..self.clone()
        };
        edited.fits(campaign)?;
        *self = edited;
        Ok(AdGroupChange::Edited)
    }
}
