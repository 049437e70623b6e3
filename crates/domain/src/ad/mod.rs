//! Ads: what is shown, and its way through review into delivery.

mod content;
mod life;

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

pub use content::{AdContent, AdCopy, CallToAction, FinalUrl};
pub use life::{AdStatus, AdStep, Decision, Delivery};

use crate::platform::{Completeness, CopyCheck};
use crate::{
    AccountId, AdChange, AdGroupId, AdId, AdType, CampaignId, Platform, Text, UserId, Version, Violation,
    Violations, Warning,
};

/// What people call an ad.
pub type AdName = Text<200>;

/// Why somebody approved or rejected an ad.
pub type ReviewNotes = Text<2000>;

/// Something that is shown to people.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ad {
    /// Its id.
    pub id: AdId,
    /// Whose it is.
    pub account_id: AccountId,
    /// The campaign that its group belongs to.
    pub campaign_id: CampaignId,
    /// The group that it belongs to.
    pub ad_group_id: AdGroupId,
    /// Where it runs: its campaign's platform.
    pub platform: Platform,
    /// What kind of ad it is.
    pub ad_type: AdType,
    /// What people call it.
    pub name: AdName,
    /// What is shown.
    pub content: AdContent,
    /// Where it stands.
    pub status: AdStatus,
    /// What reviewers decided, the latest last.
    pub reviews: Vec<Review>,
    /// Who wrote or changed its content.
    pub editors: BTreeSet<UserId>,
    /// Who made it.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// How often it was changed.
    pub version: Version,
}

/// A reviewer's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Who decided.
    pub reviewer: UserId,
    /// What they decided.
    pub decision: Decision,
    /// Why.
    pub notes: Option<ReviewNotes>,
    /// When.
    pub at: Timestamp,
}

/// Changes to an ad; what is absent stays as it is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AdEdit {
    /// A new name. It is nobody's business but the team's, so it needs no new review.
    pub name: Option<AdName>,
    /// New headlines.
    pub headlines: Option<Vec<String>>,
    /// New descriptions.
    pub descriptions: Option<Vec<String>>,
    /// A new call to action, or none.
    pub call_to_action: Option<Option<CallToAction>>,
    /// A new landing page.
    pub final_url: Option<FinalUrl>,
    /// Other files.
    pub assets: Option<Vec<crate::AssetId>>,
}

impl Ad {
    /// Whether the content keeps the platform's hard limits, as far as a draft must.
    ///
    /// # Errors
    /// All lines past a hard limit, each with its place.
    pub fn check_draft(&self) -> Result<(), Violations> {
        self.check(Completeness::Draft)?.into_result().map(drop)
    }

    /// Soft limits that the content passes.
    pub fn warnings(&self) -> Vec<Warning> {
        let AdCopy { headlines, descriptions, call_to_action: _ } = &self.content.copy;
        let limits = crate::platform::limits(self.platform, self.ad_type);
        limits.map(|limits| limits.warnings(headlines, descriptions)).unwrap_or_default()
    }

    /// Applies an edit by `editor`, and answers what happened. Other content sends the ad back to draft: nobody has
    /// reviewed it.
    ///
    /// # Errors
    /// An archived ad is not edited; all lines of the new content past a hard limit. The ad is then as it was.
    pub fn edit(&mut self, edit: AdEdit, editor: UserId, now: Timestamp) -> Result<AdChange, Violations> {
        if self.status == AdStatus::Archived {
            return Err(Violation::state("the ad is archived and can only be read: make a new one").into());
        }
        let mut edited = self.clone();
        let AdEdit { name, headlines, descriptions, call_to_action, final_url, assets } = edit;
        let AdContent { copy, final_url: url, assets: files } = &mut edited.content;
        replace(&mut copy.headlines, headlines);
        replace(&mut copy.descriptions, descriptions);
        replace(&mut copy.call_to_action, call_to_action);
        replace(url, final_url);
        replace(files, assets);
        replace(&mut edited.name, name);
        if edited.content != self.content {
            edited.check_draft()?;
            edited.status = AdStatus::Draft;
            edited.editors.insert(editor);
        }
        edited.updated_at = now;
        *self = edited;
        Ok(AdChange::Edited)
    }

    fn check(&self, completeness: Completeness) -> Result<CopyCheck, Violations> {
        let limits =
            crate::platform::limits(self.platform, self.ad_type).map_err(|fault| fault.at("/type"))?;
        let AdCopy { headlines, descriptions, call_to_action: _ } = &self.content.copy;
        let mut check = limits.check(headlines, descriptions, completeness);
        if self.content.assets.len() > AdContent::MAX_ASSETS {
            let most = AdContent::MAX_ASSETS;
            check.faults.push("/asset_ids", Violation::invalid(format!("an ad shows at most {most} files")));
        }
        let distinct: BTreeSet<_> = self.content.assets.iter().collect();
        if distinct.len() < self.content.assets.len() {
            check.faults.push("/asset_ids", Violation::invalid("a file is named twice: name each once"));
        }
        Ok(check)
    }
}

fn replace<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
