//! As much of each server's protocol as it takes to see that it answers, and what it remembers.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use adstead_backends::{Backend, Server};

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) fn connect(server: &Server) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(server.address())?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// Whether the server greets a client as its protocol has it.
pub(crate) fn greets(server: &Server) -> io::Result<bool> {
    let mut stream = connect(server)?;
    match server.backend() {
        Backend::Postgres => {
            // The length of the message, version 3.0, the user and the database; it asks for a password by SASL.
            let parameters = b"user\0adstead\0database\0adstead\0\0";
            let length = u8::try_from(8 + parameters.len()).map_err(io::Error::other)?;
            stream.write_all(&[&[0, 0, 0, length, 0, 3, 0, 0], &parameters[..]].concat())?;
            Ok(read(&mut stream, 9)?.starts_with(b"R") && read(&mut stream, 13)? == b"SCRAM-SHA-256")
        }
        // The header of a packet, version 10 of the protocol, and the server's own version.
        Backend::MariaDb => Ok(read(&mut stream, 5)?.ends_with(&[10])),
        Backend::Redis => Ok(redis(&mut stream, "PING")? == "+PONG"),
        // Each slot is served by somebody, which a node that was started just now does not say yet.
        Backend::RedisCluster => {
            let told = redis_text(&mut stream, "CLUSTER INFO")?;
            Ok(told.contains("cluster_state:ok") && told.contains("cluster_slots_ok:16384"))
        }
        Backend::Smtp => Ok(read(&mut stream, 4)?.starts_with(b"220 ")),
        Backend::LiteLlm => {
            stream.write_all(b"GET /v1/models HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.contains("No api key"))
        }
        Backend::S3 => {
            // The buckets, of which it has none.
            stream.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            Ok(answer.contains(" 200 ") && answer.contains("ListAllMyBucketsResult"))
        }
    }
}

/// What Redis says to one command, or the first line of it.
pub(crate) fn redis(stream: &mut (impl Read + Write), command: &str) -> io::Result<String> {
    stream.write_all(format!("{command}\r\n").as_bytes())?;
    let mut line = Vec::new();
    while !line.ends_with(b"\r\n") {
        line.extend(read(stream, 1)?);
    }
    Ok(String::from_utf8_lossy(&line).trim().to_owned())
}

/// The text that Redis answers to one command, after a line with its length in bytes.
pub(crate) fn redis_text(stream: &mut (impl Read + Write), command: &str) -> io::Result<String> {
    let length = redis(stream, command)?;
    let length = length.strip_prefix('$').and_then(|length| length.parse().ok());
    let text = read(stream, length.ok_or_else(|| io::Error::other("the answer is no text"))?)?;
    read(stream, 2)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

pub(crate) fn read(stream: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Asks again and again until it is so.
pub(crate) fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < PATIENCE, "waited in vain until {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}
