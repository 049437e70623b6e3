//! What must hold before a change is merged.

use std::time::Instant;

use anyhow::{Result, anyhow};
use clap::Args;

use crate::cargo::{cargo, run};
use crate::test::Test;
use crate::tidy::Tidy;

/// Checks everything that must hold before a change is merged, and stops at the first failure
#[derive(Args)]
pub(crate) struct Ci {
    /// Leave the tests out, for whoever runs `cargo xtask test` beside it
    #[arg(long)]
    skip_tests: bool,
}

struct Step {
    name: &'static str,
    run: fn() -> Result<()>,
    mend: &'static str,
}

/// From the cheapest to the dearest, so that a slip is told early.
const STEPS: &[Step] = &[
    Step {
        name: "format",
        run: || run(&mut cargo(&["fmt", "--all", "--check"])),
        mend: "run `cargo fmt --all` and look at what it changed",
    },
    Step { name: "tidy", run: || Tidy {}.run(), mend: "each line above ends with what to do" },
    Step {
        name: "clippy",
        run: || run(&mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])),
        mend: "mend what is named above, or `#[expect(…, reason = …)]` it where clippy is wrong",
    },
    Step {
        name: "features",
        run: each_manager_alone,
        mend: "gate what is named above by its manager's feature, in crates/infrastructure",
    },
    Step { name: "fuzz", run: fuzz_targets, mend: "mend what is named above, in fuzz/fuzz_targets" },
    Step {
        name: "docs",
        run: || run(cargo(&["doc", "--no-deps", "--workspace"]).env("RUSTDOCFLAGS", "-D warnings")),
        mend: "mend the documentation named above, most likely a broken link",
    },
    // Doc tests are among them, and whether the generated references are true.
    Step { name: TESTS, run: || Test::everything().run(), mend: "run `cargo xtask test` until it passes" },
];

const TESTS: &str = "tests";

/// Each manager of the infrastructure compiles with no other.
fn each_manager_alone() -> Result<()> {
    for manager in ["database", "cache", "storage", "external"] {
        let check = ["check", "-p", "adstead-infrastructure", "--no-default-features", "--features", manager];
        run(&mut cargo(&check))?;
    }
    Ok(())
}

/// The fuzz targets compile; the fuzzer itself, which is C++, is left out.
fn fuzz_targets() -> Result<()> {
    let manifest = ["--manifest-path", "fuzz/Cargo.toml", "--target-dir", "target/fuzz"];
    run(cargo(&["check", "--no-default-features"]).args(manifest))
}

impl Ci {
    pub(crate) fn run(&self) -> Result<()> {
        let start = Instant::now();
        for step in STEPS.iter().filter(|step| !(self.skip_tests && step.name == TESTS)) {
            step.run_timed()?;
        }
        println!("── all is well: {:.1} s", start.elapsed().as_secs_f64());
        Ok(())
    }
}

impl Step {
    fn run_timed(&self) -> Result<()> {
        let Self { name, run, mend } = self;
        println!("── {name} …");
        let start = Instant::now();
        let outcome = run();
        let verdict = if outcome.is_ok() { "ok" } else { "FAILED" };
        println!("── {name} {verdict}: {:.1} s", start.elapsed().as_secs_f64());
        outcome.map_err(|error| anyhow!("{error:#}\n{name} failed: {mend}"))
    }
}
