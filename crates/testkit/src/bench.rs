//! How a benchmark is run and told: ours against a baseline, in the same run, as one table or one JSON object.
//!
//! Absolute times drift with the machine, so the two sides take turns, round by round, and what counts is the ratio of
//! their medians.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use serde::Serialize;

/// How many times each side runs where a benchmark does not say otherwise; the median of these is reported.
pub const ROUNDS: usize = 15;

/// The fewest rounds whose median is worth telling: for what takes seconds.
pub const FEW_ROUNDS: usize = 7;

/// One line of a benchmark's table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Row {
    /// What was measured, such as `cache.l1_hit`.
    pub name: &'static str,
    /// The unit of both sides, such as `ns/op`.
    pub unit: &'static str,
    /// The median of our side; nothing where it could not be measured.
    pub ours: Option<f64>,
    /// The median of the other side.
    pub baseline: Option<f64>,
    /// What the other side is.
    pub baseline_name: &'static str,
    /// Ours divided by the baseline.
    pub ratio: Option<f64>,
    /// The bound on the ratio.
    pub target: f64,
    /// Which way is better.
    pub better: Better,
    /// What else is to be known: what exactly was compared, or why the target is missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Whether a row is a cost or a throughput.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Better {
    /// A cost: the ratio is to stay below its target.
    Lower,
    /// A throughput: the ratio is to stay above its target.
    Higher,
}

/// What is to be measured.
#[derive(Debug, Clone, Copy)]
pub struct Bench {
    /// As [`Row::name`].
    pub name: &'static str,
    /// As [`Row::unit`].
    pub unit: &'static str,
    /// As [`Row::baseline_name`].
    pub baseline_name: &'static str,
    /// As [`Row::target`].
    pub target: f64,
    /// As [`Row::better`].
    pub better: Better,
}

impl Bench {
    /// Whether the program's arguments choose it: each word is a part of names, and none at all choose everything.
    pub fn is_wanted(&self) -> bool {
        let mut words = std::env::args().skip(1).filter(|word| !word.starts_with("--")).peekable();
        words.peek().is_none() || words.any(|word| self.name.contains(&word))
    }

    /// Measures both sides in turns. Each call of a side is one round and answers its figure; one round of each runs first
    /// and is not counted.
    pub fn compare(self, ours: impl FnMut() -> f64, baseline: impl FnMut() -> f64) -> Row {
        self.compare_rounds(ROUNDS, ours, baseline)
    }

    /// As [`compare`](Self::compare), in so many rounds.
    pub fn compare_rounds(
        self,
        rounds: usize,
        mut ours: impl FnMut() -> f64,
        mut baseline: impl FnMut() -> f64,
    ) -> Row {
        black_box((ours(), baseline()));
        let mut figures = (Vec::with_capacity(rounds), Vec::with_capacity(rounds));
        for round in 0..rounds {
            // Whoever runs second meets warmer caches and another clock rate: neither side always does.
            if round % 2 == 0 {
                figures.0.push(ours());
                figures.1.push(baseline());
            } else {
                figures.1.push(baseline());
                figures.0.push(ours());
            }
        }
        self.row(median(figures.0), median(figures.1))
    }

    /// The row for figures that need no rounds, such as counts.
    pub fn row(self, ours: f64, baseline: f64) -> Row {
        let (ours, baseline, ratio) = (Some(ours), Some(baseline), Some(ours / baseline));
        Row { ours, baseline, ratio, ..self.unmeasured() }
    }

    /// The row for what this machine lacks something for; `why` says what.
    pub fn missing(self, why: impl Into<String>) -> Row {
        self.unmeasured().with_note(why)
    }

    fn unmeasured(self) -> Row {
        let Self { name, unit, baseline_name, target, better } = self;
        Row { name, unit, ours: None, baseline: None, baseline_name, ratio: None, target, better, note: None }
    }
}

impl Row {
    /// Whether the ratio is on the right side of its target.
    pub fn is_met(&self) -> bool {
        self.ratio.is_some_and(|ratio| match self.better {
            Better::Lower => ratio <= self.target,
            Better::Higher => ratio >= self.target,
        })
    }

    /// The row with what else is to be known.
    pub fn with_note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()), ..self }
    }
}

/// The nanoseconds that one call of `operation` takes, over `calls` of them.
pub fn nanos_per_call<T>(calls: u32, mut operation: impl FnMut() -> T) -> f64 {
    let start = Instant::now();
    for _ in 0..calls {
        black_box(operation());
    }
    start.elapsed().as_nanos() as f64 / f64::from(calls)
}

/// Prints the rows: as one JSON object where `--json` is among the program's arguments, as a table otherwise.
pub fn print(rows: &[Row]) {
    #[derive(Serialize)]
    struct Report<'a> {
        benches: &'a [Row],
    }

    if std::env::args().any(|argument| argument == "--json") {
        let json = serde_json::to_string(&Report { benches: rows });
        println!("{}", json.expect("rows of text and numbers are JSON"));
    } else {
        print!("{}", table(rows));
    }
}

fn table(rows: &[Row]) -> String {
    let mut table = format!(
        "{:<28} {:>14} {:>14} {:>8} {:>9}  {:<6} {}\n",
        "bench", "ours", "baseline", "ratio", "target", "", "unit, baseline"
    );
    for row in rows {
        let bound = match row.better {
            Better::Lower => "≤",
            Better::Higher => "≥",
        };
        let verdict = if row.is_met() { "met" } else { "MISSED" };
        let Row { name, unit, ours, baseline, baseline_name, ratio, target, better: _, note } = row;
        let [ours, baseline, ratio] = [ours, baseline, ratio].map(|figure| told(*figure));
        writeln!(
            table,
            "{name:<28} {ours:>14} {baseline:>14} {ratio:>8} {bound:>2}{target:>7.2}  {verdict:<6} {unit}, {baseline_name}"
        )
        .expect("a string takes all text");
        if let Some(note) = note {
            writeln!(table, "    {note}").expect("a string takes all text");
        }
    }
    table
}

fn told(figure: Option<f64>) -> String {
    figure.map_or_else(|| "-".to_owned(), |figure| format!("{figure:.3}"))
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_the_ratio_of_the_medians() {
        let (mut ours, mut baseline) = (0.0, 0.0);
        let bench =
            Bench { name: "x", unit: "ns/op", baseline_name: "y", target: 2.0, better: Better::Lower };
        let row = bench.compare(
            || {
                ours += 2.0;
                ours
            },
            || {
                baseline += 1.0;
                baseline
            },
        );
        assert_eq!(row.ratio, Some(2.0));
        assert!(row.is_met());
    }

    #[test]
    fn a_row_that_could_not_be_measured_is_told_and_not_met() {
        let bench =
            Bench { name: "x", unit: "ns/op", baseline_name: "y", target: 2.0, better: Better::Lower };
        let row = bench.missing("there is no y here");
        assert!(!row.is_met());
        let table = table(&[row]);
        assert!(table.contains("MISSED") && table.contains("there is no y here"), "{table}");
    }
}
