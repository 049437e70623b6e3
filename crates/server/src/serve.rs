//! The server: from settings to an address that answers, and its orderly end.

use std::fmt::Write as _;
use std::future::Future;
use std::io::{self, ErrorKind, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::Duration;

use adstead_application::accounts::FirstAccount;
use adstead_config::{Loaded, Settings};
use adstead_infrastructure::database::DatabaseManager;
use anyhow::{Context, Result, bail};
use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::background::Background;
use crate::wire::{self, Operator, Wired};

/// How long the database may take to close once no request is under way.
const CLOSING: Duration = Duration::from_secs(5);

/// A server that has its address and everything it needs, and does not answer yet.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    grace: Duration,
    wired: Wired,
}

/// `adstead serve`: serves until SIGTERM or Ctrl-C.
///
/// # Errors
/// What keeps the server from starting; requests that had to be cut off at its end.
pub async fn serve(loaded: &Loaded) -> Result<()> {
    let stop = told_to_stop();
    let server = Server::start(&loaded.settings).await?;
    let first = server.wired.operator.found_first_account.execute().await;
    let first = first.map_err(|error| wire::of_use_case(error, &loaded.settings.database))?;
    announce(&server.url(), first.as_ref()).context(
        "stdout took no text, so nobody has seen the address and any first key: \
         make a key by `adstead keys create`",
    )?;
    tracing::info!(address = %server.address, environment = loaded.environment, "listening");
    server.run(stop).await
}

impl Server {
    /// Takes the address, opens the database and builds the application.
    ///
    /// The address comes first: who finds it taken has changed nothing.
    ///
    /// # Errors
    /// An address that is taken or not of this machine; a folder that cannot be written to; a database of a newer
    /// version, or one that must be migrated first.
    pub async fn start(settings: &Settings) -> Result<Self> {
        let listener = bind(settings.api.bind).await?;
        let address = listener.local_addr().context("the system does not tell the address that it gave")?;
        let database = database_up_to_date(settings).await?;
        let wired = wire::wire(settings, database).await?;
        Ok(Self { listener, address, grace: settings.api.shutdown_grace, wired })
    }

    /// Where clients on this machine reach the server.
    pub fn url(&self) -> String {
        let ip = match self.address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
            ip => ip,
        };
        format!("http://{}", SocketAddr::new(ip, self.address.port()))
    }

    /// What its operator may do.
    pub fn operator(&self) -> &Operator {
        &self.wired.operator
    }

    /// Answers requests until `stop`, then lets those under way finish and closes the database.
    ///
    /// # Errors
    /// Requests that were cut off because they took longer than `api.shutdown_grace`.
    pub async fn run(self, stop: impl Future<Output = ()> + Send + 'static) -> Result<()> {
        let Self { listener, address: _, grace, wired } = self;
        let (told, mut stopping) = watch::channel(false);
        let background = Background::start(wired.jobs, &stopping);
        let is_stopping = wired.is_stopping;
        let stopped = async move {
            stop.await;
            tracing::info!("stopping once the requests under way are answered");
            is_stopping.store(true, Ordering::Relaxed);
            told.send_replace(true);
        };
        let grace_is_over = async move {
            // An error means that the server is gone already.
            if stopping.wait_for(|is_stopping| *is_stopping).await.is_ok() {
                sleep(grace).await;
            }
        };
        // An answer is often two small writes, which must not wait for each other.
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps Nagle's algorithm");
            }
        });
        let serving = axum::serve(listener, wired.router).with_graceful_shutdown(stopped);
        let is_complete = tokio::select! {
            served = serving => served.map(|()| true).context("the server broke off")?,
            () = grace_is_over => false,
        };
        if !background.finished(CLOSING).await {
            tracing::warn!("background jobs were cut off; what they had begun is done again later");
        }
        let closing = async {
            wired.accounts.uses_noted().await;
            wired.cache.close().await;
            wired.database.close().await;
        };
        let is_closed = timeout(CLOSING, closing).await.is_ok();
        if !is_closed {
            bail!(
                "the database took longer than {} s to close: what was acknowledged is stored",
                CLOSING.as_secs()
            );
        }
        if !is_complete {
            bail!(
                "requests were cut off {} s after the server was told to stop: \
                 raise api.shutdown_grace to let them finish",
                grace.as_secs_f64()
            );
        }
        tracing::info!("stopped");
        Ok(())
    }
}

/// The database with the schema of this build, brought there where `database.migrate_on_start` says so.
///
/// # Errors
/// A database that cannot be opened, is of a newer version, or must be migrated first.
pub async fn database_up_to_date(settings: &Settings) -> Result<DatabaseManager> {
    let database = wire::open_database(&settings.database).await?;
    let is_ready = if settings.database.migrate_on_start {
        database.migrate().await.map(drop)
    } else {
        database.ready().await
    };
    is_ready.map_err(|error| wire::of_database(error, &settings.database))?;
    Ok(database)
}

async fn bind(address: SocketAddr) -> Result<TcpListener> {
    TcpListener::bind(address).await.map_err(|error| {
        let advice = match error.kind() {
            ErrorKind::AddrInUse => "something listens there already; stop it, or choose another address",
            ErrorKind::AddrNotAvailable => "it is no address of this machine; choose another",
            ErrorKind::PermissionDenied => "this user may not; choose a port from 1024 on",
            _ => "choose another address",
        };
        anyhow::Error::new(error)
            .context(format!("{address} cannot be listened on: {advice} by api.bind or ADSTEAD__API__BIND"))
    })
}

/// Tells the person at the terminal where the server is and, once, the first key. Never part of a log.
fn announce(url: &str, first: Option<&FirstAccount>) -> io::Result<()> {
    let mut text = format!("Adstead listens on {url}\n");
    if let Some(FirstAccount { account, secret }) = first {
        let key = secret.reveal();
        write!(
            text,
            "\n\
             This is the first start, so there is an account now, `{}`, and a key for its admin.\n\
             Keep the key: it is shown this once.\n\n  \
             {key}\n\n\
             Try it:\n\n  \
             curl {url}/v1/reports/summary -H 'Authorization: Bearer {key}'\n\n\
             The API is described at {url}/docs. More keys: `adstead keys create --help`\n",
            account.name
        )
        .expect("a string takes all text");
    }
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    stdout.flush()
}

/// Ctrl-C, or SIGTERM from whoever manages the process; both are heard from this call on.
#[cfg(unix)]
fn told_to_stop() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let hear = |kind| signal(kind).expect("the system lets a process listen for signals");
    let (mut interrupted, mut terminated) = (hear(SignalKind::interrupt()), hear(SignalKind::terminate()));
    async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
async fn told_to_stop() {
    tokio::signal::ctrl_c().await.expect("the system lets a process listen for Ctrl-C");
}
