use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::changes::{
    AdChange, AdGroupChange, AssetChange, BudgetChange, CampaignChange, ClickThroughChange, DeliveryChange,
    ServiceChange, SubscriptionChange,
};
use crate::Violation;
use crate::id::shortened;

pub(super) const CAMPAIGN: &str = "campaign";
pub(super) const AD_GROUP: &str = "ad_group";
pub(super) const AD: &str = "ad";
pub(super) const ASSET: &str = "asset";
pub(super) const GENERATION: &str = "generation";
pub(super) const WRITTEN: &str = "written";
pub(super) const OPTIMIZATION: &str = "optimization";
pub(super) const APPLIED: &str = "applied";
pub(super) const BUDGET: &str = "budget";
pub(super) const CLICK_THROUGH: &str = "ctr";
pub(super) const CONVERSION: &str = "conversion";
pub(super) const RECORDED: &str = "recorded";
pub(super) const SERVICE: &str = "service";
pub(super) const DELIVERY: &str = "delivery";
pub(super) const SUBSCRIPTION: &str = "subscription";

/// The name of what happened: the subject and the change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OccurrenceName {
    subject: &'static str,
    change: &'static str,
}

impl OccurrenceName {
    pub(super) const fn new(subject: &'static str, change: &'static str) -> Self {
        Self { subject, change }
    }

    /// What it happened to, such as `ad`.
    pub const fn subject(self) -> &'static str {
        self.subject
    }

    /// What happened to it, such as `approved`.
    pub const fn change(self) -> &'static str {
        self.change
    }

    /// Whether people are told of it. Conversions are counted, and are too many to be told of one by one: they are for
    /// sinks alone.
    pub fn is_news(self) -> bool {
        self.subject != CONVERSION
    }

    /// Whether it tests a subscription.
    pub fn is_test(self) -> bool {
        self.subject == SUBSCRIPTION
    }

    /// All that there are, those of one subject together.
    pub fn all() -> Vec<Self> {
        let of = |subject, changes: Vec<&'static str>| {
            changes.into_iter().map(move |change| Self { subject, change })
        };
        let subjects = [
            (CAMPAIGN, words(CampaignChange::ALL)),
            (AD_GROUP, words(AdGroupChange::ALL)),
            (AD, words(AdChange::ALL)),
            (ASSET, words(AssetChange::ALL)),
            (GENERATION, vec![WRITTEN]),
            (OPTIMIZATION, vec![APPLIED]),
            (BUDGET, words(BudgetChange::ALL)),
            (CLICK_THROUGH, words(ClickThroughChange::ALL)),
            (CONVERSION, vec![RECORDED]),
            (SERVICE, words(ServiceChange::ALL)),
            (DELIVERY, words(DeliveryChange::ALL)),
            (SUBSCRIPTION, words(SubscriptionChange::ALL)),
        ];
        subjects.into_iter().flat_map(|(subject, changes)| of(subject, changes)).collect()
    }
}

fn words<T: Copy + Into<&'static str>>(changes: &[T]) -> Vec<&'static str> {
    changes.iter().map(|change| (*change).into()).collect()
}

impl fmt::Display for OccurrenceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { subject, change } = self;
        write!(f, "{subject}.{change}")
    }
}

/// Which occurrences are meant: one by its name, all of a subject, or all.
///
/// ```
/// use adstead_domain::{AdChange, OccurrenceName, OccurrencePattern};
///
/// let of_ads: OccurrencePattern = "ad.*".parse().unwrap();
/// let matched = OccurrenceName::all().into_iter().filter(|name| of_ads.matches(*name));
/// assert_eq!(matched.count(), AdChange::ALL.len());
/// assert!("ad.aproved".parse::<OccurrencePattern>().is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct OccurrencePattern(String);

impl OccurrencePattern {
    /// Whether it means what bears that name.
    pub fn matches(&self, name: OccurrenceName) -> bool {
        match self.0.split_once('.') {
            None => true,
            Some((subject, "*")) => subject == name.subject,
            Some((subject, change)) => (subject, change) == (name.subject, name.change),
        }
    }

    /// The pattern as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for OccurrencePattern {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = OccurrenceName::all();
        let is_known = |name: &OccurrenceName| {
            text.split_once('.').is_some_and(|(subject, change)| {
                subject == name.subject && (change == "*" || change == name.change)
            })
        };
        if text == "*" || known.iter().any(is_known) {
            return Ok(Self(text.to_owned()));
        }
        let names = known.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let text = shortened(text);
        Err(Violation::invalid(format!(
            "{text:?} names no event: use one of {names}; all of a kind, such as ad.*; or * for all"
        )))
    }
}

impl TryFrom<String> for OccurrencePattern {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<OccurrencePattern> for String {
    fn from(pattern: OccurrencePattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for OccurrencePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
