//! The comparison with what Adstead is built on, row by row.

use std::fmt;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::cargo::{cargo, metadata, output};

/// Measures Adstead against its baselines in release mode; a missed target stays in the table
#[derive(Args)]
pub(crate) struct Bench {
    /// Only this group, such as cache or http; all groups where none is given
    group: Option<String>,
    /// Print one JSON object instead of a table
    #[arg(long)]
    json: bool,
}

/// A bench target of the workspace; its name is the group of the rows that it prints.
struct Group {
    package: String,
    name: String,
}

/// What a bench target prints with `--json`.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Report {
    benches: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    name: String,
    unit: String,
    ours: f64,
    baseline: f64,
    baseline_name: String,
    ratio: f64,
    target: f64,
    better: Better,
    /// What else the benchmark knows of the row.
    #[serde(flatten)]
    more: Map<String, Value>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Better {
    Lower,
    Higher,
}

impl Bench {
    pub(crate) fn run(&self) -> Result<()> {
        let mut groups = groups()?;
        if let Some(wanted) = &self.group {
            let known = groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>().join(", ");
            groups.retain(|group| group.name == *wanted);
            ensure!(!groups.is_empty(), "there is no group `{wanted}`: there are {known}");
        }
        let mut report = Report::default();
        for group in &groups {
            report.benches.extend(group.measure()?.benches);
        }
        if self.json {
            println!("{}", serde_json::to_string(&report)?);
        } else {
            print!("{report}");
        }
        Ok(())
    }
}

fn groups() -> Result<Vec<Group>> {
    let metadata = metadata()?;
    let targets = metadata.packages.iter().flat_map(|package| {
        let benches = package.targets.iter().filter(|target| target.is_bench());
        benches.map(|bench| Group { package: package.name.to_string(), name: bench.name.clone() })
    });
    Ok(targets.collect())
}

impl Group {
    fn measure(&self) -> Result<Report> {
        let Self { package, name } = self;
        let printed = output(&mut cargo(&["bench", "--package", package, "--bench", name, "--", "--json"]))?;
        let json = printed.lines().rfind(|line| line.starts_with('{'));
        let json = json.with_context(|| format!("the benchmark {name} printed no JSON object"))?;
        serde_json::from_str(json)
            .with_context(|| format!("the benchmark {name} printed other rows than expected"))
    }
}

impl Row {
    fn is_met(&self) -> bool {
        match self.better {
            Better::Lower => self.ratio <= self.target,
            Better::Higher => self.ratio >= self.target,
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<28} {:<16} {:>14} {:>14} {:>8} {:>9}  met?  baseline",
            "name", "unit", "ours", "baseline", "ratio", "target"
        )?;
        for row in &self.benches {
            let Row { name, unit, ours, baseline, baseline_name, ratio, target, better, more: _ } = row;
            let bound = match better {
                Better::Lower => "≤",
                Better::Higher => "≥",
            };
            let met = if row.is_met() { "yes" } else { "NO" };
            writeln!(
                f,
                "{name:<28} {unit:<16} {ours:>14.3} {baseline:>14.3} {ratio:>8.3} {bound:>2}{target:>7.2}  {met:<5} {baseline_name}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"benches":[
        {"name":"cache.l1_hit","unit":"ns/op","ours":60.0,"baseline":50.0,"baseline_name":"moka get","ratio":1.2,"target":1.15,"better":"lower"},
        {"name":"http.read_ad","unit":"requests/s","ours":900.0,"baseline":1000.0,"baseline_name":"axum","ratio":0.9,"target":0.8,"better":"higher","note":"warm"}
    ]}"#;

    #[test]
    fn a_missed_target_stays_in_the_table() {
        let report: Report = serde_json::from_str(PRINTED).unwrap();
        let table = report.to_string();
        let verdicts = table.lines().skip(1).map(|row| row.contains(" yes "));
        assert_eq!(verdicts.collect::<Vec<_>>(), [false, true]);
    }

    #[test]
    fn what_a_benchmark_says_besides_is_kept() {
        let report: Report = serde_json::from_str(PRINTED).unwrap();
        assert!(serde_json::to_string(&report).unwrap().contains(r#""note":"warm""#));
    }
}
