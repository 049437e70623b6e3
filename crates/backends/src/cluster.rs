//! A Redis cluster: several servers that share its slots.

use std::io;

use crate::engine::{Redis, RedisOptions};
use crate::instance::wait_until;
use crate::resp::{ask, says};
use crate::{Backend, Durability, Server, StartError};

const BACKEND: Backend = Backend::RedisCluster;

/// All of them masters, and as few as a majority takes that one may lack.
const NODES: u16 = 3;

/// How many slots keys are spread over, <https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/>.
const SLOTS: u16 = 16_384;

/// How long a node may be silent before the others take it for dead, in milliseconds. The usual 15 s are long to wait for
/// in a test; much less, and a busy machine seems dead.
const NODE_TIMEOUT: u16 = 2_000;

/// Starts the nodes, and waits until each says that all slots are served. Redis waits 2 s before it does.
pub(crate) fn start() -> Result<Vec<Server>, StartError> {
    let settings = vec!["cluster-enabled yes".to_owned(), format!("cluster-node-timeout {NODE_TIMEOUT}")];
    let start = |_| {
        let engine = Redis::find(BACKEND, RedisOptions { settings: settings.clone(), ..Default::default() })?;
        // By itself, a node is a Redis.
        Server::run(Backend::Redis, Durability::Crash, Box::new(engine))
    };
    let nodes = (0..NODES).map(start).collect::<Result<Vec<_>, _>>()?;
    join(&nodes).and_then(|()| wait_until_whole(&nodes)).map_err(|error| StartError::Failed {
        backend: BACKEND,
        what: error.to_string(),
        log: nodes.iter().map(Server::log).collect(),
    })?;
    Ok(nodes)
}

/// Shares the slots among the nodes, and makes them known to each other.
fn join(nodes: &[Server]) -> io::Result<()> {
    for (node, index) in nodes.iter().zip(0..NODES) {
        let bound = |index: u16| u32::from(index) * u32::from(SLOTS) / u32::from(NODES);
        let (first, last) = (bound(index), bound(index + 1) - 1);
        ask(&node.address(), &format!("CLUSTER ADDSLOTSRANGE {first} {last}"))?;
        // Each its own, or they would have to settle who gives way.
        ask(&node.address(), &format!("CLUSTER SET-CONFIG-EPOCH {}", index + 1))?;
    }
    let (first, others) = nodes.split_first().expect("a cluster has nodes");
    for other in others {
        ask(&first.address(), &format!("CLUSTER MEET {}", other.address().replace(':', " ")))?;
    }
    Ok(())
}

/// Waits until each of `nodes` says that all of them serve all slots.
pub(crate) fn wait_until_whole(nodes: &[Server]) -> io::Result<()> {
    let (known, served) = (format!("cluster_known_nodes:{NODES}"), format!("cluster_slots_ok:{SLOTS}"));
    let words = ["cluster_state:ok", &known, &served];
    let is_whole = |node: &Server| says(&node.address(), "CLUSTER INFO", &words);
    wait_until("all slots are served", || nodes.iter().all(is_whole))
}

/// Where the nodes are, in the form that clients of clusters take.
pub(crate) fn url(nodes: &[Server]) -> String {
    let (first, others) = nodes.split_first().expect("a cluster has nodes");
    let others: Vec<_> = others.iter().map(|other| format!("node={}", other.address())).collect();
    format!("redis-cluster://{}?{}", first.address(), others.join("&"))
}
