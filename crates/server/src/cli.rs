//! The command line: what can be asked for, and how it is explained.

mod assets;
mod notify;
mod services;
mod storage;

use std::path::PathBuf;
use std::str::FromStr;

use adstead_domain::port::MessageState;
use adstead_domain::{AccountName, ApiKeyId, Currency, Email, MessageId, Role, Zone};
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{ArgGroup, Args, Parser, Subcommand, value_parser};
use clap_complete::Shell;

pub use assets::{AssetsCommand, UploadArgs};
pub use notify::{NotifyCommand, NotifyTestArgs};
pub use services::{ListServicesArgs, ServicesCommand};
pub use storage::StorageCommand;

/// A self-hosted backend for advertising: campaigns, ads written by AI inside each platform's limits, review, files,
/// performance events, reports and advice, over HTTP.
#[derive(Debug, Parser)]
#[command(name = "adstead", version, propagate_version = true, after_help = EXAMPLES)]
pub struct Cli {
    /// Folder of the settings files; without it, `config` in the working directory where that exists.
    #[arg(long, global = true, value_name = "DIR")]
    pub config: Option<PathBuf>,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  adstead demo                        watch a whole advertising cycle, in a temporary folder
  adstead serve                       serve the API with its data in ./data; the first start prints a key
  ADSTEAD__API__BIND=0.0.0.0:80 adstead serve
                                      any setting can be given as a variable
  adstead config show                 every setting, its value, and where that came from

The API describes itself at /docs and /openapi.json of a running server.";

const MIGRATE_EXAMPLES: &str = "\
Examples:
  adstead migrate                     apply all that is missing
  adstead migrate status              which migrations were applied, and when
  adstead migrate verify              whether somebody changed the schema by hand
  adstead migrate down --steps 2      take the last two back, after a question";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the HTTP API.
    ///
    /// With no settings at all, everything is kept in ./data. The first start opens an account and prints a key for it,
    /// once. SIGTERM and Ctrl-C stop the server after the requests under way, within `api.shutdown_grace`.
    Serve,
    /// Bring the database's schema up to date, or look at it.
    ///
    /// Without a command of its own it applies what is missing, as `up` does. Nodes that do so at the same time take turns.
    #[command(after_help = MIGRATE_EXAMPLES, args_conflicts_with_subcommands = true)]
    Migrate(MigrateArgs),
    /// Watch a whole advertising cycle happen.
    ///
    /// In a temporary folder a server is started and used over its HTTP API: account and keys, campaigns, ads written by
    /// the configured provider (the built-in one by default), an uploaded file, review, activation, more than 50,000
    /// performance events, reports and advice. The report must equal what was sent, to the last micro.
    Demo(JsonArgs),
    /// Open accounts.
    #[command(subcommand)]
    Accounts(AccountsCommand),
    /// Issue, list and revoke API keys; also beside a running server.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Look after performance events and what was counted of them.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look at events that nobody was told of yet, and decide on those that failed; also beside a running server.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Look at the caches of all nodes, or empty them; also beside running servers, over the Redis that they share.
    #[command(subcommand)]
    Cache(CacheCommand),
    /// Look at external services, and decide which may be called; also beside running servers.
    #[command(subcommand)]
    Services(ServicesCommand),
    /// Bring news to people and programs.
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Send creative files to a server.
    #[command(subcommand)]
    Assets(AssetsCommand),
    /// Look after creative files; also beside running servers.
    #[command(subcommand)]
    Storage(StorageCommand),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Print a script that completes this command line.
    #[command(after_help = "Example:\n  adstead completions bash > /etc/bash_completion.d/adstead")]
    Completions {
        /// For which shell.
        shell: Shell,
    },
    /// Print a document that is generated from the code.
    #[command(hide = true, subcommand)]
    Generate(Document),
}

/// How results are printed.
#[derive(Debug, Clone, Copy, Args)]
pub struct JsonArgs {
    /// Print one JSON object instead of text.
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `adstead migrate`.
#[derive(Debug, Clone, Copy, Args)]
pub struct MigrateArgs {
    /// What to do with the schema; without it, as `up`.
    #[command(subcommand)]
    pub command: Option<MigrateCommand>,
}

/// What can be done with the schema.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum MigrateCommand {
    /// Apply the migrations that are missing.
    Up {
        /// How many of them; without it, all.
        #[arg(long, value_name = "COUNT", value_parser = value_parser!(u32).range(1..))]
        steps: Option<u32>,
    },
    /// Take migrations back, with all that is stored in what they made. Stop the servers first.
    Down {
        /// How many of them, from the last on.
        #[arg(long, value_name = "COUNT", value_parser = value_parser!(u32).range(1..), default_value_t = 1)]
        steps: u32,
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
    },
    /// Tell which migrations were applied, and when.
    Status(JsonArgs),
    /// Compare the schema with what the migrations make; the exit code is 1 where it differs.
    Verify(JsonArgs),
}

/// What can be done with accounts.
#[derive(Debug, Subcommand)]
pub enum AccountsCommand {
    /// Open an account and print its id.
    #[command(
        after_help = "Example:\n  adstead accounts create Acme --time-zone Europe/Berlin --currency EUR"
    )]
    Create(NewAccountArgs),
}

/// What an account is opened with.
#[derive(Debug, Args)]
pub struct NewAccountArgs {
    /// What people call it.
    pub name: AccountName,
    /// The IANA zone of its days.
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    pub time_zone: Zone,
    /// The ISO 4217 currency of its budgets; without it, the first campaign decides.
    #[arg(long, value_name = "CODE")]
    pub currency: Option<Currency>,
    /// Let people approve ads that they edited themselves.
    #[arg(long)]
    pub no_second_reviewer: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}

/// What can be done with keys.
#[derive(Debug, Subcommand)]
pub enum KeysCommand {
    /// Issue a key and print it; it is shown this once. The user is added where new.
    #[command(
        after_help = "Example:\n  adstead keys create --account Acme --user ada@example.com --role editor"
    )]
    Create(NewKeyArgs),
    /// List the keys of an account, newest first. Their secrets are not known to anybody.
    List {
        /// The account's name or id.
        #[arg(long, value_name = "NAME-OR-ID")]
        account: String,
        /// How the result is printed.
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Make a key worthless. A running server follows within `cache.keys_ttl`, 2 seconds at most.
    Revoke {
        /// The account's name or id.
        #[arg(long, value_name = "NAME-OR-ID")]
        account: String,
        /// The key's id, as `adstead keys list` shows it.
        id: ApiKeyId,
    },
}

/// What can be done with performance events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Compare the figures of reports with the events that they were counted from, and make them equal; also beside a
    /// running server.
    ///
    /// Each account is mended in one transaction, which senders of its events wait for. Figures whose events
    /// are older than `events.retention` are left as they are. Running servers show mended figures once `cache.reports_ttl`
    /// is over.
    #[command(
        after_help = "Examples:\n  adstead events rebuild --dry-run\n  adstead events rebuild --account Acme --json"
    )]
    Rebuild(RebuildArgs),
}

/// What can be done with events on their way.
#[derive(Debug, Subcommand)]
pub enum OutboxCommand {
    /// List messages, the oldest first: those that wait to be delivered, and dead letters.
    #[command(
        after_help = "Examples:\n  adstead outbox list --state dead\n  adstead outbox list --after 1207 --json"
    )]
    List(OutboxListArgs),
    /// Deliver messages at once that failed before: dead letters, and those that wait for their next attempt.
    ///
    /// A running server takes them up within `outbox.poll_interval`. A dead letter that is delivered later comes after what
    /// happened since.
    #[command(
        after_help = "Examples:\n  adstead outbox retry 1207 1209\n  adstead outbox retry --all --subscriber log"
    )]
    Retry(OutboxChoice),
    /// Remove dead letters, or any messages that are named: nobody will ever be told.
    #[command(after_help = "Examples:\n  adstead outbox purge 1207\n  adstead outbox purge --all --yes")]
    Purge {
        /// Which.
        #[command(flatten)]
        choice: OutboxChoice,
        /// With --all, also remove what was not delivered yet: for a subscriber that is gone.
        #[arg(long, requires = "subscriber", conflicts_with = "ids")]
        waiting: bool,
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
    },
}

/// What can be done with the caches.
#[derive(Debug, Subcommand)]
pub enum CacheCommand {
    /// Tell what the cache of each node did since its start, and how Redis is.
    #[command(after_help = "Examples:\n  adstead cache stats\n  adstead cache stats --json")]
    Stats {
        /// How long nodes are waited for, in milliseconds.
        #[arg(long, value_name = "MS", default_value_t = 1_000, value_parser = value_parser!(u64).range(10..=60_000))]
        wait_ms: u64,
        /// How the result is printed.
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Outdate a part of what is cached, on all nodes.
    #[command(after_help = CACHE_EXAMPLES)]
    Invalidate(CacheChoice),
    /// Outdate everything that is cached, on all nodes.
    ///
    /// Redis frees entries as their time comes; `invalidate --glob '*'` frees them at once.
    Clear {
        /// Do not ask first.
        #[arg(long)]
        yes: bool,
    },
}

const CACHE_EXAMPLES: &str = "\
Examples:
  adstead cache invalidate --tag figures:0198c2f0-6d4e-7c3a-9d57-2f6d1c1b0a99
                                      the reports of one account
  adstead cache invalidate --prefix ads:
                                      the cache of ads
  adstead cache invalidate --prefix ads:0198c2f0-6d4e-7c3a-9d57-2f6d1c1b0a99:
                                      the ads of one account
  adstead cache invalidate --glob 'reports:*:day:*'
                                      whatever matches; Redis looks through all of its keys for it

Tags and prefixes cost the same however much they outdate.";

/// Which part of what is cached is meant.
#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub struct CacheChoice {
    /// All that carries this tag.
    #[arg(long)]
    pub tag: Option<String>,
    /// All whose key begins with this: a cache's name and parts of its keys, up to a colon.
    #[arg(long)]
    pub prefix: Option<String>,
    /// All whose key matches this pattern of Redis, of a cache's name, a colon and the key. It is freed at once.
    #[arg(long)]
    pub glob: Option<String>,
}

/// Which messages are listed.
#[derive(Debug, Args)]
pub struct OutboxListArgs {
    /// Only those to this subscriber.
    #[arg(long, value_name = "NAME")]
    pub subscriber: Option<String>,
    /// Only those in this state.
    #[arg(long, value_parser = message_states())]
    pub state: Option<MessageState>,
    /// At most so many.
    #[arg(long, value_name = "COUNT", default_value_t = 50, value_parser = value_parser!(u32).range(1..=1_000))]
    pub limit: u32,
    /// Go on after this message.
    #[arg(long, value_name = "ID")]
    pub after: Option<MessageId>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}

/// Which messages are meant.
#[derive(Debug, Args)]
#[group(id = "choice")]
#[command(group(ArgGroup::new("which").required(true).args(["ids", "all"])))]
pub struct OutboxChoice {
    /// Messages, by the ids that `adstead outbox list` shows.
    #[arg(value_name = "ID")]
    pub ids: Vec<MessageId>,
    /// All that failed: to retry them, those that wait for their next attempt too; to purge, dead letters only.
    #[arg(long)]
    pub all: bool,
    /// With --all, only those to this subscriber.
    #[arg(long, value_name = "NAME", requires = "all")]
    pub subscriber: Option<String>,
}

/// What is rebuilt.
#[derive(Debug, Args)]
pub struct RebuildArgs {
    /// The account's name or id; without it, all accounts.
    #[arg(long, value_name = "NAME-OR-ID")]
    pub account: Option<String>,
    /// Only tell what differs, and change nothing; the exit code is 1 where something does.
    #[arg(long)]
    pub dry_run: bool,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}

/// For whom a key is issued.
#[derive(Debug, Args)]
pub struct NewKeyArgs {
    /// The account's name or id.
    #[arg(long, value_name = "NAME-OR-ID")]
    pub account: String,
    /// The user's e-mail address.
    #[arg(long, value_name = "EMAIL")]
    pub user: Email,
    /// What the key may do.
    #[arg(long, value_parser = roles())]
    pub role: Role,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}

/// What can be looked at of the settings.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum ConfigCommand {
    /// Print every effective setting with its origin; secrets are redacted.
    Show(JsonArgs),
    /// Report every fault of the settings at once.
    Check,
}

/// The documents that are generated from the code.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Document {
    /// The reference of every setting, as Markdown.
    ConfigReference,
    /// The description of the HTTP API, as JSON.
    Openapi,
    /// The schema of the database on each engine, as SQL.
    Schema,
}

/// Roles by their words, which help and errors list.
fn roles() -> ValueParser {
    let words = Role::ALL.iter().map(|role| role.as_str());
    PossibleValuesParser::new(words).try_map(|word| Role::from_str(&word)).into()
}

/// States by their words, which help and errors list.
fn message_states() -> ValueParser {
    let words = MessageState::ALL.iter().map(|state| state.as_str());
    PossibleValuesParser::new(words).try_map(|word| MessageState::from_str(&word)).into()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn an_unknown_role_is_answered_with_the_right_ones() {
        let arguments = ["adstead", "keys", "create", "--account", "a", "--user", "a@b.c", "--role", "boss"];
        let error = Cli::try_parse_from(arguments).unwrap_err().to_string();
        assert!(error.contains("[possible values: viewer, editor, reviewer, admin]"), "{error}");
    }
}
