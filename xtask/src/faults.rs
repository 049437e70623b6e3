//! Faults that must lose nothing, done for real, and their figures.

use std::fs;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::{Value, json};

use crate::cargo::{cargo, metadata, output};

/// Where the tests write their figures: a line of JSON each.
const FIGURES_VARIABLE: &str = "ADSTEAD_FAULT_FIGURES";

/// Kills servers, fills disks and lets services fail while they are used, and tells what that cost: in time, never in events
///
/// `cargo xtask test` does the same; this shows the figures.
#[derive(Args)]
pub(crate) struct Faults {
    /// Print one JSON object instead of lines
    #[arg(long)]
    json: bool,
}

impl Faults {
    pub(crate) fn run(&self) -> Result<()> {
        let path = metadata()?.target_directory.join("fault-figures.jsonl").into_std_path_buf();
        fs::write(&path, "").with_context(|| format!("cannot write {}", path.display()))?;
        // One after the other: times are to tell of the fault, not of the neighbours.
        let mut tests = cargo(&["test", "--package", "adstead-server", "--test", "it", "faults::"]);
        let told = output(tests.args(["--", "--test-threads=1"]).env(FIGURES_VARIABLE, &path))?;
        if !self.json {
            print!("{told}");
        }
        let lines = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let figures: Vec<Value> = lines.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
        ensure!(!figures.is_empty(), "no fault was tested: what is missing is told above");
        if self.json {
            println!("{}", json!({ "faults": figures }));
        } else {
            figures.iter().for_each(|figures| println!("{}", sentence(figures)));
        }
        Ok(())
    }
}

/// The figures of one test as one reads them.
fn sentence(figures: &Value) -> String {
    let word = |name: &str| figures[name].as_str().unwrap_or_default();
    format!("{:<34} {}", word("fault"), word("words"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_in_a_line() {
        let figures =
            json!({ "fault": "postgres_killed", "events": 12_000, "words": "12000 events, 4 kills" });
        assert_eq!(sentence(&figures), "postgres_killed                    12000 events, 4 kills");
    }
}
