//! What happened to ads: impressions, clicks, conversions; delivered at least once, counted exactly once.

use std::collections::HashSet;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::targeting::country_code;
use crate::vocabulary::vocabulary;
use crate::{AdId, Device, EventId, EventWindow, Sha256Digest, Text, Violation};

vocabulary! {
    /// What happened.
    EventKind, "a kind of event" {
        /// The ad was shown.
        Impression = "impression",
        /// The ad was clicked.
        Click = "click",
        /// Somebody did what the campaign is for. It needs no click (view-through) and may come late.
        Conversion = "conversion",
    }
}

/// One thing that happened to one ad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PerformanceEvent {
    /// Chosen by the sender: an event with the same id is the same event.
    pub id: EventId,
    /// What happened.
    pub kind: EventKind,
    /// To which ad.
    pub ad_id: AdId,
    /// When.
    pub occurred_at: Timestamp,
    /// What it cost, in micros of the account's currency.
    pub cost_micros: i64,
    /// What it earned, in micros of the account's currency.
    pub revenue_micros: i64,
    /// Where, as an ISO 3166-1 alpha-2 code.
    pub country: Option<Country>,
    /// On what.
    pub device: Option<Device>,
    /// In which place of the platform, in its own words.
    pub placement: Option<Placement>,
}

/// A place of a platform, in its own words, such as `feed` or `search_top`.
pub type Placement = Text<100>;

/// A country by its ISO 3166-1 alpha-2 code, in upper case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The code.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).expect("a country is two ASCII letters")
    }
}

impl std::str::FromStr for Country {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        country_code(text)?.map(Self).ok_or_else(|| {
            let text = crate::id::shortened(text);
            Violation::invalid(format!("{text:?} is not a country: use two letters such as DE (ISO 3166-1)"))
        })
    }
}

impl TryFrom<String> for Country {
    type Error = Violation;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl PerformanceEvent {
    /// The most that one event may cost or earn, in micros: a million units of the currency.
    pub const MAX_MICROS: i64 = 1_000_000_000_000;
    /// How far a sender's clock may be ahead.
    pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);

    /// Whether the event counts, where events are kept as `window` says.
    ///
    /// # Errors
    /// Why it does not: an ad that is not among `known_ads`, a time in the future or so long ago that nobody could tell
    /// whether the event was counted before, or money out of bounds.
    pub fn judge(
        &self,
        known_ads: &HashSet<AdId>,
        window: &EventWindow,
        now: Timestamp,
    ) -> Result<(), Violation> {
        self.check_money("cost_micros", self.cost_micros)?;
        self.check_money("revenue_micros", self.revenue_micros)?;
        if self.occurred_at.duration_since(now) > Self::CLOCK_SKEW {
            let occurred_at = self.occurred_at;
            return Err(Violation::invalid(format!(
                "occurred_at {occurred_at} lies in the future: send the event once it has happened"
            )));
        }
        if self.occurred_at < Timestamp::UNIX_EPOCH {
            let occurred_at = self.occurred_at;
            return Err(Violation::invalid(format!(
                "occurred_at {occurred_at} lies before 1970: check the sender's clock"
            )));
        }
        window.check(self.occurred_at)?;
        if !known_ads.contains(&self.ad_id) {
            return Err(Violation::invalid(format!(
                "unknown ad {}: send events of this account's ads",
                self.ad_id
            )));
        }
        Ok(())
    }

    fn check_money(&self, name: &str, micros: i64) -> Result<(), Violation> {
        if micros < 0 {
            return Err(Violation::invalid(format!("{name} is {micros}: it cannot be negative")));
        }
        if micros > Self::MAX_MICROS {
            let most = Self::MAX_MICROS;
            return Err(Violation::invalid(format!("{name} is {micros}: one event has at most {most}")));
        }
        Ok(())
    }
}

/// An event that counts nowhere, kept as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedEvent {
    /// What was sent, as JSON, cut at 4 KiB. NUL bytes, which no JSON has and not every database takes, are
    /// shown as U+FFFD.
    pub payload: String,
    /// The digest of all that was sent: the same event sent again is kept once.
    pub digest: Sha256Digest,
    /// Why it does not count. A NUL, as it may stand in the name of a field, is shown as in the payload.
    pub reason: String,
}

impl RejectedEvent {
    /// The most of a payload that is kept, in bytes.
    pub const MAX_PAYLOAD: usize = 4096;

    /// The record of an event that was refused for `reason`.
    pub fn new(payload: &str, reason: String) -> Self {
        let cut = |text: &str| text[..text.floor_char_boundary(Self::MAX_PAYLOAD)].to_owned();
        Self {
            payload: cut(&without_nul(cut(payload))),
            digest: Sha256Digest::of(payload.as_bytes()),
            reason: without_nul(reason),
        }
    }
}

/// A text with the replacement character in place of NUL, which PostgreSQL keeps in no text.
fn without_nul(text: String) -> String {
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text }
}

/// A rejected event as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRejection {
    /// What was sent, and why it does not count: the reason given last.
    pub event: RejectedEvent,
    /// When it was last sent.
    pub received_at: Timestamp,
}

impl KeptRejection {
    /// Its place in the list of rejected events: the microsecond in which it was received, then the first eight bytes of
    /// its digest. What is received later, or has the greater digest, has the greater place.
    pub fn place(&self) -> Uuid {
        let digest = self.event.digest.as_bytes();
        let beginning = digest.first_chunk().expect("a digest has 32 bytes");
        Uuid::from_u64_pair(
            self.received_at.as_microsecond().cast_unsigned() ^ SIGN,
            u64::from_be_bytes(*beginning),
        )
    }

    /// The microsecond and the beginning of the digest that a place stands for.
    pub fn at_place(place: Uuid) -> (i64, u64) {
        let (received_at, beginning) = place.as_u64_pair();
        ((received_at ^ SIGN).cast_signed(), beginning)
    }
}

/// Turned over, it makes numbers with a sign sort as those without.
const SIGN: u64 = 1 << 63;
