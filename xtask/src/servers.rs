//! The servers that tests run on.

use std::fmt;
use std::process::Command;
use std::thread;

use adstead_backends::{Backend, REQUIRE_VARIABLE, Server, StartError, external, required};
use anyhow::{Result, bail, ensure};

/// Servers that the environment names, or that are started and end with this value; and those that the machine lacks.
#[derive(Default)]
pub(crate) struct Servers {
    running: Vec<Server>,
    missing: Vec<StartError>,
}

impl Servers {
    /// Starts what the environment does not name.
    ///
    /// # Errors
    /// One does not start or does not answer; or one is missing, and none may be.
    pub(crate) fn start() -> Result<Self> {
        let mut servers = Self::default();
        for outcome in each(&Backend::ALL, start) {
            match outcome {
                Ok(server) => servers.running.push(server),
                Err(error @ StartError::Missing { .. }) => servers.missing.push(error),
                Err(error) => return Err(error.into()),
            }
        }
        if let Some(server) = servers.running.iter().find(|it| !it.is_answering()) {
            bail!("{} names {}, where nothing answers", server.backend().variable(), server.address());
        }
        let missing: Vec<_> = servers.missing.iter().map(ToString::to_string).collect();
        let may_miss = missing.is_empty() || !required();
        ensure!(
            may_miss,
            "{REQUIRE_VARIABLE}=1, and the machine lacks what it takes\n{}",
            missing.join("\n")
        );
        Ok(servers)
    }

    /// Tells `command` where they are.
    pub(crate) fn tell(&self, command: &mut Command) {
        command.envs(self.running.iter().map(|server| (server.backend().variable(), server.url())));
    }
}

/// One for each of `backends`, all at once.
pub(crate) fn each<T: Send>(backends: &[Backend], make: impl Fn(Backend) -> T + Sync) -> Vec<T> {
    let make = &make;
    thread::scope(|scope| {
        let threads: Vec<_> = backends.iter().map(|backend| scope.spawn(move || make(*backend))).collect();
        threads.into_iter().map(|it| it.join().expect("nothing panics there")).collect()
    })
}

fn start(backend: Backend) -> Result<Server, StartError> {
    external(backend).map_or_else(|| Server::start(backend), Ok)
}

impl fmt::Display for Servers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("backends:")?;
        for server in &self.running {
            let (backend, address) = (server.backend(), server.address());
            match server.version() {
                Some(version) => write!(f, "\n  {backend} {version} at {address}")?,
                None => write!(f, "\n  {backend} at {address}, as {} says", backend.variable())?,
            }
        }
        self.missing.iter().try_for_each(|missing| write!(f, "\n  MISSING {missing}"))
    }
}
