//! Raw lines to a Redis: for commands that the cache never gives, and for answers that never come.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use adstead_backends::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Gives a command to a server that wants no password, and answers what it said, as it said it.
pub(super) async fn command(server: &Server, words: &[&[u8]]) -> String {
    let mut said = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        said.extend(format!("${}\r\n", word.len()).bytes().chain(word.iter().copied()).chain(*b"\r\n"));
    }
    said.extend(b"QUIT\r\n");
    let mut stream = TcpStream::connect(server.address()).await.expect("the server runs");
    stream.write_all(&said).await.expect("the server listens");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("the server answers");
    String::from_utf8_lossy(&answer).into_owned()
}

/// As [`command`], for words without spaces, which are to be obeyed.
pub(super) async fn tell(server: &Server, words: &str) -> String {
    let split: Vec<_> = words.split(' ').map(str::as_bytes).collect();
    let answer = command(server, &split).await;
    assert!(!answer.starts_with('-'), "{words}: {answer}");
    answer
}

/// A line to a server on which what it says can be held back. It ends when it is dropped.
pub(super) struct Line {
    address: SocketAddr,
    held: watch::Sender<Held>,
    accepting: JoinHandle<()>,
}

/// What of what the server says does not come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Held {
    /// All comes through.
    Nothing,
    /// What is said on connections that have subscribed to something by now; it is lost.
    Messages,
    /// All of it, which comes through later.
    Everything,
}

impl Line {
    pub(super) async fn to(server: &Server) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let (held, holding) = watch::channel(Held::Nothing);
        let server = server.address();
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&server).await else { continue };
                tokio::spawn(join(client, server, holding.clone()));
            }
        });
        Self { address, held, accepting }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://{}/0", self.address)
    }

    pub(super) fn hold(&self, held: Held) {
        self.held.send_replace(held);
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn join(client: TcpStream, server: TcpStream, held: watch::Receiver<Held>) {
    let has_subscribed = Arc::new(AtomicBool::new(false));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    // Whichever ends first takes both connections down.
    tokio::select! {
        () = ask(from_client, to_server, &has_subscribed) => {}
        () = answer(from_server, to_client, held, &has_subscribed) => {}
    }
}

async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, has_subscribed: &AtomicBool) {
    while let Some(piece) = next_piece(&mut from).await {
        if piece.windows(9).any(|window| window == b"SUBSCRIBE") {
            has_subscribed.store(true, Ordering::SeqCst);
        }
        if to.write_all(&piece).await.is_err() {
            return;
        }
    }
}

async fn answer(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut held: watch::Receiver<Held>,
    has_subscribed: &AtomicBool,
) {
    // A connection that is made while messages are held is a good one.
    let is_good = *held.borrow() == Held::Messages;
    while let Some(piece) = next_piece(&mut from).await {
        let Ok(held) = held.wait_for(|held| *held != Held::Everything).await.map(|held| *held) else {
            return;
        };
        if held == Held::Messages && !is_good && has_subscribed.load(Ordering::SeqCst) {
            continue;
        }
        if to.write_all(&piece).await.is_err() {
            return;
        }
    }
}

/// What was said next; nothing at the end.
async fn next_piece(from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
    let mut piece = vec![0; 16 * 1024];
    let length = from.read(&mut piece).await.ok().filter(|length| *length > 0)?;
    piece.truncate(length);
    Some(piece)
}
