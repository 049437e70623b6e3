//! What is remembered of a server that runs on.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use adstead_backends::{Backend, Detached, Process, Server};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::report::{Service, Source, Told};

/// How a server was started, and where it is.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// By its program, in one process for each of its nodes.
    Program { url: String, version: Option<String>, processes: Vec<Recorded> },
    /// By `docker compose`, whose engine knows whether it runs.
    Compose { url: String, image: String },
}

/// A process of a server.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Recorded {
    process: u32,
    /// In clock ticks since the system was started; tells the process from a later one with its id.
    process_started: u64,
    folder: PathBuf,
}

impl Record {
    pub(super) fn of(detached: &[Detached], version: Option<String>, url: String) -> Self {
        Self::Program { url, version, processes: detached.iter().map(Recorded::of).collect() }
    }

    /// The record at `path`; none where there is none.
    pub(super) fn read(path: &Path) -> Result<Option<Self>> {
        let unreadable = || format!("cannot read {}; remove it if nothing runs", path.display());
        match fs::read(path) {
            Ok(text) => serde_json::from_slice(&text).map(Some).with_context(unreadable),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(unreadable),
        }
    }

    pub(super) fn write(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self)?;
        fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    pub(super) fn url(&self) -> &str {
        match self {
            Self::Program { url, .. } | Self::Compose { url, .. } => url,
        }
    }

    pub(super) fn is_running(&self, backend: Backend) -> bool {
        match self {
            Self::Program { processes, .. } => {
                processes.iter().all(|process| process.detached(backend).is_running())
            }
            Self::Compose { url, image: _ } => Server::at(backend, url.clone()).is_answering(),
        }
    }

    /// What is told of it, which was started at `start`.
    pub(super) fn service(self, backend: Backend, start: SystemTime) -> Service {
        let is_running = self.is_running(backend);
        let (source, version, url) = match self {
            Self::Program { url, version, processes } => {
                let processes = processes.into_iter().map(Recorded::told).collect();
                (Source::Program { processes }, version, url)
            }
            Self::Compose { url, image } => (Source::Compose, Some(image), url),
        };
        let address = Some(Server::at(backend, url.clone()).address());
        let since = Some(start).filter(|_| is_running);
        Service { backend, is_running, source, version, url: Some(url), address, since }
    }
}

impl Recorded {
    fn of(detached: &Detached) -> Self {
        let Detached { backend: _, process: Process { id, started }, folder } = detached;
        Self { process: *id, process_started: *started, folder: folder.clone() }
    }

    pub(super) fn detached(&self, backend: Backend) -> Detached {
        let Self { process, process_started, folder } = self;
        let process = Process { id: *process, started: *process_started };
        Detached { backend, process, folder: folder.clone() }
    }

    fn told(self) -> Told {
        let Self { process, process_started: _, folder } = self;
        Told { process, log: folder.join("log") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("postgres.json");
        assert_eq!(Record::read(&path).unwrap(), None);
        let process = Process { id: 7, started: 1234 };
        let detached = Detached { backend: Backend::Postgres, process, folder: "/tmp/a".into() };
        let record = Record::of(&[detached], Some("15.18".to_owned()), "postgres://a:b@c/d".to_owned());
        record.write(&path).unwrap();
        assert_eq!(Record::read(&path).unwrap(), Some(record));
        fs::write(&path, "{").unwrap();
        assert!(Record::read(&path).unwrap_err().to_string().ends_with("remove it if nothing runs"));
    }

    #[test]
    fn a_process_that_got_the_id_of_an_ended_server_is_not_taken_for_it() {
        let process = Process { id: std::process::id(), started: 1 };
        let detached = Detached { backend: Backend::Redis, process, folder: "/tmp/a".into() };
        let record = Record::of(&[detached], None, "redis://127.0.0.1:1/0".to_owned());
        assert!(!record.is_running(Backend::Redis));
    }
}
