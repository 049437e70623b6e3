//! What each command does.

mod accounts;
mod assets;
mod cache;
mod config;
mod events;
mod keys;
mod migrate;
mod notify;
mod outbox;
mod services;
mod storage;

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use adstead_application::Error;
use adstead_config::{Loaded, Settings, SettingsError, Sources};
use anyhow::{Context, Result, anyhow};
use clap::CommandFactory;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::{
    AccountsCommand, AssetsCommand, CacheCommand, Cli, Command, Document, EventsCommand, JsonArgs,
    KeysCommand, NotifyCommand, OutboxCommand, ServicesCommand, StorageCommand,
};
use crate::wire::{self, Operator};
use crate::{demo, serve, telemetry};

/// How long work that nobody waits for any more may keep the process.
const LEAVING: Duration = Duration::from_millis(500);

/// Does what was asked for.
///
/// # Errors
/// What kept it from being done, in words for a person.
pub fn run(cli: Cli) -> Result<ExitCode> {
    let Cli { config, command } = cli;
    match command {
        Command::Serve => {
            let loaded = start(config)?;
            block_on(serve::serve(&loaded))??;
        }
        Command::Migrate(args) => {
            let loaded = start(config)?;
            return block_on(migrate::migrate(&loaded.settings, args))?;
        }
        Command::Demo(JsonArgs { json }) => {
            let loaded = demo::settings(load(config)?);
            telemetry::start(&loaded)?;
            let is_success = block_on(demo::run(loaded.settings, json))??;
            return Ok(if is_success { ExitCode::SUCCESS } else { ExitCode::FAILURE });
        }
        Command::Accounts(AccountsCommand::Create(args)) => {
            let loaded = start(config)?;
            block_on(accounts::create(&loaded.settings, args))??;
        }
        Command::Keys(command) => {
            let loaded = start(config)?;
            block_on(async {
                match command {
                    KeysCommand::Create(args) => keys::create(&loaded.settings, args).await,
                    KeysCommand::List { account, output } => {
                        keys::list(&loaded.settings, &account, output).await
                    }
                    KeysCommand::Revoke { account, id } => keys::revoke(&loaded.settings, &account, id).await,
                }
            })??;
        }
        Command::Events(EventsCommand::Rebuild(args)) => {
            let loaded = start(config)?;
            return block_on(events::rebuild(&loaded.settings, args))?;
        }
        Command::Outbox(command) => {
            let loaded = start(config)?;
            block_on(async {
                match command {
                    OutboxCommand::List(args) => outbox::list(&loaded.settings, args).await,
                    OutboxCommand::Retry(choice) => outbox::retry(&loaded.settings, choice).await,
                    OutboxCommand::Purge { choice, waiting, yes } => {
                        outbox::purge(&loaded.settings, choice, waiting, yes).await
                    }
                }
            })??;
        }
        Command::Cache(command) => {
            let loaded = start(config)?;
            block_on(async {
                match command {
                    CacheCommand::Stats { wait_ms, output } => {
                        cache::stats(&loaded.settings, Duration::from_millis(wait_ms), output).await
                    }
                    CacheCommand::Invalidate(choice) => cache::invalidate(&loaded.settings, choice).await,
                    CacheCommand::Clear { yes } => cache::clear(&loaded.settings, yes).await,
                }
            })??;
        }
        Command::Services(command) => {
            let loaded = start(config)?;
            let settings = &loaded.settings;
            return block_on(async {
                match command {
                    ServicesCommand::List(args) => services::list(settings, args).await?,
                    ServicesCommand::Check { names, output } => {
                        return services::check(settings, &names, output).await;
                    }
                    ServicesCommand::Enable { name } => services::enable(settings, &name).await?,
                    ServicesCommand::Disable { name } => services::disable(settings, &name).await?,
                }
                Ok(ExitCode::SUCCESS)
            })?;
        }
        Command::Notify(NotifyCommand::Test(args)) => {
            let loaded = start(config)?;
            block_on(notify::test(&loaded.settings, args))??;
        }
        Command::Assets(AssetsCommand::Upload(args)) => return block_on(assets::upload(args))?,
        Command::Storage(command) => {
            let loaded = start(config)?;
            let settings = &loaded.settings;
            return block_on(async {
                match command {
                    StorageCommand::Check(output) => return storage::check(settings, output).await,
                    StorageCommand::Stats(output) => storage::stats(settings, output).await?,
                    StorageCommand::Gc { dry_run, output } => {
                        storage::collect(settings, dry_run, output).await?;
                    }
                    StorageCommand::Verify(output) => return storage::verify(settings, output).await,
                    StorageCommand::Rekey(output) => storage::rekey(settings, output).await?,
                    StorageCommand::Migrate { from, to, output } => {
                        storage::migrate(settings, from, to, output).await?;
                    }
                }
                Ok(ExitCode::SUCCESS)
            })?;
        }
        Command::Config(command) => config::run(config, command)?,
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "adstead", &mut script);
            io::stdout().write_all(&script)?;
        }
        Command::Generate(Document::ConfigReference) => print(&adstead_config::reference_markdown())?,
        Command::Generate(Document::Openapi) => {
            print(&serde_json::to_string_pretty(&adstead_api::openapi())?)?;
            print("\n")?;
        }
        Command::Generate(Document::Schema) => print(&block_on(wire::schema_sql())??)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The settings, every fault of them told at once.
fn load(folder: Option<PathBuf>) -> Result<Loaded, SettingsError> {
    Settings::load(&Sources::from_process(folder))
}

/// The settings, and logging as they say.
fn start(folder: Option<PathBuf>) -> Result<Loaded, SettingsError> {
    let loaded = load(folder)?;
    telemetry::start(&loaded)?;
    Ok(loaded)
}

fn block_on<T>(work: impl Future<Output = T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the system gives no threads to run on")?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LEAVING);
    Ok(done)
}

/// Does what only the operator may, on the database and beside any running server.
async fn operate<T>(settings: &Settings, work: impl AsyncFnOnce(Operator) -> Result<T, Error>) -> Result<T> {
    let database = Arc::new(serve::database_up_to_date(settings).await?);
    let done = work(wire::operator(&database)).await;
    database.close().await;
    done.map_err(|error| match error {
        Error::NotFound { what: "account", id } => {
            anyhow!("there is no account {id}: name it as it was opened by `adstead accounts create`, or by its id")
        }
        error => wire::of_use_case(error, &settings.database),
    })
}

/// Prints a result. A reader that went away is an error here, not a panic.
fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

fn print_json(result: &impl Serialize) -> Result<()> {
    Ok(print(&format!("{}\n", serde_json::to_string(result)?))?)
}

/// Whether the person at the terminal says `yes`; nobody does where there is none.
fn is_agreed_at_terminal() -> Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    advise("Type `yes` to go on:");
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).context("the terminal gives no answer")?;
    Ok(answer.trim() == "yes")
}

/// Tells a person what to do next, beside the result on stdout.
fn advise(text: &str) {
    // Where nobody listens, nothing is lost.
    let _ = writeln!(io::stderr(), "{text}");
}

/// An instant as a person reads it, to the second.
fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
