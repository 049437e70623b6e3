//! All tests, and how many contract cases each adapter passed.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cargo::{cargo, metadata, root, shown};
use crate::tally::{TALLY_VARIABLE, Tally};
use crate::tidy::{Workspace, implementations};

/// Runs all tests of the workspace, and tells how many contract cases each adapter passed
#[derive(Args)]
pub(crate) struct Test {
    /// Arguments for `cargo test`, such as -p adstead-domain or a part of a test's name
    #[arg(allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// Arguments for the test binaries, such as --nocapture
    #[arg(last = true)]
    harness_arguments: Vec<String>,
}

impl Test {
    /// Every test of the workspace.
    pub(crate) fn everything() -> Self {
        Self { arguments: Vec::new(), harness_arguments: Vec::new() }
    }

    pub(crate) fn run(&self) -> Result<()> {
        let start = Instant::now();
        let notes = metadata()?.target_directory.join("contract-tally.tsv").into_std_path_buf();
        if notes.exists() {
            fs::remove_file(&notes).with_context(|| format!("cannot remove {}", notes.display()))?;
        }
        let mut tests = self.command();
        let (passed, counts) = run_counting(tests.env(TALLY_VARIABLE, &notes))?;
        let tally = Tally::read(&notes)?;
        if tally.suites() > 0 {
            println!("\n{tally}");
        }
        println!(
            "tests: {counts}; contract cases: {} over {} pairs of port and adapter; {:.1} s",
            tally.total(),
            tally.suites(),
            start.elapsed().as_secs_f64()
        );
        ensure!(passed, "tests failed: `failures:` above names them, `cargo xtask test NAME` runs one again");
        let ran_all = self.arguments.is_empty() && self.harness_arguments.is_empty();
        if ran_all { every_adapter_was_tested(&tally) } else { Ok(()) }
    }

    fn command(&self) -> Command {
        let picks_packages = self
            .arguments
            .iter()
            .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"));
        let mut command = cargo(&["test", "--no-fail-fast"]);
        if !picks_packages {
            command.arg("--workspace");
        }
        command.args(&self.arguments);
        if !self.harness_arguments.is_empty() {
            command.arg("--").args(&self.harness_arguments);
        }
        command
    }
}

/// The sources say which adapters there are, the tally which of them kept their contract.
fn every_adapter_was_tested(tally: &Tally) -> Result<()> {
    let implementations: Vec<_> = implementations(&Workspace::read(root())?).collect();
    let untested: Vec<_> = tally.untested(&implementations).iter().map(|it| format!("  {it}")).collect();
    ensure!(
        untested.is_empty(),
        "no case of the port's contract ran on these adapters; call `run_all` on them in a test:\n{}",
        untested.join("\n")
    );
    Ok(())
}

/// Runs `command`, passes its output on, and counts what it says of its tests; and whether it succeeded.
fn run_counting(command: &mut Command) -> Result<(bool, Counts)> {
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    let mut counts = Counts::default();
    let output = child.stdout.take().expect("the standard output is piped");
    for line in BufReader::new(output).split(b'\n') {
        let mut line = line.context("cannot read what the tests say")?;
        counts.add(&String::from_utf8_lossy(&line));
        line.push(b'\n');
        stdout().write_all(&line).context("cannot pass on what the tests say")?;
    }
    let status = child.wait().context("cannot wait for the tests")?;
    Ok((status.success(), counts))
}

/// What the closing lines of test binaries add up to.
#[derive(Debug, Default, PartialEq)]
struct Counts {
    passed: u64,
    failed: u64,
    ignored: u64,
}

impl Counts {
    /// Adds a line such as `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; …`.
    fn add(&mut self, line: &str) {
        let Some(result) = line.strip_prefix("test result: ") else { return };
        for part in result.split(';') {
            let mut words = part.split_whitespace().rev();
            let what = words.next();
            let count = words.next().and_then(|count| count.parse::<u64>().ok()).unwrap_or_default();
            match what {
                Some("passed") => self.passed += count,
                Some("failed") => self.failed += count,
                Some("ignored") => self.ignored += count,
                _ => {}
            }
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, ignored } = self;
        write!(f, "{passed} passed, {failed} failed, {ignored} ignored")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_of_all_test_binaries_are_added_up() {
        let mut counts = Counts::default();
        for line in [
            "running 13 tests",
            "test result: FAILED. 11 passed; 1 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.01s",
            "test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 2 filtered out; finished in 1.20s",
        ] {
            counts.add(line);
        }
        assert_eq!(counts.to_string(), "15 passed, 1 failed, 1 ignored");
    }

    #[test]
    fn arguments_are_passed_on_and_a_picked_package_is_tested_alone() {
        #[derive(clap::Parser)]
        struct CommandLine {
            #[command(flatten)]
            test: Test,
        }

        for (arguments, expected) in [
            ("", "cargo test --no-fail-fast --workspace"),
            ("money", "cargo test --no-fail-fast --workspace money"),
            ("-p adstead-domain", "cargo test --no-fail-fast -p adstead-domain"),
            ("--package=xtask tidy", "cargo test --no-fail-fast --package=xtask tidy"),
            ("--doc -- --nocapture", "cargo test --no-fail-fast --workspace --doc -- --nocapture"),
            ("-- --nocapture", "cargo test --no-fail-fast --workspace -- --nocapture"),
        ] {
            let line = std::iter::once("test").chain(arguments.split_whitespace());
            let CommandLine { test } = clap::Parser::parse_from(line);
            assert_eq!(shown(&test.command()), expected);
        }
    }
}
