//! Where servers listen.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;

/// Below the ports that Linux gives to clients (32768 and up): else a client that tries to reach a killed server may be
/// given the server's own port, be connected to itself, and keep the server from coming back. Above each, at 10,000
/// more, is room for the bus of a Redis cluster.
const PORTS: Range<u16> = 12_000..22_000;

const ATTEMPTS: usize = 100;

/// A port of 127.0.0.1 that nobody listens on. Somebody may before its server does; then the server says so.
pub(crate) fn free() -> io::Result<u16> {
    let mut outcome = Err(io::ErrorKind::AddrInUse.into());
    for _ in 0..ATTEMPTS {
        let port = any();
        outcome = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map(|_| port);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

/// Any port: processes that start at once must not choose alike, and each `RandomState` differs.
fn any() -> u16 {
    let width = u64::from(PORTS.end - PORTS.start);
    let offset = RandomState::new().build_hasher().finish() % width;
    PORTS.start + u16::try_from(offset).expect("a remainder is less than the width, which is a u16")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_free_and_another_time_another() {
        let ports: Vec<_> = (0..8).map(|_| free().unwrap()).collect();
        assert!(ports.iter().all(|port| PORTS.contains(port)), "{ports:?}");
        assert!(ports.iter().any(|port| *port != ports[0]), "{ports:?}");
    }
}
