//! All tests, and how many contract cases each adapter passed.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use cargo_metadata::Metadata;
use clap::Args;

use crate::cargo::{cargo, metadata, root, shown};
use crate::servers::Servers;
use crate::tally::{TALLY_VARIABLE, Tally};
use crate::tidy::{Workspace, implementations};

/// The crate that starts servers for tests.
const BACKENDS: &str = "adstead-backends";

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
        let metadata = metadata()?;
        let notes = metadata.target_directory.join("contract-tally.tsv").into_std_path_buf();
        if notes.exists() {
            fs::remove_file(&notes).with_context(|| format!("cannot remove {}", notes.display()))?;
        }
        let servers = if self.needs_servers(&metadata) { Some(Servers::start()?) } else { None };
        let mut tests = self.command();
        if let Some(servers) = &servers {
            println!("{servers}");
            servers.tell(&mut tests);
        }
        let (passed, counts) = run_counting(tests.env(TALLY_VARIABLE, &notes))?;
        let tally = Tally::read(&notes)?;
        if tally.suites() > 0 {
            println!("\n{tally}");
        }
        if let Some(servers) = &servers {
            println!("{servers}");
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
        let mut command = cargo(&["test", "--no-fail-fast"]);
        if self.packages().is_empty() {
            command.arg("--workspace");
        }
        command.args(&self.arguments);
        if !self.harness_arguments.is_empty() {
            command.arg("--").args(&self.harness_arguments);
        }
        command
    }

    /// The packages that are picked; all are tested where none is.
    fn packages(&self) -> Vec<&str> {
        let mut packages = Vec::new();
        let mut arguments = self.arguments.iter();
        while let Some(argument) = arguments.next() {
            let rest = argument.strip_prefix("--package").or_else(|| argument.strip_prefix("-p"));
            match rest {
                Some("") => packages.extend(arguments.next().map(|name| &**name)),
                Some(name) => packages.push(name.trim_start_matches('=')),
                None => {}
            }
        }
        packages
    }

    /// Whether a package is tested whose tests run on servers.
    fn needs_servers(&self, metadata: &Metadata) -> bool {
        let picked = self.packages();
        let is_picked = |name: &str| picked.is_empty() || picked.contains(&name);
        let mut users = metadata.packages.iter().filter(|package| {
            package.name == BACKENDS || package.dependencies.iter().any(|it| it.name == BACKENDS)
        });
        // The chores start them, their tests do not.
        users.any(|package| is_picked(&package.name) && package.name != env!("CARGO_PKG_NAME"))
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

    #[derive(clap::Parser)]
    struct CommandLine {
        #[command(flatten)]
        test: Test,
    }

    fn parse(arguments: &str) -> Test {
        let line = std::iter::once("test").chain(arguments.split_whitespace());
        let CommandLine { test } = clap::Parser::parse_from(line);
        test
    }

    #[test]
    fn arguments_are_passed_on_and_a_picked_package_is_tested_alone() {
        for (arguments, expected) in [
            ("", "cargo test --no-fail-fast --workspace"),
            ("money", "cargo test --no-fail-fast --workspace money"),
            ("-p adstead-domain", "cargo test --no-fail-fast -p adstead-domain"),
            ("--package=xtask tidy", "cargo test --no-fail-fast --package=xtask tidy"),
            ("--doc -- --nocapture", "cargo test --no-fail-fast --workspace --doc -- --nocapture"),
            ("-- --nocapture", "cargo test --no-fail-fast --workspace -- --nocapture"),
        ] {
            assert_eq!(shown(&parse(arguments).command()), expected);
        }
    }

    #[test]
    fn servers_are_started_only_for_packages_that_use_them() {
        let metadata = metadata().unwrap();
        for (arguments, expected) in [
            ("", true),
            ("money", true),
            ("-p adstead-domain -p adstead-backends", true),
            ("--package=adstead-backends", true),
            ("-padstead-domain", false),
            ("-p xtask", false),
        ] {
            assert_eq!(parse(arguments).needs_servers(&metadata), expected, "{arguments}");
        }
    }
}
