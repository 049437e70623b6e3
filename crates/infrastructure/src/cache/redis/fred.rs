//! Redis as `fred` knows it. Nothing outside this file names that crate.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use fred::clients::SubscriberClient;
use fred::error::{Error, ErrorKind};
use fred::prelude::*;
use fred::types::config::UnresponsiveConfig;
use fred::types::scan::Scanner;
use fred::types::{Message, RespVersion};
use futures::{Stream, StreamExt};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, mpsc};
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

use super::connection::{
    ConnectionOptions, Event, RedisConnection, RedisError, RedisErrorKind, Reply, Script,
};
use super::tls;

/// Keys that Redis looks at for one page of a scan: a fraction of a millisecond of its time.
const SCAN_COUNT: u32 = 500;

/// Commands that may wait to be sent, on each connection. Past that they fail at once.
const MAX_WAITING: usize = 10_000;

/// How much later than `fred` a call is ended: enough for timers of a millisecond's precision.
const MOMENT: Duration = Duration::from_millis(5);

/// How long a connection stays idle on which a subscription was refused.
const UNSUBSCRIBED: Duration = Duration::from_millis(500);

/// Messages that may wait to be read. Past that some are lost, which counts as a lost connection.
const MAX_MESSAGES: usize = 4096;

type Messages = broadcast::Receiver<Message>;
type Connections = broadcast::Receiver<Server>;
type Errors = broadcast::Receiver<(Error, Option<Server>)>;

/// A pool of connections, and one more on which messages come.
pub(super) struct FredConnection {
    pool: Pool,
    subscriber: SubscriberClient,
    kind: Kind,
    timeout: Duration,
    connect_timeout: Duration,
    is_reconnecting: Arc<AtomicBool>,
    events: AbortHandle,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Single,
    Sentinel,
    Cluster,
}

impl FredConnection {
    /// Begins to connect, and to listen to `channel`. Where Redis is not there it is tried again for ever.
    ///
    /// # Errors
    /// What is wrong with the URL or the file of certificates, in words without the URL.
    pub(super) fn open(
        url: &str,
        channel: &str,
        options: &ConnectionOptions,
    ) -> Result<(Self, mpsc::Receiver<Event>), String> {
        // fred would take the process's TLS provider, and panic where there are two and nobody chose.
        let (url, is_encrypted) = match url.strip_prefix("rediss") {
            Some(rest) => (Cow::Owned(format!("redis{rest}")), true),
            None => (Cow::Borrowed(url), false),
        };
        let mut config = Config::from_url(&url).map_err(|error| error.details().to_owned())?;
        config.version = RespVersion::RESP3;
        config.fail_fast = false;
        if is_encrypted {
            config.tls = Some(TlsConnector::from(tls::trusting(options.ca_file.as_deref())?).into());
        }
        let kind = match &config.server {
            ServerConfig::Centralized { .. } => Kind::Single,
            ServerConfig::Sentinel { .. } => Kind::Sentinel,
            ServerConfig::Clustered { .. } => Kind::Cluster,
        };
        let builder = builder(config, options);
        let unmade = |error: Error| error.details().to_owned();
        let pool = builder.build_pool(options.connections).map_err(unmade)?;
        let subscriber = builder.build_subscriber_client().map_err(unmade)?;
        let (sender, receiver) = mpsc::channel(MAX_MESSAGES);
        let events = tokio::spawn(pass_on(
            subscriber.clone(),
            channel.to_owned(),
            (subscriber.message_rx(), subscriber.reconnect_rx(), subscriber.error_rx()),
            sender,
        ));
        pool.connect();
        subscriber.connect();
        let connection = Self {
            pool,
            subscriber,
            kind,
            timeout: options.timeout,
            connect_timeout: options.connect_timeout,
            is_reconnecting: Arc::default(),
            events: events.abort_handle(),
        };
        Ok((connection, receiver))
    }

    /// Ends a call that `fred` did not end. It does so itself, a moment before: a command that it timed out is not sent any
    /// more, but one that nobody waits for is, after the connection is made anew.
    async fn within<T>(&self, call: impl Future<Output = Result<T, Error>>) -> Result<T, RedisError> {
        let late = |_| RedisError { kind: RedisErrorKind::Timeout, detail: format!("{:?}", self.timeout) };
        timeout(self.timeout + MOMENT, call).await.map_err(late)?.map_err(|error| self.noted(&error))
    }

    async fn get_all(&self, keys: &[String]) -> Result<Vec<Result<Option<Bytes>, RedisError>>, RedisError> {
        let found = async {
            let pipeline = self.pool.next_connected().pipeline();
            for key in keys {
                let () = pipeline.get(key).await?;
            }
            Ok(pipeline.try_all::<Option<Bytes>>().await)
        };
        let found = self.within(found).await?;
        let found = found.into_iter().map(|found| found.map_err(|error| self.noted(&error)));
        let found: Vec<_> = found.collect();
        let mut errors = found.iter().filter_map(|found| found.as_ref().err());
        match errors.find(|error| error.kind.concerns_the_link()) {
            Some(error) => Err(error.clone()),
            // One error stands for all where they were not sent.
            None if found.len() < keys.len() => Err(RedisError {
                kind: RedisErrorKind::Other,
                detail: format!("{} answers to {} reads", found.len(), keys.len()),
            }),
            None => Ok(found),
        }
    }

    fn noted(&self, error: &Error) -> RedisError {
        let error = translated(error);
        // The server that was primary no longer is; ask the sentinels for the one that is.
        if error.kind == RedisErrorKind::ReadOnly
            && self.kind == Kind::Sentinel
            && !self.is_reconnecting.swap(true, Ordering::AcqRel)
        {
            let (pool, done) = (self.pool.clone(), Arc::clone(&self.is_reconnecting));
            tokio::spawn(async move {
                if let Err(error) = pool.force_reconnection().await {
                    tracing::debug!(error = error.details(), "Redis was not reconnected");
                }
                done.store(false, Ordering::Release);
            });
        }
        error
    }
}

#[async_trait]
impl RedisConnection for FredConnection {
    async fn get(&self, keys: &[String]) -> Result<Vec<Result<Option<Bytes>, RedisError>>, RedisError> {
        let [key] = keys else {
            // Boxed, so that one key, which is the usual, is not asked for by a future with room for many.
            return Box::pin(self.get_all(keys)).await;
        };

        // fred gives up by itself as late as `within` would; a second timer would cost as much as the rest of a hit.
        let found: Result<Option<Bytes>, _> = self.pool.get(key).await;
        match found.map_err(|error| self.noted(&error)) {
            Err(error) if error.kind.concerns_the_link() => Err(error),
            found => Ok(vec![found]),
        }
    }

    async fn run(
        &self,
        script: &'static Script,
        key: String,
        arguments: Vec<Bytes>,
    ) -> Result<Reply, RedisError> {
        let digest = script.digest.get_or_init(|| fred::util::sha1_hash(script.source));
        let run = self.pool.evalsha(digest.as_str(), key.as_str(), arguments.clone());
        match self.within(run).await {
            Err(error) if error.detail.starts_with("NOSCRIPT") => {
                self.within(self.pool.eval(script.source, key.as_str(), arguments)).await.map(reply)
            }
            outcome => outcome.map(reply),
        }
    }

    async fn unlink(&self, keys: Vec<String>) -> Result<u64, RedisError> {
        let freed = async {
            let pipeline = self.pool.next_connected().pipeline();
            for key in &keys {
                let () = pipeline.unlink(key).await?;
            }
            pipeline.try_all::<u64>().await.into_iter().sum()
        };
        self.within(freed).await
    }

    async fn publish(&self, channel: &str, message: Bytes) -> Result<(), RedisError> {
        self.within(self.pool.next_connected().publish(channel, message)).await
    }

    async fn numbers(&self, key: &str) -> Result<Vec<(String, u64)>, RedisError> {
        // It may be large: it has the time of a connection, not that of a command.
        let options = Options { timeout: Some(self.connect_timeout), ..Options::default() };
        let client = self.pool.next_connected().with_options(&options);
        let fields: Value = client.hgetall(key).await.map_err(|error| self.noted(&error))?;
        let fields = fields.into_map().map_err(|error| self.noted(&error))?.inner();
        let number = |(field, value): (Key, Value)| Some((field.into_string()?, value.convert().ok()?));
        Ok(fields.into_iter().filter_map(number).collect())
    }

    fn scan(&self, pattern: &str) -> mpsc::Receiver<Result<Vec<String>, RedisError>> {
        let (sender, receiver) = mpsc::channel(1);
        let (client, pattern) = (self.pool.next_connected().clone(), pattern.to_owned());
        let (kind, time) = (self.kind, self.timeout);
        tokio::spawn(async move {
            match kind {
                Kind::Cluster => {
                    page_by_page(client.scan_cluster(pattern, Some(SCAN_COUNT), None), time, sender).await;
                }
                Kind::Single | Kind::Sentinel => {
                    page_by_page(client.scan(pattern, Some(SCAN_COUNT), None), time, sender).await;
                }
            }
        });
        receiver
    }

    async fn info(&self) -> Result<Vec<String>, RedisError> {
        let client = self.pool.next_connected();
        if self.kind != Kind::Cluster {
            return Ok(vec![self.within(client.info(None)).await?]);
        }
        let mut texts = Vec::new();
        for server in client.active_connections() {
            texts.push(self.within(client.with_cluster_node(server).info(None)).await?);
        }
        Ok(texts)
    }

    async fn renew_subscription(&self) {
        let renewal = self.within(self.subscriber.force_reconnection());
        if let Err(error) = renewal.await {
            tracing::debug!(%error, "the subscription at Redis was not renewed");
        }
    }

    async fn close(&self) {
        self.events.abort();
        // What is on its way at most takes one time-out, and then nobody waits for it any more.
        let _ = timeout(self.timeout, self.pool.quit()).await;
        let _ = timeout(self.timeout, self.subscriber.quit()).await;
    }
}

impl Drop for FredConnection {
    fn drop(&mut self) {
        self.events.abort();
    }
}

/// A client that hangs on nothing: fred's own defaults wait for ever, for commands and for servers that went silent.
fn builder(config: Config, options: &ConnectionOptions) -> Builder {
    let ConnectionOptions { connections: _, timeout, connect_timeout, ca_file: _ } = *options;
    let mut builder = Builder::from_config(config);
    builder.with_performance_config(|performance| {
        performance.default_command_timeout = timeout;
        performance.broadcast_channel_capacity = MAX_MESSAGES;
    });
    builder.with_connection_config(|connection| {
        connection.connection_timeout = connect_timeout;
        connection.internal_command_timeout = connect_timeout;
        connection.max_command_attempts = 2;
        connection.max_command_buffer_len = MAX_WAITING;
        connection.reconnect_on_auth_error = true;
        connection.tcp.nodelay = Some(true);
        // A server that went silent is given up, though its connections stand.
        let silence = (timeout * 4).max(Duration::from_secs(2));
        connection.unresponsive = UnresponsiveConfig { max_timeout: Some(silence), interval: silence / 4 };
    });
    // For ever, after 50 ms at first and 2 s at most, so that nodes do not come back all at once.
    let mut policy = ReconnectPolicy::new_exponential(0, 50, 2_000, 2);
    policy.set_jitter(100);
    builder.set_policy(policy);
    builder
}

/// Passes on what comes on the subscription, and sees to it that there is one after each connection.
async fn pass_on(
    subscriber: SubscriberClient,
    channel: String,
    (mut messages, mut connections, mut errors): (Messages, Connections, Errors),
    events: mpsc::Sender<Event>,
) {
    loop {
        let event = tokio::select! {
            message = messages.recv() => match message {
                Ok(message) => message.value.into_bytes().map(Event::Message),
                Err(RecvError::Lagged(_)) => Some(Event::Resubscribed),
                Err(RecvError::Closed) => return,
            },
            connection = connections.recv() => match connection {
                Ok(_) | Err(RecvError::Lagged(_)) => {
                    let mut outcome = subscriber.subscribe(channel.as_str()).await;
                    // A cluster makes several connections at once, which is one loss of messages.
                    while outcome.is_ok() && connections.try_recv().is_ok() {
                        outcome = subscriber.subscribe(channel.as_str()).await;
                    }
                    match outcome {
                        Ok(()) => Some(Event::Resubscribed),
                        // Another connection is made, and tried in turn.
                        Err(error) => {
                            sleep(UNSUBSCRIBED).await;
                            let _ = subscriber.force_reconnection().await;
                            Some(Event::Unconnected(translated(&error)))
                        }
                    }
                }
                Err(RecvError::Closed) => return,
            },
            error = errors.recv() => match error {
                Ok((error, _)) => Some(Event::Unconnected(translated(&error))),
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return,
            },
        };
        if let Some(event) = event
            && events.send(event).await.is_err()
        {
            return;
        }
    }
}

async fn page_by_page(
    pages: impl Stream<Item = Result<fred::types::scan::ScanResult, Error>>,
    time: Duration,
    sender: mpsc::Sender<Result<Vec<String>, RedisError>>,
) {
    let mut pages = std::pin::pin!(pages);
    loop {
        let page = match timeout(time, pages.next()).await {
            Ok(None) => return,
            Ok(Some(Ok(mut page))) => {
                let keys = page.take_results().unwrap_or_default();
                page.next();
                Ok(keys.into_iter().filter_map(Key::into_string).collect())
            }
            Ok(Some(Err(error))) => Err(translated(&error)),
            Err(_) => Err(RedisError { kind: RedisErrorKind::Timeout, detail: format!("{time:?}") }),
        };
        let is_last = page.is_err();
        if sender.send(page).await.is_err() || is_last {
            return;
        }
    }
}

fn reply(value: Value) -> Reply {
    match value {
        Value::Integer(number) => Reply::Number(number),
        Value::Array(values) => {
            Reply::Numbers(values.into_iter().filter_map(|value| value.as_i64()).collect())
        }
        _ => Reply::Other,
    }
}

/// The error without what fred knows of its causes; the codes are Redis's own.
fn translated(error: &Error) -> RedisError {
    // What Redis repeats of a command that it does not know may be a password.
    let detail = error.details().split(", with args").next().unwrap_or_default();
    let says = |codes: &[&str]| codes.iter().any(|code| detail.contains(code));
    let kind = match error.kind() {
        ErrorKind::Timeout => RedisErrorKind::Timeout,
        ErrorKind::Auth => RedisErrorKind::Denied,
        _ if says(&["OOM command not allowed"]) => RedisErrorKind::OutOfMemory,
        _ if says(&["READONLY ", "MISCONF ", "NOREPLICAS "]) => RedisErrorKind::ReadOnly,
        _ if says(&["WRONGTYPE "]) => RedisErrorKind::WrongType,
        _ if says(&["NOAUTH ", "NOPERM ", "WRONGPASS "]) => RedisErrorKind::Denied,
        _ if says(&["LOADING ", "CLUSTERDOWN ", "MASTERDOWN "]) => RedisErrorKind::Unreachable,
        ErrorKind::IO
        | ErrorKind::Canceled
        | ErrorKind::Routing
        | ErrorKind::Cluster
        | ErrorKind::Sentinel
        | ErrorKind::Tls
        | ErrorKind::Backpressure => RedisErrorKind::Unreachable,
        _ => RedisErrorKind::Other,
    };
    RedisError { kind, detail: detail.to_owned() }
}
