//! One dimension of an audience: what it takes in, and what it leaves out.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::iter;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Device, Language, Location, Targeting, Term};
use crate::{Faults, Violation, Violations};

/// What is included and what is excluded in one dimension. Nothing included means everything; what is excluded is left
/// out in any case. No value is on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Selection<T> {
    include: BTreeSet<T>,
    exclude: BTreeSet<T>,
}

/// A [`Selection`] as it travels and is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RawSelection {
    /// What is taken in; nothing means everything.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// What is left out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub exclude: Vec<String>,
}

impl RawSelection {
    /// Whether it selects everything.
    pub fn is_empty(&self) -> bool {
        self.include.is_empty() && self.exclude.is_empty()
    }
}

/// A value by which people can be selected.
pub(super) trait Criterion: Clone + Ord + Display + FromStr<Err = Violation> {
    /// The next larger value of which it is a part, such as the country of a region.
    fn broader(&self) -> Option<Self> {
        None
    }
}

impl Criterion for Device {}

impl Criterion for Term {}

impl Criterion for Location {
    fn broader(&self) -> Option<Self> {
        (self.as_str() != self.country())
            .then(|| self.country().parse().expect("a region begins with its country"))
    }
}

impl Criterion for Language {
    fn broader(&self) -> Option<Self> {
        let (shorter, _) = self.as_str().rsplit_once('-')?;
        Some(shorter.parse().expect("a tag without its last part is a tag"))
    }
}

/// Whether `values` have `value`, or something of which it is a part.
pub(super) fn covered<T: Criterion>(value: &T, values: &BTreeSet<T>) -> bool {
    iter::successors(Some(value.clone()), T::broader).any(|value| values.contains(&value))
}

impl<T> Selection<T> {
    /// What is taken in; nothing means everything.
    pub fn include(&self) -> &BTreeSet<T> {
        &self.include
    }

    /// What is left out.
    pub fn exclude(&self) -> &BTreeSet<T> {
        &self.exclude
    }
}

/// What `raw` spells.
///
/// # Errors
/// All faults at once, each at its place: `/include/0`, `/exclude`.
pub(super) fn parse<T: Criterion>(raw: &RawSelection) -> Result<Selection<T>, Violations> {
    let mut faults = Faults::default();
    let include = parse_side(&mut faults, "/include", &raw.include);
    let exclude = parse_side(&mut faults, "/exclude", &raw.exclude);
    if let Some(both) = listed(include.iter().filter(|value| covered(*value, &exclude))) {
        let message = format!("what is included cannot be excluded as well: choose one side for {both}");
        faults.push("/exclude", Violation::invalid(message));
    }
    faults.finish(|| Some(Selection { include, exclude }))
}

fn parse_side<T: Criterion>(faults: &mut Faults, side: &str, texts: &[String]) -> BTreeSet<T> {
    if texts.len() > Targeting::MAX_VALUES {
        faults.push(side, too_many(texts.len()));
        return BTreeSet::new();
    }
    (texts.iter().enumerate())
        .filter_map(|(index, text)| faults.at(&format!("{side}/{index}"), text.parse::<T>()))
        .collect()
}

/// What both `outer`, a campaign's selection, and `inner`, its ad group's, take in.
///
/// Where `inner` includes nothing of its own, it inherits what `outer` includes; exclusions add up.
///
/// # Errors
/// All faults at once, at `/include` or `/exclude` of `inner`: values that `outer` does not include, or excludes;
/// exclusions that leave nothing, or are too many together.
pub(super) fn narrowed<T: Criterion>(
    outer: &Selection<T>,
    inner: &Selection<T>,
) -> Result<Selection<T>, Violations> {
    let mut faults = Faults::default();
    let exclude = &outer.exclude | &inner.exclude;
    if exclude.len() > Targeting::MAX_VALUES {
        faults.push("/exclude", too_many(exclude.len()));
    }
    let include = if inner.include.is_empty() {
        let left: BTreeSet<T> =
            outer.include.iter().filter(|value| !covered(*value, &exclude)).cloned().collect();
        if left.is_empty() && !outer.include.is_empty() {
            let message = "nothing is left of what the campaign includes: exclude less";
            faults.push("/exclude", Violation::invalid(message));
        }
        left
    } else {
        let stray = |value: &&T| !outer.include.is_empty() && !covered(*value, &outer.include);
        if let Some(strays) = listed(inner.include.iter().filter(stray)) {
            let message = format!("the campaign does not include {strays}: name only what it includes");
            faults.push("/include", Violation::invalid(message));
        }
        if let Some(barred) = listed(inner.include.iter().filter(|value| covered(*value, &outer.exclude))) {
            let message = format!("the campaign excludes {barred}: name nothing that it excludes");
            faults.push("/include", Violation::invalid(message));
        }
        inner.include.clone()
    };
    faults.finish(|| Some(Selection { include, exclude }))
}

fn too_many(count: usize) -> Violation {
    let most = Targeting::MAX_VALUES;
    Violation::invalid(format!("{count} values are more than the {most} allowed: list fewer"))
}

/// A few of `values` by name and the others by number; nothing where there are none.
fn listed<'a, T: Display + 'a>(values: impl Iterator<Item = &'a T>) -> Option<String> {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = values.map(ToString::to_string).collect();
    let hidden = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    let shown = names.join(", ");
    match (names.len(), hidden) {
        (0, _) => None,
        (_, 0) => Some(shown),
        _ => Some(format!("{shown} and {hidden} more")),
    }
}

// Not derived: an empty selection needs no default of its values.
impl<T> Default for Selection<T> {
    fn default() -> Self {
        Self { include: BTreeSet::new(), exclude: BTreeSet::new() }
    }
}

impl<T: Display> From<&Selection<T>> for RawSelection {
    fn from(selection: &Selection<T>) -> Self {
        let Selection { include, exclude } = selection;
        let texts = |values: &BTreeSet<T>| values.iter().map(ToString::to_string).collect();
        Self { include: texts(include), exclude: texts(exclude) }
    }
}
