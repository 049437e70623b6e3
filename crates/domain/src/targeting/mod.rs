//! Whom ads are meant for.

mod selection;
mod values;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::selection::{RawSelection, Selection};
pub(crate) use self::values::country_code;
pub use self::values::{AgeRange, Device, Gender, Language, Location};
use crate::{Faults, Text, Violation, Violations};

/// A name that platforms do not tell apart by shape: an interest, a keyword, an audience.
pub type Term = Text<80>;

/// Whom ads are meant for: people who fit every dimension. By default that is everybody.
///
/// ```
/// use adstead_domain::Targeting;
///
/// let text = r#"{"ages":{"min":25,"max":40},"locations":{"include":["US"],"exclude":["us-ca"]}}"#;
/// let targeting: Targeting = serde_json::from_str(text).unwrap();
/// assert_eq!(targeting.ages.to_string(), "25–40");
/// assert!(serde_json::to_string(&targeting).unwrap().contains("US-CA"));
/// assert_eq!(serde_json::to_string(&Targeting::default()).unwrap(), "{}");
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "RawTargeting", try_from = "RawTargeting")]
pub struct Targeting {
    /// How old they are.
    pub ages: AgeRange,
    /// Their gender; none named means all.
    pub genders: BTreeSet<Gender>,
    /// Where they are. A country has its regions.
    pub locations: Selection<Location>,
    /// What they read. A language has its regional forms.
    pub languages: Selection<Language>,
    /// What they hold in their hands.
    pub devices: Selection<Device>,
    /// What they care for.
    pub interests: Selection<Term>,
    /// What they search for, or read about.
    pub keywords: Selection<Term>,
    /// Lists of people that the advertiser brought.
    pub custom_audiences: Selection<Term>,
    /// People like those of a custom audience.
    pub lookalike_audiences: Selection<Term>,
}

/// [`Targeting`] as it travels and is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawTargeting {
    /// See [`Targeting::ages`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ages: Option<RawAges>,
    /// See [`Targeting::genders`]: `female`, `male`, `nonbinary`, `unknown`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub genders: Vec<String>,
    /// See [`Targeting::locations`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub locations: RawSelection,
    /// See [`Targeting::languages`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub languages: RawSelection,
    /// See [`Targeting::devices`]: `mobile`, `desktop`, `tablet`, `connected_tv`.
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub devices: RawSelection,
    /// See [`Targeting::interests`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub interests: RawSelection,
    /// See [`Targeting::keywords`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub keywords: RawSelection,
    /// See [`Targeting::custom_audiences`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub custom_audiences: RawSelection,
    /// See [`Targeting::lookalike_audiences`].
    #[serde(skip_serializing_if = "RawSelection::is_empty")]
    pub lookalike_audiences: RawSelection,
}

/// An [`AgeRange`] as it travels and is stored; an end that is not given is open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawAges {
    /// The youngest age in years, 13–65.
    pub min: Option<i64>,
    /// The oldest age in years, 13–65; 65 stands for 65 and above.
    pub max: Option<i64>,
}

impl Targeting {
    /// The most values that one list may have: Adstead's own limit, above what people list by hand.
    pub const MAX_VALUES: usize = 1_000;

    /// What `raw` spells.
    ///
    /// # Errors
    /// All faults at once, each at its place: `/ages/min`, `/genders/0`, `/locations/include/0`, `/keywords/exclude`.
    pub fn parse(raw: &RawTargeting) -> Result<Self, Violations> {
        let RawTargeting {
            ages,
            genders,
            locations,
            languages,
            devices,
            interests,
            keywords,
            custom_audiences,
            lookalike_audiences,
        } = raw;
        let mut faults = Faults::default();
        let RawAges { min, max } = ages.unwrap_or_default();
        let ages =
            AgeRange::new(min.unwrap_or(AgeRange::YOUNGEST.into()), max.unwrap_or(AgeRange::OLDEST.into()));
        let ages = faults.at("/ages", ages);
        let genders = (genders.iter().enumerate())
            .filter_map(|(index, gender)| faults.at(&format!("/genders/{index}"), gender.parse::<Gender>()))
            .collect();
        let locations = faults.at("/locations", selection::parse(locations));
        let languages = faults.at("/languages", selection::parse(languages));
        let devices = faults.at("/devices", selection::parse(devices));
        let interests = faults.at("/interests", selection::parse(interests));
        let keywords = faults.at("/keywords", selection::parse(keywords));
        let custom_audiences = faults.at("/custom_audiences", selection::parse(custom_audiences));
        let lookalike_audiences = faults.at("/lookalike_audiences", selection::parse(lookalike_audiences));
        faults.finish(|| {
            Some(Self {
                ages: ages?,
                genders,
                locations: locations?,
                languages: languages?,
                devices: devices?,
                interests: interests?,
                keywords: keywords?,
                custom_audiences: custom_audiences?,
                lookalike_audiences: lookalike_audiences?,
            })
        })
    }

    /// Whom an ad group reaches with its own targeting, `inner`, within this one, its campaign's.
    ///
    /// A dimension in which `inner` names nothing (every age, no gender, nothing included) is inherited; exclusions
    /// add up. The result is never wider than this targeting.
    ///
    /// # Errors
    /// All faults at once, each at its place in `inner`: ages, genders or values outside this targeting, and
    /// exclusions that leave nobody.
    pub fn narrowed_by(&self, inner: &Self) -> Result<Self, Violations> {
        let mut faults = Faults::default();
        let ages = faults.at("/ages", narrowed_ages(self.ages, inner.ages));
        let genders = faults.at("/genders", narrowed_genders(&self.genders, &inner.genders));
        let locations = faults.at("/locations", selection::narrowed(&self.locations, &inner.locations));
        let languages = faults.at("/languages", selection::narrowed(&self.languages, &inner.languages));
        let devices = faults.at("/devices", selection::narrowed(&self.devices, &inner.devices));
        let interests = faults.at("/interests", selection::narrowed(&self.interests, &inner.interests));
        let keywords = faults.at("/keywords", selection::narrowed(&self.keywords, &inner.keywords));
        let custom_audiences = faults
            .at("/custom_audiences", selection::narrowed(&self.custom_audiences, &inner.custom_audiences));
        let lookalike_audiences = faults.at(
            "/lookalike_audiences",
            selection::narrowed(&self.lookalike_audiences, &inner.lookalike_audiences),
        );
        faults.finish(|| {
            Some(Self {
                ages: ages?,
                genders: genders?,
                locations: locations?,
                languages: languages?,
                devices: devices?,
                interests: interests?,
                keywords: keywords?,
                custom_audiences: custom_audiences?,
                lookalike_audiences: lookalike_audiences?,
            })
        })
    }
}

fn narrowed_ages(outer: AgeRange, inner: AgeRange) -> Result<AgeRange, Violation> {
    if inner == AgeRange::EVERYBODY {
        Ok(outer)
    } else if outer.covers(inner) {
        Ok(inner)
    } else {
        Err(Violation::invalid(format!(
            "the ages {inner} reach outside the campaign's {outer}: stay within them, or widen the campaign's"
        )))
    }
}

fn narrowed_genders(
    outer: &BTreeSet<Gender>,
    inner: &BTreeSet<Gender>,
) -> Result<BTreeSet<Gender>, Violation> {
    if inner.is_empty() {
        Ok(outer.clone())
    } else if outer.is_empty() || inner.is_subset(outer) {
        Ok(inner.clone())
    } else {
        let known = outer.iter().map(|gender| gender.as_str()).collect::<Vec<_>>().join(", ");
        Err(Violation::invalid(format!("the campaign is for {known} alone: name none but those")))
    }
}

impl From<&Targeting> for RawTargeting {
    fn from(targeting: &Targeting) -> Self {
        let Targeting {
            ages,
            genders,
            locations,
            languages,
            devices,
            interests,
            keywords,
            custom_audiences,
            lookalike_audiences,
        } = targeting;
        let limited = *ages != AgeRange::EVERYBODY;
        Self {
            ages: limited.then(|| RawAges { min: Some(ages.min().into()), max: Some(ages.max().into()) }),
            genders: genders.iter().map(Gender::to_string).collect(),
            locations: locations.into(),
            languages: languages.into(),
            devices: devices.into(),
            interests: interests.into(),
            keywords: keywords.into(),
            custom_audiences: custom_audiences.into(),
            lookalike_audiences: lookalike_audiences.into(),
        }
    }
}

impl From<Targeting> for RawTargeting {
    fn from(targeting: Targeting) -> Self {
        Self::from(&targeting)
    }
}

impl TryFrom<RawTargeting> for Targeting {
    type Error = Violations;

    fn try_from(raw: RawTargeting) -> Result<Self, Self::Error> {
        Self::parse(&raw)
    }
}

#[cfg(test)]
mod tests;
