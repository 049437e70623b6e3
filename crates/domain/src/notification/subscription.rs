use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Cadence, Channel, Destination, Timing};
use crate::{
    AccountId, DomainEvent, OccurrenceName, OccurrencePattern, SubscriptionId, UserId, Version, Violation,
    Violations,
};

/// Somebody's wish to be told of what happens in an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    /// Its id.
    pub id: SubscriptionId,
    /// Whose events it is about.
    pub account_id: AccountId,
    /// Whose wish it is.
    pub user_id: UserId,
    /// Which events it is about.
    pub events: Vec<OccurrencePattern>,
    /// Where to tell.
    pub destination: Destination,
    /// When to tell.
    pub timing: Timing,
    /// Why nothing is told for now; nothing where it is.
    pub suspended: Option<Suspension>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Counts the changes.
    pub version: Version,
}

/// Why and since when a subscription rests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// Why.
    pub reason: SuspensionReason,
    /// Since when.
    pub since: Timestamp,
}

crate::vocabulary::vocabulary! {
    /// Why a subscription rests.
    SuspensionReason, "a reason" {
        /// Its user wanted that.
        Paused = "paused",
        /// There is nobody any more: the webhook answered 410, or the mail server knows no such mailbox.
        Gone = "gone",
    }
}

impl Subscription {
    /// Subscriptions that one account may have.
    pub const MOST: usize = 100;
    /// Patterns that one subscription may have.
    pub const MOST_PATTERNS: usize = 50;

    /// Whether it asks for this event now.
    pub fn wants(&self, event: &DomainEvent) -> bool {
        self.suspended.is_none()
            && self.account_id == event.account_id
            && self.is_about(event.occurrence.name())
    }

    /// Whether it is about what bears that name, as each is about its own tests.
    pub fn is_about(&self, name: OccurrenceName) -> bool {
        name.is_test() || self.events.iter().any(|pattern| pattern.matches(name))
    }

    /// By which line it is told of something: what may have to wait, for its time or for the end of quiet hours, has one of its
    /// own.
    pub fn line(&self, is_critical: bool) -> Line {
        let Timing { cadence, quiet_hours, .. } = &self.timing;
        if is_critical || (*cadence == Cadence::AtOnce && quiet_hours.is_none()) {
            Line::Now(self.id)
        } else {
            Line::Later(self.id)
        }
    }

    /// The wish, where it makes sense.
    ///
    /// # Errors
    /// No event at all, or too many, or such as nobody is told of; a program that would be told of several things at once, or later.
    pub fn checked(self) -> Result<Self, Violations> {
        let mut faults = crate::Faults::default();
        let most = Self::MOST_PATTERNS;
        if self.events.is_empty() || self.events.len() > most {
            let message = format!("{} events are named, 1 to {most} are allowed", self.events.len());
            faults.push("/events", Violation::invalid(message));
        }
        for (index, pattern) in self.events.iter().enumerate() {
            let is_news =
                OccurrenceName::all().into_iter().any(|name| pattern.matches(name) && name.is_news());
            if !is_news {
                let message = format!(
                    "nobody is told of {pattern} one by one: look at the reports, or have an analytics sink told of them"
                );
                faults.push(&format!("/events/{index}"), Violation::invalid(message));
            }
        }
        if self.destination.channel() == Channel::Webhook {
            if self.timing.cadence != Cadence::AtOnce {
                let message = "a webhook is told at once: leave the cadence out, and gather at the receiver";
                faults.push("/cadence", Violation::invalid(message));
            }
            if self.timing.quiet_hours.is_some() {
                let message = "a webhook never sleeps: leave the quiet hours out";
                faults.push("/quiet_hours", Violation::invalid(message));
            }
        }
        faults.into_result().map(|()| self)
    }
}

/// What the outbox knows a subscription by: one line for what is told at once, one for what is told together later.
///
/// ```
/// use adstead_domain::{Line, SubscriptionId};
/// use uuid::Uuid;
///
/// let id = SubscriptionId::new(Uuid::max());
/// let name = Line::Later(id).to_string();
/// assert_eq!((name.len(), name.parse()), (31, Ok(Line::Later(id))));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Of what waits for nothing.
    Now(SubscriptionId),
    /// Of what waits for its time.
    Later(SubscriptionId),
}

impl Line {
    /// What the names of all lines begin with.
    pub const PREFIX: &str = "sub-";

    /// Whose line it is.
    pub const fn subscription(self) -> SubscriptionId {
        match self {
            Self::Now(id) | Self::Later(id) => id,
        }
    }
}

/// A UUID in base 36 is short enough for the names of the outbox.
impl std::fmt::Display for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut number = self.subscription().uuid().as_u128();
        let mut digits = [b'0'; 25];
        for digit in digits.iter_mut().rev() {
            *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
            number /= 36;
        }
        let end = match self {
            Self::Now(_) => "",
            Self::Later(_) => "-d",
        };
        write!(f, "{}{}{end}", Self::PREFIX, String::from_utf8_lossy(&digits))
    }
}

impl std::str::FromStr for Line {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || Violation::invalid(format!("{text:?} is no line of a subscription"));
        let name = text.strip_prefix(Self::PREFIX).ok_or_else(refused)?;
        let digits = name.strip_suffix("-d").unwrap_or(name);
        let number = u128::from_str_radix(digits, 36).map_err(|_| refused())?;
        let id = SubscriptionId::new(uuid::Uuid::from_u128(number));
        Ok(if digits.len() < name.len() { Self::Later(id) } else { Self::Now(id) })
    }
}
