//! What targeting can name: ages, genders, places, languages, devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::id::shortened;
use crate::vocabulary::vocabulary;
use crate::{Faults, Violation, Violations};

/// Ages in years, both ends included: 13 to 65, where 65 stands for 65 and above.
///
/// Source: Meta Marketing API, basic targeting, `age_min` and `age_max`
/// (<https://developers.facebook.com/docs/marketing-api/audiences/reference/basic-targeting>).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct AgeRange {
    min: u8,
    max: u8,
}

impl AgeRange {
    /// The youngest age that ads may be aimed at.
    pub const YOUNGEST: u8 = 13;
    /// The oldest age that is told apart; it stands for everybody above it, too.
    pub const OLDEST: u8 = 65;
    /// Every age.
    pub const EVERYBODY: Self = Self { min: Self::YOUNGEST, max: Self::OLDEST };

    /// The ages from `min` to `max`.
    ///
    /// # Errors
    /// All faults at once: an age outside 13–65, or `min` above `max`, each at `/min` or `/max`.
    pub fn new(min: i64, max: i64) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        let known = faults.at("/min", age(min)).zip(faults.at("/max", age(max)));
        if known.is_some() && min > max {
            let message = format!("the youngest age, {min}, is above the oldest, {max}: swap them");
            faults.push("/min", Violation::invalid(message));
        }
        faults.finish(|| known.map(|(min, max)| Self { min, max }))
    }

    /// The youngest age, 13–65.
    pub const fn min(self) -> u8 {
        self.min
    }

    /// The oldest age, 13–65; 65 stands for 65 and above.
    pub const fn max(self) -> u8 {
        self.max
    }

    /// Whether it has every age that `inner` has.
    pub const fn covers(self, inner: Self) -> bool {
        self.min <= inner.min && inner.max <= self.max
    }
}

fn age(years: i64) -> Result<u8, Violation> {
    let (youngest, oldest) = (AgeRange::YOUNGEST, AgeRange::OLDEST);
    u8::try_from(years).ok().filter(|years| (youngest..=oldest).contains(years)).ok_or_else(|| {
        let message =
            format!("{years} is not an age to aim at: use {youngest} to {oldest} ({oldest} means and above)");
        Violation::invalid(message)
    })
}

impl Default for AgeRange {
    fn default() -> Self {
        Self::EVERYBODY
    }
}

impl fmt::Display for AgeRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let and_above = if self.max == Self::OLDEST { "+" } else { "" };
        write!(f, "{}–{}{and_above}", self.min, self.max)
    }
}

vocabulary! {
    /// A gender as platforms report it.
    Gender, "a gender" {
        /// Women.
        Female = "female",
        /// Men.
        Male = "male",
        /// People who are neither.
        Nonbinary = "nonbinary",
        /// People of whom the platform does not know.
        Unknown = "unknown",
    }
}

vocabulary! {
    /// What an ad is seen on.
    Device, "a device" {
        /// A telephone.
        Mobile = "mobile",
        /// A desk or laptop computer.
        Desktop = "desktop",
        /// A tablet.
        Tablet = "tablet",
        /// A television set that runs apps, or a box beside one.
        ConnectedTv = "connected_tv",
    }
}

/// A country by its ISO 3166-1 alpha-2 code (`US`), or a region of it by its ISO 3166-2 code (`US-CA`).
///
/// The shape is checked, not the lists: regions change several times a year.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Location(String);

impl Location {
    /// The code, in upper case.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country to which it belongs, such as `US`.
    pub fn country(&self) -> &str {
        &self.0[..2]
    }
}

/// A country's ISO 3166-1 alpha-2 code in upper case; nothing where `text` has not the shape of one.
///
/// # Errors
/// `UK`, which many write and ISO 3166 has not.
pub(crate) fn country_code(text: &str) -> Result<Option<[u8; 2]>, Violation> {
    let code = text.trim().to_ascii_uppercase();
    if code == "UK" {
        return Err(Violation::invalid("\"UK\" is not an ISO 3166 code: use GB for the United Kingdom"));
    }
    Ok(code.as_bytes().try_into().ok().filter(|code: &[u8; 2]| code.iter().all(u8::is_ascii_alphabetic)))
}

impl FromStr for Location {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let code = text.trim().to_ascii_uppercase();
        let (country, region) =
            code.split_once('-').map_or((&*code, None), |(country, region)| (country, Some(region)));
        let is_region = |region: &str| {
            (1..=3).contains(&region.len()) && region.bytes().all(|byte| byte.is_ascii_alphanumeric())
        };
        if country_code(country)?.is_none() || !region.is_none_or(is_region) {
            return Err(Violation::invalid(format!(
                "{:?} is not a place: use an ISO 3166 code, a country such as US or a region such as US-CA",
                shortened(text)
            )));
        }
        Ok(Self(code))
    }
}

/// A language by its BCP 47 tag: a language, then perhaps a script and a region (`es`, `es-MX`, `zh-Hant-TW`).
///
/// Source: RFC 5646, sections 2.1 and 2.1.1; variants and extensions are left out, as no platform targets them.
///
/// ```
/// use adstead_domain::Language;
///
/// let chinese: Language = "ZH-hant-tw".parse().unwrap();
/// assert_eq!((chinese.as_str(), chinese.primary()), ("zh-Hant-TW", "zh"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Language(String);

impl Language {
    /// The tag, in the case that RFC 5646 recommends.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone, such as `es` of `es-MX`.
    pub fn primary(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

impl FromStr for Language {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        normalised_tag(text.trim()).map(Self).ok_or_else(|| {
            Violation::invalid(format!(
                "{:?} is not a language: use a BCP 47 tag such as en, es-MX or zh-Hant-TW",
                shortened(text)
            ))
        })
    }
}

fn normalised_tag(text: &str) -> Option<String> {
    let mut subtags = text.split('-').peekable();
    let mut tag = subtags.next().filter(|language| is_alphabetic(language, 2..=3))?.to_ascii_lowercase();
    if let Some(script) = subtags.next_if(|subtag| is_alphabetic(subtag, 4..=4)) {
        tag.push('-');
        tag.push_str(&script[..1].to_ascii_uppercase());
        tag.push_str(&script[1..].to_ascii_lowercase());
    }
    let is_region = |subtag: &&str| {
        is_alphabetic(subtag, 2..=2)
            || (subtag.len() == 3 && subtag.bytes().all(|byte| byte.is_ascii_digit()))
    };
    if let Some(region) = subtags.next_if(is_region) {
        tag.push('-');
        tag.push_str(&region.to_ascii_uppercase());
    }
    subtags.next().is_none().then_some(tag)
}

fn is_alphabetic(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic())
}

macro_rules! codes {
    ($($name:ident),+) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = Violation;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(code: $name) -> Self {
                code.0
            }
        }
    )+};
}

codes!(Location, Language);
