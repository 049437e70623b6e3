//! Clients that keep their connections and ask for one thing over and over.

use std::io::{self, Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::{Builder, Runtime};

const CONNECTIONS: usize = 32;
const REQUESTS: usize = 400;

/// A request, and the runtime of those who send it.
pub(crate) struct Load {
    runtime: Runtime,
    address: SocketAddr,
    request: Vec<u8>,
}

impl Load {
    pub(crate) fn new(address: SocketAddr, path: &str, key: &str) -> Self {
        let request = request(address, "GET", path, key, "");
        // One thread of clients, so that the server has the rest of the machine.
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        Self { runtime, address, request }
    }

    /// What is answered.
    pub(crate) fn body(&self) -> Vec<u8> {
        self.runtime.block_on(async {
            let mut client = Client::connect(self.address).await;
            client.ask(&self.request).await;
            client.body().to_vec()
        })
    }

    /// One round.
    pub(crate) fn requests_per_second(&self) -> f64 {
        self.runtime.block_on(async {
            let mut clients = Vec::with_capacity(CONNECTIONS);
            for _ in 0..CONNECTIONS {
                clients.push(Client::connect(self.address).await);
            }
            let start = Instant::now();
            let asking = clients.into_iter().map(|mut client| {
                let request = self.request.clone();
                tokio::spawn(async move {
                    for _ in 0..REQUESTS {
                        client.ask(&request).await;
                    }
                })
            });
            for asked in asking.collect::<Vec<_>>() {
                asked.await.expect("a client ends");
            }
            (CONNECTIONS * REQUESTS) as f64 / start.elapsed().as_secs_f64()
        })
    }
}

/// One connection, and the latest answer on it.
struct Client {
    connection: TcpStream,
    answer: Vec<u8>,
    head: usize,
}

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        let connection = TcpStream::connect(address).await.expect("the server listens");
        connection.set_nodelay(true).expect("TCP");
        Self { connection, answer: Vec::with_capacity(4096), head: 0 }
    }

    async fn ask(&mut self, request: &[u8]) {
        self.connection.write_all(request).await.expect("the server listens");
        self.answer.clear();
        let mut length = None;
        loop {
            if let Some(length) = length
                && self.answer.len() >= length
            {
                return;
            }
            let read = self.connection.read_buf(&mut self.answer).await.expect("the server answers");
            assert!(read > 0, "the server closed a connection that was to stay open");
            if length.is_none() {
                length = self.length();
            }
        }
    }

    /// The length of the whole answer, once its head is there.
    fn length(&mut self) -> Option<usize> {
        let end = self.answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = str::from_utf8(&self.answer[..end]).expect("a head is ASCII");
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let length: Option<usize> = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            if name.eq_ignore_ascii_case("content-length") { value.trim().parse().ok() } else { None }
        });
        self.head = end + 4;
        Some(self.head + length.expect("an answer has a length"))
    }

    fn body(&self) -> &[u8] {
        &self.answer[self.head..]
    }
}

pub(crate) fn request(address: SocketAddr, method: &str, path: &str, key: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// Sends the requests of each of `senders` on a connection of its own, all at the same time, one after the other; the
/// seconds that it took until the last was answered.
pub(crate) fn send(runtime: &Runtime, address: SocketAddr, senders: Vec<Vec<Vec<u8>>>) -> f64 {
    runtime.block_on(async {
        let mut clients = Vec::with_capacity(senders.len());
        for requests in senders {
            clients.push((Client::connect(address).await, requests));
        }
        let start = Instant::now();
        let sending = clients.into_iter().map(|(mut client, requests)| {
            tokio::spawn(async move {
                for request in requests {
                    client.ask(&request).await;
                }
            })
        });
        for sent in sending.collect::<Vec<_>>() {
            sent.await.expect("a client ends");
        }
        start.elapsed().as_secs_f64()
    })
}

/// The status that a path answers, where anybody does.
pub(crate) fn status(address: SocketAddr, path: &str) -> Option<u16> {
    exchange(address, "GET", path, "", "").ok()?.split(' ').nth(1)?.parse().ok()
}

/// Makes the ad that is read, and answers its id.
pub(crate) fn draft_ad(address: SocketAddr, key: &str) -> String {
    let make = |path: &str, body: Value| {
        let answer = exchange(address, "POST", path, key, &body.to_string()).expect("the server answers");
        let body = answer.split("\r\n\r\n").nth(1).expect("an answer has a body");
        let made: Value = serde_json::from_str(body).expect("an answer is JSON");
        made["id"].as_str().unwrap_or_else(|| panic!("{path} answered {answer}")).to_owned()
    };
    let budget = json!({ "currency": "EUR", "amount_micros": 1_000_000_000 });
    let campaign = json!({ "name": "Spring", "objective": "sales", "platform": "google", "budget": budget });
    let campaign = make("/v1/campaigns", campaign);
    let group = make(&format!("/v1/campaigns/{campaign}/ad-groups"), json!({ "name": "Everybody" }));
    let ad = json!({
        "name": "Spring 1",
        "type": "text",
        "headlines": ["Fresh coffee by post", "Roasted every Monday", "Try a first bag"],
        "descriptions": ["Single farms, roasted each Monday.", "At your door two days later."],
        "call_to_action": "Shop now",
        "final_url": "https://example.com/spring",
    });
    make(&format!("/v1/ad-groups/{group}/ads"), ad)
}

/// One request on a connection of its own.
fn exchange(address: SocketAddr, method: &str, path: &str, key: &str, body: &str) -> io::Result<String> {
    let mut connection = std::net::TcpStream::connect(address)?;
    let request = request(address, method, path, key, body);
    let head =
        str::from_utf8(&request).expect("a request is text").replacen("\r\n", "\r\nconnection: close\r\n", 1);
    connection.write_all(head.as_bytes())?;
    let mut answer = String::new();
    connection.read_to_string(&mut answer)?;
    Ok(answer)
}
