//! URLs of servers: `scheme://user:password@host:port/database?query`.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// How long a server may take to accept a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// The same server's URL, to another database.
pub(crate) fn to_database(url: &str, database: &str) -> String {
    let (server, query) = split(url);
    format!("{server}/{database}{query}")
}

/// Where the server is, `host:port`, without its user and password.
pub(crate) fn address(url: &str, usual_port: u16) -> String {
    let (server, _) = split(url);
    let server = server.split_once("://").map_or(server, |(_, rest)| rest);
    let host = server.rsplit_once('@').map_or(server, |(_, host)| host);
    // An IPv6 address is in brackets, and full of colons.
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
    if has_port { host.to_owned() } else { format!("{host}:{usual_port}") }
}

/// Whether anything accepts connections at `address`.
pub(crate) fn is_answered(address: &str) -> bool {
    let addresses = address.to_socket_addrs().into_iter().flatten();
    addresses.into_iter().any(|address| TcpStream::connect_timeout(&address, PATIENCE).is_ok())
}

/// The part before the database, and the query with its `?`.
fn split(url: &str) -> (&str, &str) {
    let (path, query) = url.split_at(url.find('?').unwrap_or(url.len()));
    let host = path.find("://").map_or(0, |at| at + 3);
    let database = path[host..].find('/').map_or(path.len(), |at| host + at);
    (&path[..database], query)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_database_is_exchanged() {
        for (url, expected) in [
            ("postgres://a:b@db:5432/c?sslmode=require", "postgres://a:b@db:5432/d?sslmode=require"),
            ("mysql://a:b@db", "mysql://a:b@db/d"),
            ("redis://db:6379/", "redis://db:6379/d"),
        ] {
            assert_eq!(to_database(url, "d"), expected);
        }
    }

    #[test]
    fn an_address_tells_no_password() {
        for (url, expected) in [
            ("postgres://a:b@db:15432/c?x=y", "db:15432"),
            ("mysql://a:b%40@db/c", "db:7"),
            ("redis://[::1]/0", "[::1]:7"),
            ("redis://[::1]:6380", "[::1]:6380"),
        ] {
            assert_eq!(address(url, 7), expected);
        }
    }
}
