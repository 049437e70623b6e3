//! The `adstead` binary.

use std::process::ExitCode;

use adstead_server::cli::Cli;
use adstead_server::{commands, failure};
use clap::Parser;

fn main() -> ExitCode {
    // Two TLS providers are in the tree: whoever opens a connection must find one chosen.
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nobody chose a TLS provider before main began");
    commands::run(Cli::parse()).unwrap_or_else(|error| failure::report(&error))
}
