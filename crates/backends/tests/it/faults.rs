//! Servers that are killed, stopped and paused.

use std::io::{ErrorKind, Read};
use std::net::TcpListener;
use std::thread;
use std::time::Duration;

use adstead_backends::{Backend, ControlError, started};

use crate::wire::{connect, eventually, greets, redis};

#[test]
fn a_killed_server_is_gone_until_it_is_restarted_on_the_same_port() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        let url = server.url();
        let mut client = connect(&server).unwrap();
        for _ in 0..3 {
            server.kill().unwrap();
            assert!(!server.is_answering(), "{backend} answers");
            server.kill().expect("nothing is left to do");
            server.restart().unwrap();
            assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
        }
        assert_eq!(server.url(), url);
        // Its connections died with it: after what was sent before comes an end or a reset, and no waiting.
        let silence =
            client.read_to_end(&mut Vec::new()).err().filter(|it| it.kind() == ErrorKind::WouldBlock);
        assert!(silence.is_none(), "{backend} keeps a connection open");
    }
}

#[test]
fn a_stopped_server_starts_again() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        server.stop().unwrap();
        assert!(!server.is_answering(), "{backend} answers");
        assert!(matches!(server.pause(), Err(ControlError::NotRunning(_))));
        server.restart().unwrap();
        server.restart().expect("one that runs is restarted as well");
        assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
    }
}

#[test]
fn a_port_that_somebody_took_is_waited_for() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        server.stop().unwrap();
        let refusals = || server.log().to_lowercase().matches("already in use").count();
        let before = refusals();
        let intruder = TcpListener::bind(server.address()).unwrap();
        thread::scope(|scope| {
            let restart = scope.spawn(|| server.restart());
            eventually("it finds its port taken", || refusals() > before);
            drop(intruder);
            restart.join().unwrap().unwrap();
        });
        assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
    }
}

#[test]
fn a_paused_server_says_nothing_until_it_is_resumed() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        server.pause().unwrap();
        // The system accepts the connection for it.
        let mut client = connect(&server).unwrap();
        client.set_read_timeout(Some(Duration::from_millis(200))).unwrap();
        assert!(client.read(&mut [0]).is_err(), "{backend} says something");
        server.resume().unwrap();
        assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
        server.pause().unwrap();
        server.stop().expect("one that is paused is stopped as well");
    }
}

#[test]
fn an_emptied_server_starts_again_on_the_same_port() {
    for backend in Backend::ALL {
        let Some(server) = started(backend) else { continue };
        let url = server.url();
        server.kill().unwrap();
        server.restart_empty().unwrap();
        assert!(greets(&server).unwrap(), "{backend}: {}", server.log());
        assert_eq!(server.url(), url);
    }
}

#[test]
fn redis_knows_after_a_kill_what_it_knew_before_unless_it_is_emptied() {
    let Some(server) = started(Backend::Redis) else { return };
    assert_eq!(redis(&mut connect(&server).unwrap(), "SET ad 7").unwrap(), "+OK");
    server.kill().unwrap();
    server.restart().unwrap();
    assert_eq!(redis(&mut connect(&server).unwrap(), "STRLEN ad").unwrap(), ":1");
    for _ in 0..2 {
        server.restart_empty().unwrap();
        assert_eq!(redis(&mut connect(&server).unwrap(), "DBSIZE").unwrap(), ":0");
    }
}
