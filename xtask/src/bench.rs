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
    /// Only these groups, such as `cache http`; all where none is given
    groups: Vec<String>,
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
    /// Nothing where the machine lacked what it takes; then the note says so.
    ours: Option<f64>,
    baseline: Option<f64>,
    baseline_name: String,
    ratio: Option<f64>,
    target: f64,
    better: Better,
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
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
        let known = groups.iter().map(|group| group.name.clone()).collect::<Vec<_>>().join(", ");
        for wanted in &self.groups {
            let is_known = groups.iter().any(|group| group.name == *wanted);
            ensure!(is_known, "there is no group `{wanted}`: there are {known}");
        }
        if !self.groups.is_empty() {
            groups.retain(|group| self.groups.contains(&group.name));
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
        self.ratio.is_some_and(|ratio| match self.better {
            Better::Lower => ratio <= self.target,
            Better::Higher => ratio >= self.target,
        })
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
            let Row { name, unit, ours, baseline, baseline_name, ratio, target, better, note, more: _ } = row;
            let [ours, baseline, ratio] = [ours, baseline, ratio].map(|figure| told(*figure));
            let bound = match better {
                Better::Lower => "≤",
                Better::Higher => "≥",
            };
            let met = if row.is_met() { "yes" } else { "NO" };
            writeln!(
                f,
                "{name:<28} {unit:<16} {ours:>14} {baseline:>14} {ratio:>8} {bound:>2}{target:>7.2}  {met:<5} {baseline_name}"
            )?;
            if let Some(note) = note {
                writeln!(f, "    {note}")?;
            }
        }
        Ok(())
    }
}

fn told(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRINTED: &str = r#"{"benches":[
        {"name":"cache.l1_hit","unit":"ns/op","ours":60.0,"baseline":50.0,"baseline_name":"moka get","ratio":1.2,"target":1.15,"better":"lower"},
        {"name":"http.read_ad","unit":"requests/s","ours":900.0,"baseline":1000.0,"baseline_name":"axum","ratio":0.9,"target":0.8,"better":"higher","note":"warm"},
        {"name":"cache.l2_hit","unit":"ns/op","ours":null,"baseline":null,"baseline_name":"fred","ratio":null,"target":1.1,"better":"lower","note":"no Redis"}
    ]}"#;

    #[test]
    fn a_missed_target_stays_in_the_table() {
        let report: Report = serde_json::from_str(PRINTED).unwrap();
        let table = report.to_string();
        let rows = table.lines().skip(1).filter(|line| !line.starts_with(' '));
        let verdicts = rows.map(|row| row.contains(" yes "));
        assert_eq!(verdicts.collect::<Vec<_>>(), [false, true, false]);
    }

    #[test]
    fn what_a_benchmark_says_besides_is_kept() {
        let report: Report = serde_json::from_str(PRINTED).unwrap();
        let printed = serde_json::to_string(&report).unwrap();
        assert!(printed.contains(r#""note":"warm""#) && printed.contains(r#""ours":null"#));
    }
}
