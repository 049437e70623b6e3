//! Pages of lists: `?limit=&cursor=` in, `{items, next_cursor}` out.
//!
//! A cursor is a position and a signature over the account, the list with its filters, and that position: nobody can
//! make one up, or take one to another list. It holds no secret and never grows old.

use std::fmt;
use std::str::FromStr;

use adstead_domain::port::AdFilter;
use adstead_domain::{
    AccountId, Actor, AdId, CampaignId, CampaignStatus, Page, PageRequest, SigningKey, Violation, Violations,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::Sha256;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::ApiState;
use crate::input::{Field, FromJson, object};
use crate::problem::Problem;

/// A list that has pages, with its filters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    Campaigns { status: Option<CampaignStatus> },
    AdGroups { campaign: CampaignId },
    Ads(AdFilter),
    Assets,
    Optimizations { ad: AdId },
    Budgets { status: Option<CampaignStatus> },
    RejectedEvents,
}

/// The list in words: the same for the same list, and for no other.
impl fmt::Display for Listing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Campaigns { status } => write!(f, "campaigns status={}", shown(*status)),
            Self::AdGroups { campaign } => write!(f, "ad-groups campaign={campaign}"),
            Self::Ads(AdFilter { campaign_id, ad_group_id, status }) => {
                let (campaign, group) = (shown(*campaign_id), shown(*ad_group_id));
                write!(f, "ads campaign={campaign} group={group} status={}", shown(*status))
            }
            Self::Assets => f.write_str("assets"),
            Self::Optimizations { ad } => write!(f, "optimizations ad={ad}"),
            Self::Budgets { status } => write!(f, "budgets status={}", shown(*status)),
            Self::RejectedEvents => f.write_str("rejected-events"),
        }
    }
}

/// No filter is written as a word of which none is made.
fn shown<T: fmt::Display>(filter: Option<T>) -> String {
    filter.map_or_else(|| "*".to_owned(), |filter| filter.to_string())
}

impl ApiState {
    /// A list as the actor reads it.
    pub(crate) fn list(&self, actor: &Actor, listing: Listing) -> List<'_> {
        List { key: &self.cursor_key, account: actor.account_id, listing }
    }
}

/// A list as somebody of one account reads it, page by page.
pub(crate) struct List<'a> {
    key: &'a SigningKey,
    account: AccountId,
    listing: Listing,
}

impl List<'_> {
    /// A forger guesses once in 2¹²⁸ times; half of the digest is what RFC 2104, section 5, asks for at least.
    const TAG: usize = 16;

    /// The page that the client asks for.
    ///
    /// # Errors
    /// A cursor that this list never gave out.
    pub(crate) fn page(&self, asked: Asked) -> Result<PageRequest, Problem> {
        let Asked { limit: Limit(mut page), cursor } = asked;
        page.after = cursor.map(|cursor| self.position(&cursor).ok_or_else(foreign_cursor)).transpose()?;
        Ok(page)
    }

    /// The page as it is sent.
    pub(crate) fn answer<E, T: From<E>>(&self, page: Page<E>) -> Items<T> {
        let Page { items, next } = page;
        Items {
            items: items.into_iter().map(T::from).collect(),
            next_cursor: next.map(|position| self.cursor(position)),
        }
    }

    fn position(&self, cursor: &str) -> Option<Uuid> {
        // A text that decodes to the same bytes in another way is refused too: the unused bits of its end must be zero.
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let (position, tag) = bytes.split_first_chunk()?;
        let position = Uuid::from_bytes(*position);
        let is_ours = tag.len() == Self::TAG && self.signature(position).verify_truncated_left(tag).is_ok();
        is_ours.then_some(position)
    }

    fn cursor(&self, position: Uuid) -> String {
        let tag = self.signature(position).finalize().into_bytes();
        BASE64_URL_SAFE_NO_PAD.encode([position.as_bytes(), &tag[..Self::TAG]].concat())
    }

    /// HMAC-SHA256 (RFC 2104) over three parts, of which only the last has no fixed length.
    fn signature(&self, position: Uuid) -> Hmac<Sha256> {
        let mut signature =
            Hmac::<Sha256>::new_from_slice(self.key.reveal()).expect("HMAC takes keys of any length");
        signature.update(self.account.uuid().as_bytes());
        signature.update(position.as_bytes());
        signature.update(self.listing.to_string().as_bytes());
        signature
    }
}

fn foreign_cursor() -> Problem {
    let detail = "the cursor is none of this list: send a next_cursor as you received it, with the same filters, \
                  or leave it out to start from the first page";
    Problem { faults: vec![Violation::invalid(detail).at("/cursor")], ..Problem::malformed(detail) }
}
/// A page of a list, newest first.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(crate) struct Items<T> {
    /// The things of this page.
    items: Vec<T>,
    /// Send this as `cursor` for the next page; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

impl<T> Items<T> {
    /// A list that is never longer than a page.
    pub(crate) fn all<E>(items: Vec<E>) -> Self
    where
        T: From<E>,
    {
        Self { items: items.into_iter().map(T::from).collect(), next_cursor: None }
    }
}

/// Which part of a list the client asks for.
pub(crate) struct Asked {
    pub(crate) limit: Limit,
    pub(crate) cursor: Option<String>,
}

/// How many things a page may have.
#[derive(Debug, Default)]
pub(crate) struct Limit(PageRequest);

impl FromStr for Limit {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        let limit = text.parse().map_err(|_| {
            let most = PageRequest::MAX_LIMIT;
            Violation::invalid(format!("{text:?} is no limit: ask for 1 to {most}"))
        })?;
        PageRequest::new(limit, None).map(Self)
    }
}

/// Which part of a list is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageParams {
    /// How many things a page may have.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    pub(crate) limit: Field<Limit>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    pub(crate) cursor: Field<String>,
}

impl FromJson for PageParams {
    type Value = Asked;

    fn from_json(json: Value) -> Result<Asked, Violations> {
        let (Self { limit, cursor }, mut faults) = object(json)?;
        let limit = faults.at("/limit", limit.optional());
        let cursor = faults.at("/cursor", cursor.optional());
        faults.finish(|| Some(Asked { limit: limit?.unwrap_or_default(), cursor: cursor? }))
    }
}

#[cfg(test)]
mod tests;
