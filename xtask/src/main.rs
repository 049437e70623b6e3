//! Every chore of the workspace, one file each.
//!
//! Of the other crates it depends on `adstead-backends` alone, so that it is built in seconds: what it needs to know of
//! Adstead it asks the binary `adstead`, and what it needs to know of the sources it reads.

mod bench;
mod cargo;
mod ci;
mod demo;
mod faults;
mod generate;
mod servers;
mod services;
mod tally;
mod test;
mod tidy;

use std::process::ExitCode;

use clap::Parser;

/// The chores of the workspace.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Chore {
    Demo(demo::Demo),
    Faults(faults::Faults),
    Test(test::Test),
    Ci(ci::Ci),
    Tidy(tidy::Tidy),
    Generate(generate::Generate),
    Bench(bench::Bench),
    Services(services::Services),
}

fn main() -> ExitCode {
    match Chore::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Chore {
    fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Demo(demo) => demo.run(),
            Self::Faults(faults) => faults.run(),
            Self::Test(test) => test.run(),
            Self::Ci(ci) => ci.run(),
            Self::Tidy(tidy) => tidy.run(),
            Self::Generate(generate) => generate.run(),
            Self::Bench(bench) => bench.run(),
            Self::Services(services) => services.run(),
        }
    }
}
