//! A proxy that stands between a client and a server of HTTP/1.1, and harms what passes.

use std::future::pending;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::sleep;

/// What befalls a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered with this status and this code of S3, and the server hears nothing of it.
    Answer(u16, &'static str),
    /// Its connection is cut after so many bytes of its body.
    CutRequest(u64),
    /// Its connection is cut after so many bytes of its answer, the head counted.
    CutResponse(u64),
    /// No more than so many bytes of its body pass, and the connection stays.
    StallRequest(u64),
    /// No more than so many bytes of its answer pass, the head counted, and the connection stays.
    StallResponse(u64),
    /// It is passed on so much later.
    Delay(Duration),
}

/// How often a fault comes that never ends.
pub const FOR_EVER: usize = usize::MAX;

/// A proxy on a free port of this machine, which ends with its connections when it is dropped. Each connection has one
/// request.
#[derive(Debug)]
pub struct Proxy {
    endpoint: String,
    ledger: Arc<Ledger>,
    server: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Ledger {
    faults: Mutex<Vec<Planned>>,
    /// The first line of each request so far.
    requests: Mutex<Vec<String>>,
}

/// A fault that will come.
#[derive(Debug)]
struct Planned {
    part: String,
    left: usize,
    fault: Fault,
}

impl Proxy {
    /// Starts a proxy to `upstream`, such as `http://127.0.0.1:9000`.
    ///
    /// # Panics
    /// Where no port can be opened.
    pub async fn start(upstream: &str) -> Self {
        let upstream = upstream.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port of this machine");
        let address = listener.local_addr().expect("a bound listener has an address");
        let ledger = Arc::<Ledger>::default();
        let server = tokio::spawn(serve(listener, upstream, Arc::clone(&ledger)));
        Self { endpoint: format!("http://{address}"), ledger, server }
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Harms the next `times` requests whose first line has `part` in it.
    pub fn harm(&self, part: &str, times: usize, fault: Fault) {
        lock(&self.ledger.faults).push(Planned { part: part.to_owned(), left: times, fault });
    }

    /// Harms no more.
    pub fn heal(&self) {
        lock(&self.ledger.faults).clear();
    }

    /// Refuses all connections from now on, and breaks off those that there are.
    pub fn close(&self) {
        self.server.abort();
    }

    /// How many requests came whose first line has `part` in it.
    pub fn count(&self, part: &str) -> usize {
        lock(&self.ledger.requests).iter().filter(|line| line.contains(part)).count()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Ledger {
    /// Notes a request, and says what befalls it.
    fn meet(&self, line: &str) -> Option<Fault> {
        lock(&self.requests).push(line.to_owned());
        let mut faults = lock(&self.faults);
        let planned = faults.iter_mut().find(|planned| planned.left > 0 && line.contains(&planned.part))?;
        if planned.left != FOR_EVER {
            planned.left -= 1;
        }
        Some(planned.fault)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, upstream: String, ledger: Arc<Ledger>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (upstream, ledger) = (upstream.clone(), Arc::clone(&ledger));
        connections.spawn(async move {
            // What breaks here breaks for the client as well, who is the one to say so.
            let _ = pass(client, &upstream, &ledger).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

async fn pass(mut client: TcpStream, upstream: &str, ledger: &Ledger) -> io::Result<()> {
    let Some((head, body)) = read_head(&mut client).await? else { return Ok(()) };
    let fault = ledger.meet(head.lines().next().unwrap_or_default());
    match fault {
        Some(Fault::Answer(status, code)) => {
            let sent = body.len() as u64;
            return answer(client, content_length(&head).saturating_sub(sent), status, code).await;
        }
        Some(Fault::Delay(delay)) => sleep(delay).await,
        _ => {}
    }
    let mut server = TcpStream::connect(upstream).await?;
    let (line, headers) = head.split_once("\r\n").unwrap_or((&head, ""));
    server.write_all(format!("{line}\r\nconnection: close\r\n{headers}").as_bytes()).await?;
    let (mut from_client, mut to_client) = client.split();
    let (mut from_server, mut to_server) = server.split();
    let forth = async {
        let limit = match fault {
            Some(Fault::CutRequest(bytes) | Fault::StallRequest(bytes)) => bytes,
            _ => u64::MAX,
        };
        let passed = usize::try_from(limit).map_or(body.len(), |limit| limit.min(body.len()));
        to_server.write_all(&body[..passed]).await?;
        let is_over = copy(&mut from_client, &mut to_server, limit - passed as u64).await?;
        // A client that has sent all waits for the answer.
        if !is_over || matches!(fault, Some(Fault::StallRequest(_))) {
            pending().await
        } else {
            io::Result::Ok(())
        }
    };
    let back = async {
        let limit = match fault {
            Some(Fault::CutResponse(bytes) | Fault::StallResponse(bytes)) => bytes,
            _ => u64::MAX,
        };
        let is_over = copy(&mut from_server, &mut to_client, limit).await?;
        if is_over && matches!(fault, Some(Fault::StallResponse(_))) {
            pending().await
        } else {
            io::Result::Ok(())
        }
    };
    tokio::select! {
        ended = forth => ended,
        ended = back => ended,
    }
}

/// The head of a request with the empty line behind it, and the beginning of the body; nothing where none came.
async fn read_head(client: &mut TcpStream) -> io::Result<Option<(String, Vec<u8>)>> {
    let mut bytes = Vec::new();
    loop {
        if let Some(end) = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let body = bytes.split_off(end + 4);
            return Ok(Some((String::from_utf8_lossy(&bytes).into_owned(), body)));
        }
        if client.read_buf(&mut bytes).await? == 0 {
            return Ok(None);
        }
    }
}

fn content_length(head: &str) -> u64 {
    let headers = head.lines().filter_map(|line| line.split_once(':'));
    let mut lengths = headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    lengths.next().and_then(|(_, value)| value.trim().parse().ok()).unwrap_or_default()
}

/// Reads what is left of the body, lest the client hears of a reset in the place of the answer, and answers.
async fn answer(mut client: TcpStream, left: u64, status: u16, code: &str) -> io::Result<()> {
    copy(&mut client, &mut tokio::io::sink(), left).await?;
    let body = format!("<Error><Code>{code}</Code><Message>a fault of the proxy</Message></Error>");
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Fault\r\nconnection: close\r\ncontent-type: application/xml\r\n");
    client.write_all(format!("{head}content-length: {length}\r\n\r\n{body}").as_bytes()).await?;
    client.shutdown().await
}

/// Copies up to `limit` bytes; whether that was the limit.
async fn copy<R, W>(from: &mut R, to: &mut W, limit: u64) -> io::Result<bool>
where
    R: tokio::io::AsyncRead + Unpin,
    W: tokio::io::AsyncWrite + Unpin,
{
    Ok(tokio::io::copy(&mut from.take(limit), to).await? == limit)
}
