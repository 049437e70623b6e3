//! Cargo, called in the root of the workspace.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use cargo_metadata::{Metadata, MetadataCommand};

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder in the root of the workspace")
}

/// The cargo that runs this chore, with `arguments`.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root()).args(arguments);
    command
}

/// A binary `adstead` to use in place of one that is built first. The tests build one as well, with the features that
/// all members of the workspace need together, so that the server alone would be built from its first crate on.
const BINARY_VARIABLE: &str = "ADSTEAD_BINARY";

/// The binary `adstead` of the dev profile, built where it is out of date, with `arguments`.
pub(crate) fn adstead(arguments: &[&str]) -> Command {
    let mut command = match std::env::var_os(BINARY_VARIABLE) {
        Some(binary) => Command::new(binary),
        None => cargo(&["run", "--package", "adstead-server", "--bin", "adstead", "--"]),
    };
    command.current_dir(root()).args(arguments);
    command
}

/// The members of the workspace and where they are built.
pub(crate) fn metadata() -> Result<Metadata> {
    MetadataCommand::new().current_dir(root()).no_deps().exec().context("cargo cannot read the workspace")
}

/// Runs `command` to its end, its output going where ours goes.
///
/// # Errors
/// It cannot be started, or it fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| format!("cannot start `{}`", shown(command)))?;
    ensure!(status.success(), "`{}` failed ({status})", shown(command));
    Ok(())
}

/// What `command` writes to its standard output; its errors go where ours go.
///
/// # Errors
/// It cannot be started, it fails, or it writes no text.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start `{}`", shown(command)))?;
    if !output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        bail!("`{}` failed ({})", shown(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{}` writes no text", shown(command)))
}

/// `command` as one would type it.
pub(crate) fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = program.file_name().into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
