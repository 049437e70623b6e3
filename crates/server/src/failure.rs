//! How a failure is told to the person at the terminal.

use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use adstead_config::SettingsError;
use anyhow::Error;

/// What a command line or settings that make no sense end with, as clap does.
const USAGE: u8 = 2;

/// Tells what failed and why, and answers the exit code: 2 for faults of the settings, 1 otherwise.
pub fn report(error: &Error) -> ExitCode {
    let is_broken_pipe =
        error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == ErrorKind::BrokenPipe);
    if is_broken_pipe && error.chain().count() == 1 {
        // Whoever read our output has had enough of it, and nothing was said of why that matters.
        return ExitCode::FAILURE;
    }
    // Where stderr is gone too, nobody is left to tell.
    let _ = io::stderr().write_all(explain(error).as_bytes());
    if error.is::<SettingsError>() { USAGE.into() } else { ExitCode::FAILURE }
}

/// The failure, and below it its causes, one a line.
fn explain(error: &Error) -> String {
    let causes = error.chain().skip(1).map(|cause| format!("  because: {cause}\n"));
    format!("error: {error}\n{}", causes.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_with_its_causes() {
        let error = anyhow::anyhow!("permission denied").context("the folder data cannot be made");
        assert_eq!(explain(&error), "error: the folder data cannot be made\n  because: permission denied\n");
    }
}
