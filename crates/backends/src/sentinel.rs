//! A Redis with a replica, and the sentinel that lets one take the other's place.

use crate::engine::{RedisOptions, Sentinel};
use crate::instance::wait_until;
use crate::resp::says;
use crate::{Backend, Durability, Server, StartError};

/// A Redis, its replica, and one sentinel that promotes the replica some 3 s after the primary has died.
///
/// All three are servers, and end with this value.
#[derive(Debug)]
pub struct RedisSentinel {
    primary: Server,
    replica: Server,
    sentinel: Server,
}

impl RedisSentinel {
    /// Starts them, and waits until the replica follows the primary and the sentinel knows both.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start() -> Result<Self, StartError> {
        // Else the primary would wait for more replicas that could share the copy.
        let at_once = "repl-diskless-sync-delay 0".to_owned();
        let start = |settings| Server::start_redis(RedisOptions { settings, ..Default::default() });
        let primary = start(vec![at_once.clone()])?;
        let follow = format!("replicaof {}", primary.address().replace(':', " "));
        let replica = start(vec![at_once, follow])?;
        // The sentinel looks at once and then each 10 s, so that what it is to see must be there before.
        wait(&replica, "INFO replication", "master_link_status:up")?;
        wait(&primary, "INFO replication", "state=online")?;
        let engine = Sentinel::find(primary.address())?;
        let sentinel = Server::run(Backend::Redis, Durability::Crash, Box::new(engine))?;
        wait(&sentinel, "SENTINEL REPLICAS adstead", "master-link-status\nok")?;
        Ok(Self { primary, replica, sentinel })
    }

    /// Where clients ask for the primary: `redis-sentinel://127.0.0.1:26379/0?sentinelServiceName=adstead`.
    pub fn url(&self) -> String {
        self.sentinel.url()
    }

    /// The one that is primary at first. Where it died and comes back, it thinks that it still is, until the sentinel makes
    /// it a replica some 10 s later.
    pub fn primary(&self) -> &Server {
        &self.primary
    }

    /// The one that follows at first.
    pub fn replica(&self) -> &Server {
        &self.replica
    }

    /// The one that watches over both; it holds no data.
    pub fn sentinel(&self) -> &Server {
        &self.sentinel
    }
}

/// Waits until the answer of `server` to `command` holds `words`.
fn wait(server: &Server, command: &str, words: &str) -> Result<(), StartError> {
    let is_so = || says(&server.address(), command, &[words]);
    wait_until(&format!("{server:?} answers `{words}`"), is_so).map_err(|error| StartError::Failed {
        backend: server.backend(),
        what: error.to_string(),
        log: server.log(),
    })
}
