//! A running server, and how it is harmed.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::detached::Detached;
use crate::engine::{self, Engine};
use crate::folder::Folder;
use crate::process::{Process, Signal};
use crate::watchdog::Watchdog;
use crate::{Backend, ControlError, Durability, StartError, port, program, url};

/// How long a server may take to start or to end. A slow disk under load is no failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// How often we look whether it has.
pub(crate) const GLANCE: Duration = Duration::from_millis(5);

/// How many ports are tried, where others take them first.
const PORTS: usize = 10;

/// A server with an empty database; it ends, and its data goes, when this value does.
///
/// The methods that wait do so by blocking: seconds for a start, milliseconds for the rest.
pub struct Server {
    backend: Backend,
    version: Option<String>,
    url: String,
    /// None where somebody else runs it.
    own: Option<Own>,
}

/// What it takes to run a server.
struct Own {
    backend: Backend,
    engine: Box<dyn Engine>,
    port: u16,
    running: Mutex<Option<Running>>,
    watchdog: Watchdog,
    folder: Folder,
}

struct Running {
    child: Child,
    process: Process,
}

impl Server {
    /// Starts a server in a temporary folder, and waits until it answers.
    ///
    /// # Errors
    /// [`StartError::Missing`] where the machine does not have it; the others where it does not start.
    pub fn start(backend: Backend) -> Result<Self, StartError> {
        Self::start_with(backend, Durability::Crash)
    }

    /// As [`Self::start`], with a choice of what the data survives.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(backend: Backend, durability: Durability) -> Result<Self, StartError> {
        let engine = engine::find(backend, durability)?;
        let version = program::version(backend, engine.program())?;
        let (folder, watchdog) = Folder::create(backend, durability)?;
        engine.prepare(&folder)?;
        let mut own = Own { backend, engine, port: 0, running: Mutex::new(None), watchdog, folder };
        let mut attempt = 1;
        loop {
            own.port =
                port::free().map_err(|error| own.folder.refused("find a free port".to_owned(), error))?;
            match own.run() {
                Err(error) if attempt < PORTS && is_port_taken(&error) => attempt += 1,
                outcome => break outcome?,
            }
        }
        let url = own.engine.url(own.port);
        Ok(Self { backend, version: Some(version), url, own: Some(own) })
    }

    /// The server at `url`, which somebody else runs.
    pub fn at(backend: Backend, url: String) -> Self {
        Self { backend, version: None, url, own: None }
    }

    /// Which server it is.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Its version, such as `15.18`; none where somebody else runs it.
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Where its database `adstead` is, empty at first, with user and password. The user may create more databases, and
    /// on MariaDB do anything.
    pub fn url(&self) -> String {
        self.url.clone()
    }

    /// Where `database` is on this server, whether or not there is one. On Redis it is a number.
    pub fn url_of(&self, database: &str) -> String {
        url::to_database(&self.url, database)
    }

    /// Where databases are created and dropped from: one that is always there. The user is that of [`Self::url`].
    pub fn admin_url(&self) -> String {
        match self.backend {
            Backend::Postgres => self.url_of("postgres"),
            Backend::MariaDb => self.url_of("mysql"),
            Backend::Redis => self.url(),
        }
    }

    /// Where it listens, such as `127.0.0.1:15432`.
    pub fn address(&self) -> String {
        url::address(&self.url, self.backend.usual_port())
    }

    /// Whether it accepts connections.
    pub fn is_answering(&self) -> bool {
        url::is_answered(&self.address())
    }

    /// Whether somebody else runs it.
    pub fn is_external(&self) -> bool {
        self.own.is_none()
    }

    /// Its temporary folder; none where somebody else runs it.
    pub fn folder(&self) -> Option<&Path> {
        self.own.as_ref().map(|own| &*own.folder.path)
    }

    /// The end of what it logged; nothing where somebody else runs it.
    pub fn log(&self) -> String {
        self.own.as_ref().map_or_else(String::new, |own| own.folder.log_tail(0))
    }

    /// Kills it with all its processes, as a power cut would as far as they can tell. Nothing happens where none runs.
    ///
    /// # Errors
    /// Somebody else runs it, or it cannot be killed.
    pub fn kill(&self) -> Result<(), ControlError> {
        self.control(|own, running| {
            let Some(it) = running else { return Ok(()) };
            own.signal_tree(it.process, Signal::Kill).map_err(own.disobeyed("killed"))?;
            own.wait_and_clear(running).map_err(own.disobeyed("killed"))
        })
    }

    /// Stops it with what it has saved, without waiting for its clients. Nothing happens where none runs.
    ///
    /// # Errors
    /// Somebody else runs it, or it cannot be stopped.
    pub fn stop(&self) -> Result<(), ControlError> {
        self.control(Own::stop)
    }

    /// Starts it again on the same port with the same data; stops it first where it runs.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not start.
    pub fn restart(&self) -> Result<(), ControlError> {
        self.control(|own, running| {
            own.stop(running)?;
            let start = Instant::now();
            loop {
                match own.spawn() {
                    // Another process may have the port for a moment, as a client of something else.
                    Err(error) if is_port_taken(&error) && start.elapsed() < PATIENCE => {
                        thread::sleep(GLANCE * 20);
                    }
                    outcome => {
                        *running = Some(outcome?);
                        return Ok(());
                    }
                }
            }
        })
    }

    /// Keeps all its processes from running, so that it holds its connections and says nothing on them.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn pause(&self) -> Result<(), ControlError> {
        self.control(|own, running| {
            let it = running.as_ref().ok_or(ControlError::NotRunning(own.backend))?;
            own.signal_tree(it.process, Signal::Stop).map_err(own.disobeyed("paused"))
        })
    }

    /// Lets it run on after [`Self::pause`].
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn resume(&self) -> Result<(), ControlError> {
        self.control(|own, running| {
            let it = running.as_ref().ok_or(ControlError::NotRunning(own.backend))?;
            own.signal_tree(it.process, Signal::Continue).map_err(own.disobeyed("resumed"))
        })
    }

    /// Lets it live on when this process ends. [`Detached::end`] ends it.
    ///
    /// # Errors
    /// Somebody else runs it, or it does not run.
    pub fn detach(mut self) -> Result<Detached, ControlError> {
        let backend = self.backend;
        let own = self.own.take().ok_or(ControlError::External(backend))?;
        let Own { backend, engine: _, port: _, running, watchdog, folder } = own;
        let running = running.into_inner().unwrap_or_else(PoisonError::into_inner);
        let Running { child: _, process } = running.ok_or(ControlError::NotRunning(backend))?;
        watchdog.dismiss().map_err(|source| ControlError::Disobeyed { backend, what: "detached", source })?;
        Ok(Detached { backend, process, folder: folder.path })
    }

    fn control(
        &self,
        act: impl FnOnce(&Own, &mut Option<Running>) -> Result<(), ControlError>,
    ) -> Result<(), ControlError> {
        let own = self.own.as_ref().ok_or(ControlError::External(self.backend))?;
        let mut running = own.lock();
        // It may have ended by itself.
        if running.as_ref().is_some_and(|it| !it.process.is_alive()) {
            own.wait_and_clear(&mut running).map_err(own.disobeyed("buried"))?;
        }
        act(own, &mut running)
    }
}

impl Own {
    /// What runs; whoever panicked while they held it left nothing half-done.
    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self) -> Result<(), StartError> {
        let running = self.spawn()?;
        *self.lock() = Some(running);
        Ok(())
    }

    /// Starts the program, and waits until its log says that it is ready. That it answers on its port is not enough:
    /// another server might.
    fn spawn(&self) -> Result<Running, StartError> {
        let name = self.engine.program().display();
        let log_start = self.folder.log_length();
        let arguments = self.engine.arguments(&self.folder.path, self.port);
        let command = self.folder.launch(self.engine.program(), arguments);
        let refused = |source| self.folder.refused(format!("start {name}"), source);
        let mut child = command.and_then(|mut command| command.spawn()).map_err(refused)?;
        let start = Instant::now();
        loop {
            let is_ready = self.folder.log_since(log_start).contains(self.backend.ready_line());
            if let Some(status) = child.try_wait().map_err(refused)? {
                self.folder.forget_pid().map_err(refused)?;
                return Err(self.folder.failed(log_start, format!("`{name}` ended at its start ({status})")));
            }
            match Process::of(child.id()) {
                Some(process) if is_ready => return Ok(Running { child, process }),
                _ if start.elapsed() < PATIENCE => thread::sleep(GLANCE),
                _ => {
                    // The watchdog knows it as well, where this fails.
                    let _ = child.kill();
                    let _ = child.wait();
                    let what = format!("`{name}` was not ready within {PATIENCE:?}");
                    return Err(self.folder.failed(log_start, what));
                }
            }
        }
    }

    fn stop(&self, running: &mut Option<Running>) -> Result<(), ControlError> {
        let Some(it) = running else { return Ok(()) };
        self.signal_tree(it.process, Signal::Continue)
            .and_then(|()| Process::signal_all(&[it.process], self.backend.stop_signal()))
            .and_then(|()| self.wait_and_clear(running))
            .map_err(self.disobeyed("stopped"))
    }

    /// Signals the server and its children, which are PostgreSQL's sessions.
    fn signal_tree(&self, process: Process, signal: Signal) -> io::Result<()> {
        // Held, it starts no more of them. It is the last to run on, and the first to die.
        if signal != Signal::Continue {
            Process::signal_all(&[process], Signal::Stop)?;
            wait_until("it is held", || !process.is_running())?;
        }
        let mut tree = vec![process];
        tree.extend(process.children()?);
        if signal == Signal::Continue {
            tree.reverse();
        }
        Process::signal_all(&tree, signal)?;
        if signal == Signal::Kill {
            wait_until("its sessions end", || tree[1..].iter().all(|it| !it.is_alive()))?;
        }
        Ok(())
    }

    /// Waits until the server has ended, and makes its data ready for the next start.
    fn wait_and_clear(&self, running: &mut Option<Running>) -> io::Result<()> {
        if let Some(it) = running {
            wait_until("it ends", || !it.process.is_alive())?;
            it.child.wait()?;
        }
        *running = None;
        self.folder.forget_pid()?;
        engine::clear_up(self.backend, &self.folder.data())
    }

    fn disobeyed(&self, what: &'static str) -> impl Fn(io::Error) -> ControlError + use<> {
        let backend = self.backend;
        move |source| ControlError::Disobeyed { backend, what, source }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let Some(own) = &mut self.own else { return };
        let Some(mut it) = own.lock().take() else { return };
        // Held, PostgreSQL would be slow to end. Where this fails the watchdog is slow as well, and no less thorough.
        let _ = own.signal_tree(it.process, Signal::Continue);
        own.watchdog.bite();
        let _ = it.child.wait();
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at {}", self.backend, self.address())
    }
}

/// Waits until `is_so`.
///
/// # Errors
/// It takes too long.
pub(crate) fn wait_until(what: &str, is_so: impl Fn() -> bool) -> io::Result<()> {
    let start = Instant::now();
    while !is_so() {
        if start.elapsed() >= PATIENCE {
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("waited in vain until {what}")));
        }
        thread::sleep(GLANCE);
    }
    Ok(())
}

/// Whether a server ended because somebody else listens on its port.
fn is_port_taken(error: &StartError) -> bool {
    matches!(error, StartError::Failed { log, .. } if log.to_lowercase().contains("address already in use"))
}
