//! Just enough HTTP/1.1 for tests that need to hold a request half-sent.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

use crate::server::PATIENCE;

/// A request on a connection of its own.
pub(crate) struct Request {
    connection: TcpStream,
}

/// What came back.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// The status and the headers, one a line.
    head: String,
    pub(crate) body: String,
}

impl Request {
    /// Sends the head of a request whose body will have `length` bytes.
    pub(crate) fn begin(
        address: SocketAddr,
        line: &str,
        key: &str,
        content_type: &str,
        length: usize,
    ) -> io::Result<Self> {
        let headers = format!("{content_type}\r\nauthorization: Bearer {key}");
        Self::keyless(address, line, &headers, length)
    }

    /// As [`begin`](Self::begin), without a key.
    pub(crate) fn keyless(
        address: SocketAddr,
        line: &str,
        content_type: &str,
        length: usize,
    ) -> io::Result<Self> {
        let mut connection = TcpStream::connect(address)?;
        connection.set_read_timeout(Some(PATIENCE))?;
        connection.set_nodelay(true)?;
        write!(
            connection,
            "{line} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
             content-type: {content_type}\r\ncontent-length: {length}\r\n\r\n"
        )?;
        Ok(Self { connection })
    }

    pub(crate) fn send(&mut self, piece: &[u8]) -> io::Result<()> {
        self.connection.write_all(piece)
    }

    /// Waits for the answer, whose body may be of any bytes.
    pub(crate) fn finish_in_bytes(mut self) -> io::Result<Vec<u8>> {
        let mut answer = Vec::new();
        self.connection.read_to_end(&mut answer)?;
        let end =
            answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(answer.split_off(end + 4))
    }

    /// Waits for the answer.
    pub(crate) fn finish(mut self) -> io::Result<Answer> {
        let mut answer = Vec::new();
        self.connection.read_to_end(&mut answer)?;
        let text = String::from_utf8_lossy(&answer);
        let (head, body) = text.split_once("\r\n\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        Ok(Answer { status, head: head.to_owned(), body: body.to_owned() })
    }
}

impl Answer {
    /// The value of a header, whose name is given in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(it, _)| it.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Sends a request and waits for its answer.
pub(crate) fn ask(address: SocketAddr, line: &str, key: &str, body: Option<&Value>) -> io::Result<Answer> {
    let body = body.map(Value::to_string).unwrap_or_default();
    let mut request = Request::begin(address, line, key, "application/json", body.len())?;
    request.send(body.as_bytes())?;
    request.finish()
}

/// Sends a request under a name of its own, its `Idempotency-Key`.
pub(crate) fn ask_once(
    address: SocketAddr,
    line: &str,
    key: &str,
    name: &str,
    body: &Value,
) -> io::Result<Answer> {
    let body = body.to_string();
    let headers = format!("application/json\r\nidempotency-key: {name}");
    let mut request = Request::begin(address, line, key, &headers, body.len())?;
    request.send(body.as_bytes())?;
    request.finish()
}

/// The JSON of an answer that must be a success.
pub(crate) fn succeed(address: SocketAddr, line: &str, key: &str, body: Option<&Value>) -> Value {
    let answer = ask(address, line, key, body).unwrap();
    assert!((200..300).contains(&answer.status), "{line} answered {answer:?}");
    answer.json()
}
