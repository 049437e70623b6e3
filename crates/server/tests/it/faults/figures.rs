use std::fs::OpenOptions;
use std::io::{Write, stdout};

use serde_json::{Value, json};

use super::load::Tally;

/// Where `cargo xtask faults` looks for figures: a file to which each test adds a line of JSON.
const FIGURES_VARIABLE: &str = "ADSTEAD_FAULT_FIGURES";

/// Tells what a test found: a line to read, and one for programs.
pub(super) fn tell(fault: &str, kills: usize, tally: &Tally) {
    let Tally { events, batches, retries, refusals, longest_silence, took } = tally;
    println!(
        "{fault}: {events} events in {batches} batches acknowledged and counted once each; {kills} kills, \
         {retries} batches sent again ({refusals} after a 503), longest silence {} ms, {:.1} s",
        longest_silence.as_millis(),
        took.as_secs_f64()
    );
    let line = json!({
        "fault": fault,
        "events": events,
        "batches": batches,
        "kills": kills,
        "retries": retries,
        "refusals": refusals,
        "longest_silence_ms": longest_silence.as_millis() as u64,
        "took_ms": took.as_millis() as u64,
    });
    note(&line);
}

fn note(line: &Value) {
    let Some(path) = std::env::var_os(FIGURES_VARIABLE) else { return };
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    // One write, so that lines of tests that run at the same time do not mix.
    file.write_all(format!("{line}\n").as_bytes()).unwrap();
    stdout().flush().unwrap();
}
