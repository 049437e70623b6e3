use std::fs::OpenOptions;
use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::load::Tally;

/// Where `cargo xtask faults` looks for figures: a file to which each test adds a line of JSON.
const FIGURES_VARIABLE: &str = "ADSTEAD_FAULT_FIGURES";

/// Tells what became of events: a line to read, and one for programs.
pub(super) fn tell(fault: &str, kills: usize, tally: &Tally) {
    let Tally { events, batches, retries, refusals, longest_silence, took } = tally;
    let words = format!(
        "{events} events in {batches} batches acknowledged and counted once each; {kills} kills, {retries} batches sent again \
         ({refusals} after a 503), longest silence {} ms, {:.1} s",
        longest_silence.as_millis(),
        took.as_secs_f64()
    );
    let figures = json!({
        "events": events,
        "batches": batches,
        "kills": kills,
        "retries": retries,
        "refusals": refusals,
        "longest_silence_ms": longest_silence.as_millis() as u64,
        "took_ms": took.as_millis() as u64,
    });
    note(fault, &words, &figures);
}

/// Tells figures of any kind, in words too.
pub(super) fn note(fault: &str, words: &str, figures: &Value) {
    println!("{fault}: {words}");
    let Some(path) = std::env::var_os(FIGURES_VARIABLE) else { return };
    let mut line = figures.clone();
    line["fault"] = fault.into();
    line["words"] = words.into();
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // One write, so that lines of tests that run at the same time do not mix.
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
    stdout().flush().unwrap();
}
