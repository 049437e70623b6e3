//! External services, as the operator sees them.

use clap::{Args, Subcommand};

use super::JsonArgs;

/// What can be done with external services.
#[derive(Debug, Subcommand)]
pub enum ServicesCommand {
    /// List the services that the settings name, and whether they may be called; with a key, how a running server sees them.
    #[command(after_help = LIST_EXAMPLES)]
    List(ListServicesArgs),
    /// Ask services for a sign of life; the exit code is 1 where one gives none.
    ///
    /// Providers of ad copy are asked which models they have, which costs nothing, and the mail server for a greeting.
    #[command(after_help = "Examples:\n  adstead services check\n  adstead services check openai --json")]
    Check {
        /// The services; without any, all of the settings.
        #[arg(value_name = "NAME")]
        names: Vec<String>,
        /// How the result is printed.
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Let servers call a service again. Running ones follow within `external.switches_interval`.
    Enable {
        /// The service.
        name: String,
    },
    /// Let no server call a service. Running ones follow within `external.switches_interval`.
    Disable {
        /// The service.
        name: String,
    },
}

const LIST_EXAMPLES: &str = "\
Examples:
  adstead services list
  ADSTEAD_KEY=adstead_0123… adstead services list --server https://ads.example.com";

/// Which view of services is wanted.
#[derive(Debug, Args)]
pub struct ListServicesArgs {
    /// The address of the server.
    #[arg(long, value_name = "URL", env = "ADSTEAD_SERVER", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// The key of an admin. As a variable nobody sees it in the list of processes.
    #[arg(long, value_name = "KEY", env = "ADSTEAD_KEY", hide_env_values = true)]
    pub key: Option<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}
