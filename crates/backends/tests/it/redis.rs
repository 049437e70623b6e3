//! What Redis alone is started as: a cluster, with a sentinel, with a password, over TLS.

use std::sync::Arc;

use adstead_backends::{Backend, RedisOptions, RedisSentinel, Server, available, or_skipped, started};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::wire::{connect, eventually, redis, redis_text};

#[test]
fn each_node_of_a_cluster_serves_its_share_of_the_slots() {
    let Some(cluster) = started(Backend::RedisCluster) else { return };
    let nodes = cluster.nodes();
    let addresses: Vec<_> = nodes.iter().map(Server::address).collect();
    let [first, second, third] = &addresses[..] else { panic!("{addresses:?}") };
    assert_eq!(cluster.url(), format!("redis-cluster://{first}?node={second}&node={third}"));
    assert_eq!(cluster.address(), *first);
    for node in nodes {
        let shares = shares(node);
        assert_eq!(shares.len(), 3, "{shares:?}");
        let slots = shares.iter().map(|(_, first, last)| last - first + 1).sum::<u32>();
        assert_eq!(slots, 16_384, "{shares:?}");
        assert!(addresses.iter().all(|address| shares.iter().any(|(at, ..)| at == address)), "{shares:?}");
    }
    // By the CRC16 of the key.
    assert_eq!(redis(&mut connect(&nodes[1]).unwrap(), "SET ad 7").unwrap(), format!("-MOVED 5177 {first}"));
    assert_eq!(redis(&mut connect(&nodes[0]).unwrap(), "SET ad 7").unwrap(), "+OK");
}

#[test]
fn a_killed_node_comes_back_with_its_slots_and_data_unless_it_is_emptied() {
    let Some(cluster) = started(Backend::RedisCluster) else { return };
    let [node, witness, _] = cluster.nodes() else { panic!("{cluster:?}") };
    let (url, before) = (node.url(), shares(witness));
    assert_eq!(redis(&mut connect(node).unwrap(), "SET ad 7").unwrap(), "+OK");

    node.kill().unwrap();
    assert!(!node.is_answering() && witness.is_answering());
    eventually("its death is noticed", || ask(witness, "CLUSTER INFO").contains("cluster_state:fail"));
    node.restart().unwrap();
    eventually("it is back", || is_whole(&cluster));
    assert_eq!((node.url(), shares(witness)), (url, before.clone()));
    assert_eq!(redis(&mut connect(node).unwrap(), "STRLEN ad").unwrap(), ":1");

    node.restart_empty().unwrap();
    eventually("it is back", || is_whole(&cluster));
    assert_eq!(shares(node), before);
    assert_eq!(redis(&mut connect(node).unwrap(), "STRLEN ad").unwrap(), ":0");
}

#[test]
fn a_process_shares_one_cluster() {
    let share = || available(Backend::RedisCluster);
    let (Some(one), Some(other)) = (share(), share()) else { return };
    assert_eq!(one.url(), other.url());
    assert!(one.is_answering());
}

#[test]
fn a_sentinel_promotes_the_replica_of_a_primary_that_died() {
    let Some(servers) = or_skipped(RedisSentinel::start()) else { return };
    let (primary, replica) = (servers.primary(), servers.replica());
    let at = servers.sentinel().address();
    assert_eq!(servers.url(), format!("redis-sentinel://{at}/0?sentinelServiceName=adstead"));
    assert_eq!(primary_told(&servers), primary.address());
    assert_eq!(redis(&mut connect(primary).unwrap(), "SET ad 7").unwrap(), "+OK");
    eventually("it is copied", || redis(&mut connect(replica).unwrap(), "STRLEN ad").unwrap() == ":1");
    assert!(redis(&mut connect(replica).unwrap(), "SET ad 8").unwrap().starts_with("-READONLY"));

    primary.kill().unwrap();
    eventually("the replica is promoted", || primary_told(&servers) == replica.address());
    assert_eq!(redis(&mut connect(replica).unwrap(), "SET ad 8").unwrap(), "+OK");
}

#[test]
fn a_redis_with_a_password_wants_it() {
    let options = RedisOptions { password: Some("a \"b\" \\ c".to_owned()), ..Default::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let address = server.address();
    assert_eq!(server.url(), format!("redis://:a%20%22b%22%20%5C%20c@{address}/0"));
    let mut client = connect(&server).unwrap();
    assert!(redis(&mut client, "PING").unwrap().starts_with("-NOAUTH"));
    assert!(redis(&mut client, "AUTH wrong").unwrap().starts_with("-WRONGPASS"));
    assert_eq!(redis(&mut client, r#"AUTH "a \"b\" \\ c""#).unwrap(), "+OK");
    assert_eq!(redis(&mut client, "PING").unwrap(), "+PONG");
}

#[test]
fn a_redis_that_speaks_tls_shows_a_certificate_for_its_address_and_name() {
    let options = RedisOptions { tls: true, password: Some("b".to_owned()), ..Default::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let address = server.address();
    assert_eq!(server.url(), format!("rediss://:b@{address}/0"));
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from_pem_file(server.ca_certificate().unwrap()).unwrap()).unwrap();
    let ping = |name: &str, trusted: &RootCertStore| {
        let setup = ClientConfig::builder().with_root_certificates(trusted.clone()).with_no_client_auth();
        let name = name.to_owned().try_into().unwrap();
        let client = ClientConnection::new(Arc::new(setup), name).unwrap();
        let mut stream = StreamOwned::new(client, connect(&server).unwrap());
        redis(&mut stream, "AUTH b").and_then(|_| redis(&mut stream, "PING"))
    };
    for name in ["127.0.0.1", "localhost"] {
        assert_eq!(ping(name, &trusted).unwrap(), "+PONG");
    }
    let told = ping("redis.example", &trusted).unwrap_err().to_string();
    assert!(told.contains("not valid for name"), "{told}");
    ping("localhost", &RootCertStore::empty()).expect_err("nobody is trusted");
    redis(&mut connect(&server).unwrap(), "PING").expect_err("a client without TLS is not heard");

    server.restart_empty().unwrap();
    assert_eq!(ping("localhost", &trusted).expect("the certificate is the same"), "+PONG");
}

#[test]
fn a_redis_takes_further_settings() {
    let options = RedisOptions { settings: vec!["maxmemory 2mb".to_owned()], ..Default::default() };
    let Some(server) = or_skipped(Server::start_redis(options)) else { return };
    let told = ask(&server, "INFO memory");
    assert!(told.contains("maxmemory:2097152"), "{told}");
    assert_eq!(server.ca_certificate(), None);
}

fn ask(node: &Server, command: &str) -> String {
    connect(node).and_then(|mut stream| redis_text(&mut stream, command)).expect("it answers")
}

/// Whether every node serves, or knows who does, every slot.
fn is_whole(cluster: &Server) -> bool {
    cluster.nodes().iter().all(|node| ask(node, "CLUSTER INFO").contains("cluster_state:ok"))
}

/// What each node serves, as `node` says: its address, its first slot and its last.
fn shares(node: &Server) -> Vec<(String, u32, u32)> {
    let told = ask(node, "CLUSTER NODES");
    // `id address@bus flags …`, and the slots at the end.
    let share = |line: &str| {
        let (address, _) = line.split(' ').nth(1)?.split_once('@')?;
        let (first, last) = line.split(' ').next_back()?.split_once('-')?;
        Some((address.to_owned(), first.parse().ok()?, last.parse().ok()?))
    };
    let mut shares: Vec<_> = told.lines().filter_map(share).collect();
    shares.sort();
    shares
}

/// Where the sentinel says that the primary is.
fn primary_told(servers: &RedisSentinel) -> String {
    let told = ask(servers.sentinel(), "INFO sentinel");
    let address = told.split_once(",address=").and_then(|(_, rest)| rest.split(',').next());
    address.expect("it watches over one").to_owned()
}
