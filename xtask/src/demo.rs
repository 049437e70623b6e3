//! The demonstration: a whole advertising cycle over a real server in a temporary folder.

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::Value;

use crate::cargo::{adstead, output, run};

/// Shows a whole advertising cycle, over the HTTP API of a server that it starts
#[derive(Args)]
pub(crate) struct Demo {
    /// Check the demonstration instead of watching it: print its result as JSON, and fail where it is not `ok`
    #[arg(long)]
    check: bool,
    /// Arguments for `adstead demo`, such as --json
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

impl Demo {
    pub(crate) fn run(self) -> Result<()> {
        let mut demo = adstead(&["demo"]);
        demo.args(&self.arguments);
        if !self.check {
            return run(&mut demo);
        }
        let result = output(demo.arg("--json"))?;
        print!("{result}");
        check(&result)
    }
}

/// Whether the demonstration's last line says that the report equals what was sent.
fn check(output: &str) -> Result<()> {
    let last_line = output.lines().last().context("the demonstration wrote nothing")?;
    let result: Value =
        serde_json::from_str(last_line).context("the demonstration's last line is no JSON")?;
    ensure!(result["ok"] == true, "the demonstration is not ok: see its steps and its report above");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_a_true_ok_in_the_last_line_is_ok() {
        assert!(check("building\n{\"ok\": true, \"steps\": []}\n").is_ok());
        for output in ["", "{\"ok\":false}", "{\"ok\":\"true\"}", "{}", "{\"ok\":true}\ndone"] {
            assert!(check(output).is_err(), "{output}");
        }
    }
}
