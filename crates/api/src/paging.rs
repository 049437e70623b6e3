//! Pages of lists: `?limit=&cursor=` in, `{items, next_cursor}` out.

use std::str::FromStr;

use adstead_domain::{Page, PageRequest, Violation, Violations};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::input::{Field, FromJson, object};
use crate::problem::Problem;

/// A list that has pages. A cursor carries its name, so that it opens no other list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Listing {
    Campaigns,
    AdGroups,
    Ads,
    Assets,
    Optimizations,
    Budgets,
    RejectedEvents,
}

impl Listing {
    const fn name(self) -> &'static str {
        match self {
            Self::Campaigns => "campaigns",
            Self::AdGroups => "ad_groups",
            Self::Ads => "ads",
            Self::Assets => "assets",
            Self::Optimizations => "optimizations",
            Self::Budgets => "budgets",
            Self::RejectedEvents => "rejected_events",
        }
    }

    /// The page that the client asks for.
    ///
    /// # Errors
    /// A cursor that this list never gave out.
    pub(crate) fn page(self, asked: Asked) -> Result<PageRequest, Problem> {
        let Asked { limit: Limit(mut page), cursor } = asked;
        page.after = cursor.map(|cursor| self.position(&cursor)).transpose()?;
        Ok(page)
    }

    fn position(self, cursor: &str) -> Result<Uuid, Problem> {
        let decoded =
            BASE64_URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let position = decoded.as_deref().and_then(|text| text.strip_prefix(self.name())?.strip_prefix(':'));
        position.and_then(|id| id.parse().ok()).ok_or_else(|| {
            Problem::malformed(
                "the cursor is none of this list: send a next_cursor as you received it, or leave it out to begin",
            )
        })
    }

    fn cursor(self, position: Uuid) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(format!("{}:{position}", self.name()))
    }

    /// The page as it is sent.
    pub(crate) fn answer<E, T: From<E>>(self, page: Page<E>) -> Items<T> {
        let Page { items, next } = page;
        Items {
            items: items.into_iter().map(T::from).collect(),
            next_cursor: next.map(|position| self.cursor(position)),
        }
    }
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
