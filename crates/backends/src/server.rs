//! A running server, and how it is harmed.

use std::fmt;
use std::path::{Path, PathBuf};
use std::slice;

use crate::detached::Detached;
use crate::engine::{Aiosmtpd, Engine, LiteLlm, MariaDb, Moto, Postgres, Redis, RedisOptions};
use crate::instance::Instance;
use crate::mail::MailSecurity;
use crate::{Backend, ControlError, Durability, StartError, cluster, url};

/// A server with an empty database; it ends, and its data goes, when this value does. Several in a cluster are one
/// server as well: what is done to it is done to each of [`Self::nodes`].
///
/// The methods that wait do so by blocking: seconds for a start, milliseconds for the rest.
pub struct Server {
    backend: Backend,
    version: Option<String>,
    url: String,
    runner: Runner,
}

/// Who runs it.
enum Runner {
    Somebody,
    /// We do, in one process.
    Instance(Box<Instance>),
    /// We do, as a cluster.
    Nodes(Vec<Server>),
}

impl Server {
    /// Starts a server in a temporary folder, and waits until it answers.
    ///
    /// # Errors
    /// [`StartError::Missing`] where the machine does not have it; the others where it does not start.
    pub fn start(backend: Backend) -> Result<Self, StartError> {
        Self::start_with(backend, Durability::Crash)
    }

    /// As [`Self::start`], with a choice of what the data survives; Redis waits for no disk.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(backend: Backend, durability: Durability) -> Result<Self, StartError> {
        let engine: Box<dyn Engine> = match backend {
            Backend::Postgres => Box::new(Postgres::find(durability)?),
            Backend::MariaDb => Box::new(MariaDb::find(durability)?),
            Backend::Redis => Box::new(Redis::find(backend, RedisOptions::default())?),
            Backend::RedisCluster => return Self::start_cluster(),
            Backend::S3 => Box::new(Moto::find()?),
            Backend::Smtp => Box::new(Aiosmtpd::find(MailSecurity::None)?),
            Backend::LiteLlm => Box::new(LiteLlm::find(Vec::new())?),
        };
        Self::run(backend, durability, engine)
    }

    /// Starts a single Redis that is set up otherwise than [`Self::start`] does.
    ///
    /// # Errors
    /// As [`Self::start`]; it does not start either with settings that it does not know, or for TLS where it was built
    /// without.
    pub fn start_redis(options: RedisOptions) -> Result<Self, StartError> {
        let backend = Backend::Redis;
        Self::run(backend, Durability::Crash, Box::new(Redis::find(backend, options)?))
    }

    fn start_cluster() -> Result<Self, StartError> {
        let nodes = cluster::start()?;
        let version = nodes.iter().find_map(|node| node.version.clone());
        let (backend, url) = (Backend::RedisCluster, cluster::url(&nodes));
        Ok(Self { backend, version, url, runner: Runner::Nodes(nodes) })
    }

    pub(crate) fn run(
        backend: Backend,
        durability: Durability,
        engine: Box<dyn Engine>,
    ) -> Result<Self, StartError> {
        let version = Some(engine.version(backend)?);
        let instance = Instance::start(backend, durability, engine)?;
        Ok(Self { backend, version, url: instance.url(), runner: Runner::Instance(Box::new(instance)) })
    }

    /// The server at `url`, which somebody else runs.
    pub fn at(backend: Backend, url: String) -> Self {
        Self { backend, version: None, url, runner: Runner::Somebody }
    }

    /// Which server it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Its version, such as `15.18`; none where somebody else runs it.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Where its database `adstead` is, empty at first, with user and password. The user may create more databases, and
    /// on MariaDB do anything. On S3 it is a bucket, which is not made. For a cluster, all its nodes: `redis-cluster://127.0.0.1:7000?node=127.0.0.1:7001…`.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Where `database` is on this server, whether or not there is one. On Redis it is a number, in a cluster 0; on S3 a bucket.
    pub fn url_of(&self, database: &str) -> String {
        url::to_database(&self.url, database)
    }

    /// Where databases are created and dropped from: one that is always there. The user is that of [`Self::url`].
    pub fn admin_url(&self) -> String {
        match self.backend {
            Backend::Postgres => self.url_of("postgres"),
            Backend::MariaDb => self.url_of("mysql"),
            _ => self.url(),
        }
    }

    /// Where it listens, such as `127.0.0.1:15432`; of a cluster, the first node.
    pub fn address(&self) -> String {
        url::address(&self.url, self.backend.usual_port())
    }

    /// Whether it accepts connections; of a cluster, whether the first node does.
    pub fn is_answering(&self) -> bool {
        url::is_answered(&self.address())
    }

    /// Whether somebody else runs it.
    pub fn is_external(&self) -> bool {
        matches!(self.runner, Runner::Somebody)
    }

    /// The servers that it is made of: a cluster's nodes, which are killed, paused and restarted each by itself; else
    /// itself alone. Who runs a cluster elsewhere has its nodes.
    pub fn nodes(&self) -> &[Self] {
        match &self.runner {
            Runner::Nodes(nodes) => nodes,
            Runner::Somebody | Runner::Instance(_) => slice::from_ref(self),
        }
    }

    /// Its temporary folder; none where somebody else runs it, or where each of [`Self::nodes`] has its own.
    pub fn folder(&self) -> Option<&Path> {
        self.instance().map(|instance| &*instance.folder.path)
    }

    /// The certificate, in PEM, of who signed the server's own; none without TLS, or where somebody else runs it.
    pub fn ca_certificate(&self) -> Option<PathBuf> {
        self.instance()?.ca_certificate()
    }

    /// The end of what it logged, of each node in turn; nothing where somebody else runs it.
    pub fn log(&self) -> String {
        match &self.runner {
            Runner::Somebody => String::new(),
            Runner::Instance(instance) => instance.folder.log_tail(0),
            Runner::Nodes(nodes) => nodes.iter().map(Self::log).collect(),
        }
    }

    /// Kills it with all its processes, as a power cut would as far as they can tell. Nothing happens where none runs.
    ///
    /// # Errors
    /// Somebody else runs it, or it cannot be killed.
    pub fn kill(&self) -> Result<(), ControlError> {
        self.control(&Instance::kill)
    }

    /// Stops it with what it has saved, without waiting for its clients. Nothing happens where none runs.
    ///
    /// # Errors
    /// Somebody else runs it, or it cannot be stopped.
    pub fn stop(&self) -> Result<(), ControlError> {
        self.control(&Instance::stop)
    }

    /// Starts it again on the same port with the same data; stops it first where it runs. A cluster serves all slots
    /// then; one that lacked a node may need seconds after that has restarted.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not start.
    pub fn restart(&self) -> Result<(), ControlError> {
        self.control(&Instance::restart)?;
        self.settle("restarted")
    }

    /// As [`Self::restart`], with its data as it was at first. A cluster's node remembers the cluster and its slots.
    ///
    /// # Errors
    /// As [`Self::restart`].
    pub fn restart_empty(&self) -> Result<(), ControlError> {
        self.control(&Instance::restart_empty)?;
        self.settle("restarted")
    }

    /// Keeps all its processes from running, so that it holds its connections and says nothing on them.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn pause(&self) -> Result<(), ControlError> {
        self.control(&Instance::pause)
    }

    /// Lets it run on after [`Self::pause`].
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn resume(&self) -> Result<(), ControlError> {
        self.control(&Instance::resume)?;
        self.settle("resumed")
    }

    /// Lets it live on when this process ends: all its processes, each of which [`Detached::end`] ends.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn detach(self) -> Result<Vec<Detached>, ControlError> {
        let nodes = match self.runner {
            Runner::Somebody => return Err(ControlError::External(self.backend)),
            Runner::Instance(instance) => return Ok(vec![instance.detach()?]),
            Runner::Nodes(nodes) => nodes,
        };
        let mut detached = Vec::new();
        for node in nodes {
            match node.detach() {
                Ok(processes) => detached.extend(processes),
                Err(error) => {
                    // Nobody else would, and what failed first is what is told.
                    for process in &detached {
                        let _ = process.end();
                    }
                    return Err(error);
                }
            }
        }
        Ok(detached)
    }

    fn instance(&self) -> Option<&Instance> {
        match &self.runner {
            Runner::Instance(instance) => Some(instance),
            Runner::Somebody | Runner::Nodes(_) => None,
        }
    }

    fn control(&self, act: &dyn Fn(&Instance) -> Result<(), ControlError>) -> Result<(), ControlError> {
        match &self.runner {
            Runner::Somebody => Err(ControlError::External(self.backend)),
            Runner::Instance(instance) => act(instance),
            Runner::Nodes(nodes) => nodes.iter().try_for_each(|node| node.control(act)),
        }
    }

    /// Waits until the nodes of a cluster, which all run, know that of each other.
    fn settle(&self, what: &'static str) -> Result<(), ControlError> {
        match &self.runner {
            Runner::Somebody | Runner::Instance(_) => Ok(()),
            Runner::Nodes(nodes) => cluster::wait_until_whole(nodes)
                .map_err(|source| ControlError::Disobeyed { backend: self.backend, what, source }),
        }
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.backend, self.address())
    }
}
