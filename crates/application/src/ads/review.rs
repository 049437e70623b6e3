use std::sync::Arc;

use adstead_domain::ad::ReviewNotes;
use adstead_domain::port::{AccountRepository, AdRepository, Clock, IdGenerator};
use adstead_domain::{Actor, Ad, AdId, Decision, Permission, Version};

use crate::Error;
use crate::accounts::account_of;
use crate::error::expect_version;
use crate::happened::happened;

/// Approves or rejects an ad.
pub struct ReviewAd {
    /// Where the account's rule of review is kept.
    pub accounts: Arc<dyn AccountRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

impl ReviewAd {
    /// Records the decision on an ad, which must be at version `seen` where one is given.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Stale`], or [`Error::Rules`].
    pub async fn execute(
        &self,
        actor: &Actor,
        id: AdId,
        decision: Decision,
        notes: Option<ReviewNotes>,
        seen: Option<Version>,
    ) -> Result<Ad, Error> {
        actor.must(Permission::Review)?;
        let found = self.ads.get(actor.account_id, id).await?;
        let mut ad = found.ok_or_else(|| Error::not_found("ad", id))?;
        expect_version(seen, ad.version)?;
        let account = account_of(self.accounts.as_ref(), actor).await?;
        let now = self.clock.now();
        let change = ad.review(decision, notes, actor.user_id, &account, now)?;
        let event = happened(self.ids.as_ref(), actor, ad.occurrence(change), now);
        ad.version = self.ads.update(&ad, &[event]).await?;
        Ok(ad)
    }
}
