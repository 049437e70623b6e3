//! One process of a server, with its port and its folder.

use std::io;
use std::path::PathBuf;
use std::process::Child;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::detached::Detached;
use crate::engine::{self, Engine};
use crate::folder::Folder;
use crate::process::{Process, Signal};
use crate::watchdog::Watchdog;
use crate::{Backend, ControlError, Durability, StartError, port};

/// How long a server may take to start or to end. A slow disk under load is no failure, nor is a processor that others use: LiteLLM
/// alone takes ten seconds of one.
const PATIENCE: Duration = Duration::from_secs(120);

/// How often we look whether it has.
const GLANCE: Duration = Duration::from_millis(5);

/// How many ports are tried, where others take them first.
const PORTS: usize = 10;

/// What it takes to run one process; it ends, and its folder goes, when this value does.
pub(crate) struct Instance {
    backend: Backend,
    engine: Box<dyn Engine>,
    port: u16,
    running: Mutex<Option<Running>>,
    watchdog: Watchdog,
    pub(crate) folder: Folder,
}

struct Running {
    child: Child,
    process: Process,
}

impl Instance {
    /// Starts it in a temporary folder and on a free port, and waits until it answers.
    pub(crate) fn start(
        backend: Backend,
        durability: Durability,
        engine: Box<dyn Engine>,
    ) -> Result<Self, StartError> {
        let (folder, watchdog) = Folder::create(backend, durability)?;
        engine.prepare(&folder)?;
        let mut instance = Self { backend, engine, port: 0, running: Mutex::new(None), watchdog, folder };
        let mut attempt = 1;
        loop {
            let refused = |error| instance.folder.refused("find a free port".to_owned(), error);
            instance.port = port::free().map_err(refused)?;
            match instance.spawn() {
                Err(error) if attempt < PORTS && is_port_taken(&error) => attempt += 1,
                outcome => {
                    *instance.lock() = Some(outcome?);
                    return Ok(instance);
                }
            }
        }
    }

    pub(crate) fn url(&self) -> String {
        self.engine.url(self.port)
    }

    pub(crate) fn ca_certificate(&self) -> Option<PathBuf> {
        self.engine.ca_certificate(&self.folder.path)
    }

    pub(crate) fn kill(&self) -> Result<(), ControlError> {
        let mut running = self.hold()?;
        let Some(it) = &*running else { return Ok(()) };
        self.signal_tree(it.process, Signal::Kill).map_err(self.disobeyed("killed"))?;
        self.wait_and_clear(&mut running).map_err(self.disobeyed("killed"))
    }

    pub(crate) fn stop(&self) -> Result<(), ControlError> {
        self.end(&mut *self.hold()?)
    }

    pub(crate) fn restart(&self) -> Result<(), ControlError> {
        let mut running = self.hold()?;
        self.end(&mut running)?;
        self.start_again(&mut running)
    }

    pub(crate) fn restart_empty(&self) -> Result<(), ControlError> {
        let mut running = self.hold()?;
        self.end(&mut running)?;
        self.engine.empty(&self.folder)?;
        self.start_again(&mut running)
    }

    pub(crate) fn pause(&self) -> Result<(), ControlError> {
        let running = self.hold()?;
        let it = running.as_ref().ok_or(ControlError::NotRunning(self.backend))?;
        self.signal_tree(it.process, Signal::Stop).map_err(self.disobeyed("paused"))
    }

    pub(crate) fn resume(&self) -> Result<(), ControlError> {
        let running = self.hold()?;
        let it = running.as_ref().ok_or(ControlError::NotRunning(self.backend))?;
        self.signal_tree(it.process, Signal::Continue).map_err(self.disobeyed("resumed"))
    }

    /// Lets it live on when this process ends.
    pub(crate) fn detach(mut self) -> Result<Detached, ControlError> {
        let running = self.hold()?.take();
        let Running { child: _, process } = running.ok_or(ControlError::NotRunning(self.backend))?;
        self.watchdog.dismiss().map_err(self.disobeyed("detached"))?;
        Ok(Detached { backend: self.backend, process, folder: self.folder.path.clone() })
    }

    /// What runs, for whoever changes that.
    fn hold(&self) -> Result<MutexGuard<'_, Option<Running>>, ControlError> {
        let mut running = self.lock();
        // It may have ended by itself.
        if running.as_ref().is_some_and(|it| !it.process.is_alive()) {
            self.wait_and_clear(&mut running).map_err(self.disobeyed("buried"))?;
        }
        Ok(running)
    }

    /// What runs; whoever panicked while they held it left nothing half-done.
    fn lock(&self) -> MutexGuard<'_, Option<Running>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn start_again(&self, running: &mut Option<Running>) -> Result<(), ControlError> {
        let start = Instant::now();
        loop {
            match self.spawn() {
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
            let is_ready = self.folder.log_since(log_start).contains(self.engine.ready_line());
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

    fn end(&self, running: &mut Option<Running>) -> Result<(), ControlError> {
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

impl Drop for Instance {
    fn drop(&mut self) {
        let Some(mut it) = self.lock().take() else { return };
        // Held, PostgreSQL would be slow to end. Where this fails the watchdog is slow as well, and no less thorough.
        let _ = self.signal_tree(it.process, Signal::Continue);
        self.watchdog.bite();
        let _ = it.child.wait();
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
