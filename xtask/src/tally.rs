//! Which contracts ran on which adapters, as the tests of the workspace note it while they run.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result};

use crate::tidy::Implementation;

/// The variable that names the file in which the contract suites of `adstead-testkit` note what ran.
pub(crate) const TALLY_VARIABLE: &str = "ADSTEAD_CONTRACT_TALLY";

/// How many cases of each port's contract passed on each adapter.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Tally(BTreeMap<(String, String), u64>);

impl Tally {
    /// Reads the notes at `path`; none where no suite ran.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        match fs::read_to_string(path) {
            Ok(notes) => Self::parse(&notes),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
        }
    }

    fn parse(notes: &str) -> Result<Self> {
        let mut cases = BTreeMap::new();
        for note in notes.lines() {
            let (port, adapter, passed) =
                fields(note).with_context(|| format!("not a port, an adapter and a number: {note:?}"))?;
            *cases.entry((port.to_owned(), adapter.to_owned())).or_default() += passed;
        }
        Ok(Self(cases))
    }

    /// How many cases passed in all.
    pub(crate) fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// How many suites ran: one per port and adapter.
    pub(crate) fn suites(&self) -> usize {
        self.0.len()
    }

    /// The adapters among `all` on which no suite can have run.
    ///
    /// A suite is labelled with its adapter's type, or with what a whole set of adapters is, such as `SQLite`. The
    /// latter do not say which types they ran on, so there must be at least as many of them as types are left.
    pub(crate) fn untested<'a>(&self, all: &'a [Implementation]) -> Vec<&'a Implementation> {
        let is_tested = |it: &Implementation| {
            let labels = self.labels(&it.port);
            let types: Vec<_> = all.iter().filter(|other| other.port == it.port).collect();
            let has_label = |adapter: &Implementation| labels.iter().any(|label| adapter.is_called(label));
            let names_type = |label: &str| types.iter().any(|adapter| adapter.is_called(label));
            let sets = labels.iter().filter(|label| !names_type(label)).count();
            has_label(it) || sets >= types.iter().filter(|adapter| !has_label(adapter)).count()
        };
        all.iter().filter(|it| !is_tested(it)).collect()
    }

    /// What the suites of `port` that passed call their adapters.
    fn labels(&self, port: &str) -> Vec<&str> {
        let suites = self.0.iter().filter(|((of, _), passed)| of == port && **passed > 0);
        suites.map(|((_, label), _)| &**label).collect()
    }
}

fn fields(note: &str) -> Option<(&str, &str, u64)> {
    let mut fields = note.split('\t');
    let fields = (fields.next()?, fields.next()?, fields.next()?.parse().ok()?);
    Some(fields)
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last_port = "";
        writeln!(f, "{:<26} {:<40} {:>5}", "port", "adapter", "cases")?;
        for ((port, adapter), passed) in &self.0 {
            let shown_port = if port == last_port { "" } else { port };
            writeln!(f, "{shown_port:<26} {adapter:<40} {passed:>5}")?;
            last_port = port;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTES: &str =
        "FileStore\tMemoryFileStore\t15\nClock\tTestClock\t1\nFileStore\tLocalStorage over a link\t14\n";

    #[test]
    fn a_tally_is_shown_by_port() {
        let shown = Tally::parse(NOTES).unwrap().to_string();
        let words = shown.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        assert_eq!(
            words.collect::<Vec<_>>(),
            [
                "port adapter cases",
                "Clock TestClock 1",
                "FileStore LocalStorage over a link 14",
                "MemoryFileStore 15"
            ]
        );
    }

    #[track_caller]
    fn check(notes: &str, implementations: &[(&str, &str)], untested: &[&str]) {
        let all: Vec<_> =
            implementations.iter().map(|(port, adapter)| Implementation::of(port, adapter)).collect();
        let tally = Tally::parse(notes).unwrap();
        assert_eq!(tally.untested(&all).iter().map(|it| &*it.adapter).collect::<Vec<_>>(), untested);
    }

    #[test]
    fn an_adapter_is_tested_where_a_suite_bears_its_name() {
        let all = [("FileStore", "MemoryFileStore"), ("FileStore", "LocalStorage"), ("Clock", "TestClock")];
        check(NOTES, &all, &[]);
        check(
            NOTES,
            &[all[0], all[1], ("FileStore", "Local"), ("Entropy", "OsEntropy")],
            &["Local", "OsEntropy"],
        );
        check("Clock\tTestClock\t0", &[("Clock", "TestClock")], &["TestClock"]);
    }

    #[test]
    fn sets_of_adapters_must_be_as_many_as_the_types_that_no_suite_names() {
        let all = [("Ads", "MemoryAds"), ("Ads", "DatabaseAds"), ("Ads", "CachedAds")];
        check("Ads\tmemory\t9\nAds\tSQLite\t9\nAds\tSQLite, cached\t9\n", &all, &[]);
        check("Ads\tmemory\t9\nAds\tSQLite\t9\n", &all, &["MemoryAds", "DatabaseAds", "CachedAds"]);
        check("Ads\tMemoryAds\t9\nAds\tSQLite\t9\n", &all, &["DatabaseAds", "CachedAds"]);
    }

    #[test]
    fn a_torn_note_is_an_error() {
        assert!(Tally::parse("FileStore\tMemoryFileStore").is_err());
        assert!(Tally::parse("FileStore\tMemoryFileStore\tmany").is_err());
    }

    #[test]
    fn a_tally_counts_cases_and_suites() {
        let tally = Tally::parse(NOTES).unwrap();
        assert_eq!((tally.total(), tally.suites()), (30, 3));
    }
}
