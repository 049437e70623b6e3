use std::fmt::Display;

use adstead_domain as domain;
use domain::{AgeRange, RawAges, RawSelection, RawTargeting, Violations};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::words;
use crate::input::{Field, FromJson, List, object};

/// Whom ads are meant for: people who fit every dimension.
#[derive(Serialize, ToSchema)]
pub(crate) struct Targeting {
    ages: Ages,
    /// None named means all.
    #[schema(value_type = Vec<words::Gender>)]
    genders: Vec<&'static str>,
    /// ISO 3166 codes of countries and regions.
    locations: Selection,
    /// BCP 47 tags.
    languages: Selection,
    devices: Selection,
    interests: Selection,
    keywords: Selection,
    custom_audiences: Selection,
    lookalike_audiences: Selection,
}

/// Ages in years, both ends included; 65 stands for 65 and above.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ages {
    min: u8,
    max: u8,
}

/// What is included and what is excluded in one dimension; nothing included means everything.
#[derive(Serialize, ToSchema)]
pub(crate) struct Selection {
    include: Vec<String>,
    exclude: Vec<String>,
}

impl From<&domain::Targeting> for Targeting {
    fn from(targeting: &domain::Targeting) -> Self {
        let domain::Targeting {
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
        Self {
            ages: Ages { min: ages.min(), max: ages.max() },
            genders: genders.iter().map(|gender| gender.as_str()).collect(),
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

impl<T: Display> From<&domain::Selection<T>> for Selection {
    fn from(selection: &domain::Selection<T>) -> Self {
        let RawSelection { include, exclude } = selection.into();
        Self { include, exclude }
    }
}

/// Whom ads are meant for: people who fit every dimension. What is left out takes in everybody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetingInput {
    #[schema(value_type = Option<AgesInput>)]
    ages: Field<AgesInput>,
    /// None named means all.
    #[schema(value_type = Option<Vec<words::Gender>>)]
    genders: Field<List<String>>,
    /// ISO 3166 codes: countries such as `US`, regions such as `US-CA`.
    #[schema(value_type = Option<SelectionInput>)]
    locations: Field<SelectionInput>,
    /// BCP 47 tags such as `en` or `es-MX`.
    #[schema(value_type = Option<SelectionInput>)]
    languages: Field<SelectionInput>,
    /// `mobile`, `desktop`, `tablet`, `connected_tv`.
    #[schema(value_type = Option<SelectionInput>)]
    devices: Field<SelectionInput>,
    /// What they care for, each up to 80 characters.
    #[schema(value_type = Option<SelectionInput>)]
    interests: Field<SelectionInput>,
    /// What they search for or read about, each up to 80 characters.
    #[schema(value_type = Option<SelectionInput>)]
    keywords: Field<SelectionInput>,
    /// Lists of people that the advertiser brought, by name.
    #[schema(value_type = Option<SelectionInput>)]
    custom_audiences: Field<SelectionInput>,
    /// People like those of a custom audience, by name.
    #[schema(value_type = Option<SelectionInput>)]
    lookalike_audiences: Field<SelectionInput>,
}

/// Ages in years, both ends included; 65 stands for 65 and above.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AgesInput {
    #[schema(value_type = Option<i64>, minimum = 13, maximum = 65, default = 13)]
    min: Field<i64>,
    #[schema(value_type = Option<i64>, minimum = 13, maximum = 65, default = 65)]
    max: Field<i64>,
}

/// What is included and what is excluded in one dimension. Nothing included means everything; no value may be on both
/// sides.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SelectionInput {
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    include: Field<List<String>>,
    #[schema(value_type = Option<Vec<String>>, max_items = 1000)]
    exclude: Field<List<String>>,
}

impl FromJson for TargetingInput {
    type Value = domain::Targeting;

    fn from_json(json: Value) -> Result<domain::Targeting, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self {
            ages,
            genders,
            locations,
            languages,
            devices,
            interests,
            keywords,
            custom_audiences,
            lookalike_audiences,
        } = fields;
        let ages = faults.at("/ages", ages.optional()).flatten();
        let genders = faults.at("/genders", genders.optional()).flatten();
        let mut selection = |pointer, field: Field<SelectionInput>| {
            faults.at(pointer, field.optional()).flatten().unwrap_or_default()
        };
        let raw = RawTargeting {
            ages,
            genders: genders.unwrap_or_default(),
            locations: selection("/locations", locations),
            languages: selection("/languages", languages),
            devices: selection("/devices", devices),
            interests: selection("/interests", interests),
            keywords: selection("/keywords", keywords),
            custom_audiences: selection("/custom_audiences", custom_audiences),
            lookalike_audiences: selection("/lookalike_audiences", lookalike_audiences),
        };
        let targeting = faults.at("", domain::Targeting::parse(&raw));
        faults.finish(|| targeting)
    }
}

impl FromJson for AgesInput {
    type Value = RawAges;

    fn from_json(json: Value) -> Result<RawAges, Violations> {
        let (Self { min, max }, mut faults) = object::<Self>(json)?;
        let min = faults.at("/min", min.optional()).flatten();
        let max = faults.at("/max", max.optional()).flatten();
        // One end of the wrong type must not hide what is wrong with the other.
        let (youngest, oldest) = (AgeRange::YOUNGEST.into(), AgeRange::OLDEST.into());
        faults.at("", AgeRange::new(min.unwrap_or(youngest), max.unwrap_or(oldest)));
        faults.finish(|| Some(RawAges { min, max }))
    }
}

impl FromJson for SelectionInput {
    type Value = RawSelection;

    fn from_json(json: Value) -> Result<RawSelection, Violations> {
        let (Self { include, exclude }, mut faults) = object::<Self>(json)?;
        let include = faults.at("/include", include.optional());
        let exclude = faults.at("/exclude", exclude.optional());
        faults.finish(|| {
            Some(RawSelection {
                include: include?.unwrap_or_default(),
                exclude: exclude?.unwrap_or_default(),
            })
        })
    }
}
