//! Servers that run on after the command: for tests that are run by hand, demonstrations and benchmarks.

mod compose;
mod record;
mod report;

use std::fs::{self, File};
use std::path::PathBuf;

use adstead_backends::{Backend, ControlError, Detached, Server, StartError, external};
use anyhow::{Context, Result, anyhow, ensure};
use clap::{Args, Subcommand};

use crate::cargo::{metadata, run};
use crate::servers::each;
use record::Record;
use report::{Service, Source};

/// Starts and stops PostgreSQL, MariaDB, Redis and a Redis cluster for tests, demonstrations and benchmarks
#[derive(Args)]
pub(crate) struct Services {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Start them, and print the variables that name them, for `eval "$(cargo xtask services up)"`
    Up(Choice),
    /// Stop them, and remove their data
    Down(Choice),
    /// Tell which run, where and since when
    Status(Choice),
}

#[derive(Args)]
struct Choice {
    /// Only these, such as postgres,redis-cluster
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    only: Vec<Backend>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Services {
    pub(crate) fn run(&self) -> Result<()> {
        let folder = Folder::open()?;
        match &self.action {
            Action::Up(choice) => folder.up(choice),
            Action::Down(choice) => folder.down(choice),
            Action::Status(choice) => choice.print(&folder.status(choice)?, Service::line),
        }
    }
}

impl Choice {
    fn backends(&self) -> Vec<Backend> {
        Backend::ALL.into_iter().filter(|it| self.only.is_empty() || self.only.contains(it)).collect()
    }

    fn print(&self, services: &[Service], line: impl Fn(&Service) -> String) -> Result<()> {
        if self.json {
            println!("{}", report::json(services)?);
        } else {
            services.iter().map(line).filter(|line| !line.is_empty()).for_each(|line| println!("{line}"));
        }
        Ok(())
    }
}

/// Where the records of what runs are kept; no two commands use it at once.
struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    fn open() -> Result<Self> {
        let path = metadata()?.target_directory.join("services").into_std_path_buf();
        let lock = || {
            fs::create_dir_all(&path)?;
            let lock = File::create(path.join("lock"))?;
            lock.lock().map(|()| lock)
        };
        let lock = lock().with_context(|| format!("cannot lock {}", path.display()))?;
        Ok(Self { path, _lock: lock })
    }

    fn up(&self, choice: &Choice) -> Result<()> {
        let mut services = Vec::new();
        let mut missing = Vec::new();
        let mut failures = Vec::new();
        for (backend, outcome) in each(&choice.backends(), |backend| (backend, self.up_one(backend))) {
            match outcome {
                Ok(service) if service.is_running => services.push(service),
                Ok(service) => failures.push(anyhow!("{}; unset it to have one started", service.line())),
                Err(error) if is_missing(&error) => missing.push((backend, error)),
                Err(error) => failures.push(error),
            }
        }
        if !missing.is_empty() && compose::has_engine() {
            let backends: Vec<_> = missing.drain(..).map(|(backend, _)| backend).collect();
            match run(&mut compose::up(&backends)) {
                Ok(()) => {
                    for backend in backends {
                        let service = self.remember(backend, compose::record(backend))?;
                        if service.is_running {
                            services.push(service);
                        } else {
                            failures.push(anyhow!(service.line()));
                        }
                    }
                }
                Err(error) => failures.push(error),
            }
        }
        // Past whoever evaluates the standard output.
        services.iter().for_each(|service| eprintln!("{}", service.line()));
        choice.print(&services, Service::export)?;
        failures.extend(missing.into_iter().map(|(_, error)| error));
        let failures: Vec<_> = failures.iter().map(|error| format!("{error:#}")).collect();
        ensure!(failures.is_empty(), "not all services are up\n{}", failures.join("\n"));
        Ok(())
    }

    /// Starts `backend` unless the environment names one or ours runs already.
    fn up_one(&self, backend: Backend) -> Result<Service> {
        let service = self.service(backend)?;
        if service.is_running || matches!(service.source, Source::Environment) {
            return Ok(service);
        }
        // What is left of one that ended.
        self.down_one(backend)?;
        let server = Server::start(backend)?;
        let (version, url) = (server.version().map(str::to_owned), server.url());
        let detached = server.detach()?;
        self.remember(backend, Record::of(&detached, version, url)).or_else(|error| {
            end(&detached)?;
            Err(error)
        })
    }

    fn down(&self, choice: &Choice) -> Result<()> {
        for outcome in each(&choice.backends(), |backend| self.down_one(backend)) {
            outcome?;
        }
        choice.print(&self.status(choice)?, Service::line)
    }

    fn down_one(&self, backend: Backend) -> Result<()> {
        match self.read(backend)? {
            None => return Ok(()),
            Some(Record::Compose { .. }) => run(&mut compose::down(backend))?,
            Some(Record::Program { processes, .. }) => {
                end(&processes.iter().map(|process| process.detached(backend)).collect::<Vec<_>>())?;
            }
        }
        let path = self.record(backend);
        fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))
    }

    fn status(&self, choice: &Choice) -> Result<Vec<Service>> {
        choice.backends().into_iter().map(|backend| self.service(backend)).collect()
    }

    fn service(&self, backend: Backend) -> Result<Service> {
        let named = external(backend);
        // The environment may name what we started ourselves.
        let is_named = |record: &Record| named.as_ref().is_none_or(|server| server.url() == record.url());
        let Some(record) = self.read(backend)?.filter(is_named) else {
            return Ok(named.as_ref().map_or_else(|| Service::none(backend), Service::external));
        };
        self.describe(backend, record)
    }

    fn remember(&self, backend: Backend, record: Record) -> Result<Service> {
        record.write(&self.record(backend))?;
        self.describe(backend, record)
    }

    /// What is told of a server whose record was written when it started.
    fn describe(&self, backend: Backend, record: Record) -> Result<Service> {
        let path = self.record(backend);
        let start = fs::metadata(&path).and_then(|file| file.modified());
        let start = start.with_context(|| format!("cannot look at {}", path.display()))?;
        Ok(record.service(backend, start))
    }

    fn read(&self, backend: Backend) -> Result<Option<Record>> {
        Record::read(&self.record(backend))
    }

    fn record(&self, backend: Backend) -> PathBuf {
        self.path.join(format!("{}.json", backend.key()))
    }
}

/// Ends all processes of a server.
fn end(processes: &[Detached]) -> Result<(), ControlError> {
    processes.iter().try_for_each(Detached::end)
}

fn is_missing(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StartError::Missing { .. }))
}
