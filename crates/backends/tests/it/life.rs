//! How servers start and end.

use std::net::TcpStream;
use std::thread;

use adstead_backends::{Backend, ControlError, Server, available, started};

use crate::wire::greets;

#[test]
fn each_server_answers_in_its_protocol_once_it_has_started() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
        assert!(server.version().unwrap().starts_with(|first: char| first.is_ascii_digit()));
        assert!(!server.log().is_empty());
    }
}

#[test]
fn an_ended_server_leaves_neither_port_nor_folder() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        let place = |node: &Server| (node.address(), node.folder().unwrap().to_owned());
        let places: Vec<_> = server.nodes().iter().map(place).collect();
        assert!(places.iter().all(|(_, folder)| folder.join("data").is_dir()));
        drop(server);
        for (address, folder) in places {
            assert!(TcpStream::connect(address).is_err());
            assert!(!folder.exists());
        }
    }
}

#[test]
fn servers_that_start_at_once_stay_apart() {
    let start = || started(Backend::Redis);
    let servers: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = (0..6).map(|_| scope.spawn(start)).collect();
        threads.into_iter().filter_map(|it| it.join().unwrap()).collect()
    });
    let mut addresses: Vec<_> = servers.iter().map(Server::address).collect();
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), servers.len());
    assert!(servers.iter().all(|server| greets(server).unwrap()));
}

#[test]
fn urls_lead_to_databases() {
    let Some(server) = started(Backend::Redis) else { return };
    let address = server.address();
    assert_eq!(server.url(), format!("redis://{address}/0"));
    assert_eq!(server.url_of("3"), format!("redis://{address}/3"));
}

#[test]
fn a_process_shares_one_server() {
    let (Some(one), Some(other)) = (available(Backend::Redis), available(Backend::Redis)) else { return };
    assert_eq!(one.url(), other.url());
    if one.is_external() {
        assert!(matches!(one.kill(), Err(ControlError::External(Backend::Redis))));
    }
}

#[test]
fn a_detached_server_runs_until_it_is_ended() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        let addresses: Vec<_> = server.nodes().iter().map(Server::address).collect();
        let detached = server.detach().unwrap();
        assert_eq!(detached.len(), addresses.len());
        for (process, address) in detached.iter().zip(&addresses) {
            assert!(process.is_running() && TcpStream::connect(address).is_ok());
            process.end().unwrap();
            assert!(!process.is_running() && TcpStream::connect(address).is_err());
            assert!(!process.folder.exists());
            process.end().expect("nothing is left to do");
        }
    }
}
