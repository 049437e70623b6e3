//! A client that sends just what a signed request says, and nothing of its own.

use adstead_domain::port::SignedRequest;
use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// An answer over HTTP.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its head, as it was sent.
    pub head: String,
    /// Its body.
    pub body: Bytes,
}

/// Sends `request` with `body`.
///
/// # Panics
/// Where the server cannot be reached, or does not answer in HTTP/1.1.
pub async fn send(request: &SignedRequest, body: &[u8]) -> Answer {
    let rest = request.url.strip_prefix("http://").expect("an address of HTTP");
    let (host, path) = rest.split_once('/').expect("an address with a path");
    let mut stream = TcpStream::connect(host).await.expect("the server listens");
    let mut head = format!("{} /{path} HTTP/1.1\r\nconnection: close\r\n", request.method);
    let announces = |name: &str| request.headers.iter().any(|(given, _)| given.eq_ignore_ascii_case(name));
    if !announces("host") {
        head += &format!("host: {host}\r\n");
    }
    if !announces("content-length") && request.method != "GET" {
        head += &format!("content-length: {}\r\n", body.len());
    }
    for (name, value) in &request.headers {
        head += &format!("{name}: {value}\r\n");
    }
    stream.write_all((head + "\r\n").as_bytes()).await.expect("a request can be sent");
    stream.write_all(body).await.expect("a body can be sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").expect("an answer has a head");
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
    let body = Bytes::from(answer).slice(end + 4..);
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunked(&body)
    } else {
        body
    };
    Answer { status, head, body }
}

fn unchunked(mut body: &[u8]) -> Bytes {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|bytes| bytes == b"\r\n").expect("a chunk has a size");
        let size = std::str::from_utf8(&body[..end]).expect("a size in ASCII");
        let size = usize::from_str_radix(size, 16).expect("a size in hexadecimal digits");
        if size == 0 {
            return whole.into();
        }
        whole.extend_from_slice(&body[end + 2..end + 2 + size]);
        body = &body[end + 4 + size..];
    }
}
