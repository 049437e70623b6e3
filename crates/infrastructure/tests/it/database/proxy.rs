//! A line to a server that breaks where a test wants it to.

use std::future::pending;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Passes on what clients and a server say, until it is told otherwise. It ends when it is dropped.
pub(super) struct Proxy {
    address: SocketAddr,
    server: String,
    line: Arc<Line>,
    accepting: JoinHandle<()>,
}

#[derive(Default)]
struct Line {
    loses_commits: AtomicBool,
    loses_answers_to_commits: AtomicBool,
    dies_after_commits: AtomicBool,
    /// Connections with a lower number are dead, and nobody tells their ends.
    first_alive: AtomicU32,
    connections: AtomicU32,
}

impl Proxy {
    /// A line to the server at `server`, an address such as `127.0.0.1:5432`.
    pub(super) async fn to(server: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it has an address");
        let line = Arc::<Line>::default();
        let (accepted, target) = (Arc::clone(&line), server.clone());
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&target).await else { continue };
                tokio::spawn(Arc::clone(&accepted).join(client, server));
            }
        });
        Self { address, server, line, accepting }
    }

    /// `url` of the server, by way of this line.
    pub(super) fn url(&self, url: &str) -> String {
        url.replace(&self.server, &self.address.to_string())
    }

    /// From now on, a connection breaks when it is to carry a COMMIT.
    pub(super) fn lose_commits(&self, loses: bool) {
        self.line.loses_commits.store(loses, Ordering::SeqCst);
    }

    /// From now on, a connection breaks when it is to carry the answer to a COMMIT.
    pub(super) fn lose_answers_to_commits(&self, loses: bool) {
        self.line.loses_answers_to_commits.store(loses, Ordering::SeqCst);
    }

    /// From now on, a connection falls silent once it has carried the answer to a COMMIT.
    pub(super) fn die_after_commits(&self, dies: bool) {
        self.line.dies_after_commits.store(dies, Ordering::SeqCst);
    }

    /// Falls silent on all present connections, as a host does that loses its power; new ones reach the server.
    pub(super) fn fall_silent(&self) {
        self.line.first_alive.store(self.line.connections.load(Ordering::SeqCst), Ordering::SeqCst);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Line {
    async fn join(self: Arc<Self>, client: TcpStream, server: TcpStream) {
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let is_committing = AtomicBool::new(false);
        let (from_client, to_client) = client.into_split();
        let (from_server, to_server) = server.into_split();
        // Whichever ends first takes both connections down.
        tokio::select! {
            () = self.ask(number, from_client, to_server, &is_committing) => {}
            () = self.answer(number, from_server, to_client, &is_committing) => {}
        }
    }

    async fn ask(
        &self,
        number: u32,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        is_committing: &AtomicBool,
    ) {
        while let Some(piece) = self.next_piece(number, &mut from).await {
            if has(&piece, b"COMMIT") && !has(&piece, b"READ COMMITTED") {
                if self.loses_commits.load(Ordering::SeqCst) {
                    return;
                }
                is_committing.store(true, Ordering::SeqCst);
            }
            if to.write_all(&piece).await.is_err() {
                return;
            }
        }
    }

    async fn answer(
        &self,
        number: u32,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
        is_committing: &AtomicBool,
    ) {
        while let Some(piece) = self.next_piece(number, &mut from).await {
            let has_committed = is_committing.swap(false, Ordering::SeqCst);
            let is_lost = has_committed && self.loses_answers_to_commits.load(Ordering::SeqCst);
            if is_lost || to.write_all(&piece).await.is_err() {
                return;
            }
            if has_committed && self.dies_after_commits.load(Ordering::SeqCst) {
                pending::<()>().await;
            }
        }
    }

    /// What was said next; nothing at the end.
    async fn next_piece(&self, number: u32, from: &mut OwnedReadHalf) -> Option<Vec<u8>> {
        let mut piece = vec![0; 16 * 1024];
        let length = from.read(&mut piece).await.ok().filter(|length| *length > 0)?;
        if number < self.first_alive.load(Ordering::SeqCst) {
            pending::<()>().await;
        }
        piece.truncate(length);
        Some(piece)
    }
}

fn has(piece: &[u8], words: &[u8]) -> bool {
    piece.windows(words.len()).any(|window| window == words)
}
