//! In what one schema is not as another.

use std::fmt;

use super::catalogue::{Catalogue, Item};

/// Something that is not as the migrations of this build make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// What of it: `table`, `column`, `index`, `reference` or `check`.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// How it should be; none where it should not be.
    pub expected: Option<String>,
    /// How it is; none where it is not there.
    pub found: Option<String>,
}

/// What of `found` is not as in `expected`. Of a table that is there in one of them only, the table alone is told.
pub(super) fn between(expected: &Catalogue, found: &Catalogue) -> Vec<Difference> {
    let is_told_by_its_table = |item: &Item| {
        let table = item.of_table();
        *item != table && expected.contains_key(&table) != found.contains_key(&table)
    };
    let missing_or_changed =
        expected.iter().map(|(item, definition)| (item, Some(definition), found.get(item)));
    let unexpected = found.iter().filter(|(item, _)| !expected.contains_key(*item));
    let unexpected = unexpected.map(|(item, definition)| (item, None, Some(definition)));
    let mut differences: Vec<_> = missing_or_changed
        .chain(unexpected)
        .filter(|(item, expected, found)| expected != found && !is_told_by_its_table(item))
        .collect();
    differences.sort();
    let told = differences.into_iter().map(|(item, expected, found)| {
        let Item { table, kind, name } = item.clone();
        Difference { table, kind, name, expected: expected.cloned(), found: found.cloned() }
    });
    told.collect()
}

impl Difference {
    /// The thing itself, as people name it.
    fn thing(&self) -> String {
        let Self { table, kind, name, expected: _, found: _ } = self;
        if kind == Item::TABLE { format!("table {table}") } else { format!("{kind} {name} of {table}") }
    }

    /// What was done to the schema, where the expected one is that of before.
    pub(super) fn as_change(&self) -> String {
        let done = match (&self.expected, &self.found) {
            (None, _) => "made",
            (Some(_), None) => "dropped",
            (Some(_), Some(_)) => "altered",
        };
        format!("{done} the {}", self.thing())
    }

    /// What to do about it.
    pub fn advice(&self) -> &'static str {
        match (&self.expected, &self.found) {
            (Some(_), None) if self.kind == "index" || self.kind == "reference" => {
                "create it as the migrations do"
            }
            (Some(_), None) => "restore a backup, or create it as the migrations do",
            (Some(_), Some(_)) => "alter it to that",
            (None, _) => "drop it, or know that a later migration may stumble over it",
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (thing, advice) = (self.thing(), self.advice());
        match (&self.expected, &self.found) {
            (Some(expected), Some(found)) => {
                write!(f, "the {thing} is `{found}` and should be `{expected}`: {advice}")
            }
            (Some(expected), None) => write!(f, "the {thing} is missing, `{expected}`: {advice}"),
            (None, Some(found)) => write!(f, "the {thing} is none of this version's, `{found}`: {advice}"),
            (None, None) => write!(f, "the {thing} is as it should be"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn catalogue(lines: &str) -> Catalogue {
        super::super::catalogue::parse(lines)
    }

    fn check(expected: &str, found: &str, differences: &[&str]) {
        let told = between(&catalogue(expected), &catalogue(found));
        assert_eq!(told.iter().map(ToString::to_string).collect::<Vec<_>>(), differences);
    }

    #[test]
    fn each_difference_is_told_with_what_to_do() {
        let ads = "ads: table ads: ordinary\nads: column id: uuid not null\n";
        check(ads, ads, &[]);
        check(
            &format!("{ads}ads: column name: text\nads: index ix: (name)"),
            &format!("{ads}ads: column name: text not null\nads: column note: text"),
            &[
                "the column name of ads is `text not null` and should be `text`: \
                 alter it to that",
                "the column note of ads is none of this version's, `text`: \
                 drop it, or know that a later migration may stumble over it",
                "the index ix of ads is missing, `(name)`: create it as the migrations do",
            ],
        );
    }

    #[test]
    fn a_missing_table_is_told_once() {
        let expected = "ads: table ads: ordinary\nads: column id: uuid not null";
        let told = "the table ads is missing, `ordinary`: \
                    restore a backup, or create it as the migrations do";
        check(expected, "", &[told]);
    }
}
