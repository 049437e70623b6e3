//! Typed ids: an ad's id cannot be passed where a campaign's is meant.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Violation;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $what:literal;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id that this UUID stands for.
            pub const fn new(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The bare UUID.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = Violation;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self).map_err(|_| {
                    Violation::invalid(format!(concat!($what, " id {:?} is not a UUID"), shortened(text)))
                })
            }
        }
    )+};
}

ids! {
    /// Names an [`Account`](crate::Account).
    AccountId, "account";
    /// Names a [`User`](crate::User).
    UserId, "user";
    /// Names an [`ApiKey`](crate::ApiKey).
    ApiKeyId, "API key";
    /// Names a [`Campaign`](crate::Campaign).
    CampaignId, "campaign";
    /// Names an [`AdGroup`](crate::AdGroup).
    AdGroupId, "ad group";
    /// Names an [`Ad`](crate::Ad).
    AdId, "ad";
    /// Names an [`Asset`](crate::Asset).
    AssetId, "asset";
    /// Names an upload that goes past us.
    UploadId, "upload";
    /// Names a [`Generation`](crate::Generation).
    GenerationId, "generation";
    /// Names an [`OptimizationRun`](crate::OptimizationRun).
    OptimizationRunId, "optimization run";
    /// Names a [`PerformanceEvent`](crate::PerformanceEvent); chosen by its sender, it is what makes counting exact.
    EventId, "event";
    /// Names a [`Claim`](crate::port::Claim) or a [`MessageClaim`](crate::port::MessageClaim).
    ClaimId, "claim";
    /// Names a [`DomainEvent`](crate::DomainEvent); the same each time it is told.
    DomainEventId, "event";
    /// Names a [`Subscription`](crate::Subscription).
    SubscriptionId, "subscription";
}

/// Names a message of the [`Outbox`](crate::port::Outbox): a number that grows, so that it tells what came first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(i64);

impl MessageId {
    /// The id that this number stands for.
    pub const fn new(number: i64) -> Self {
        Self(number)
    }

    /// The bare number.
    pub const fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for MessageId {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self).map_err(|_| {
            Violation::invalid(format!("message id {:?} is not a number of 64 bits", shortened(text)))
        })
    }
}

/// Foreign text for an error message: never longer than a person would read.
pub(crate) fn shortened(text: &str) -> String {
    const READABLE: usize = 60;
    if text.chars().count() <= READABLE {
        return text.to_owned();
    }
    text.chars().take(READABLE).chain(['…']).collect()
}
