//! Servers that outlive the process that started them.

use std::fs;
use std::io;
use std::path::PathBuf;

use crate::engine;
use crate::instance::wait_until;
use crate::process::{Process, Signal};
use crate::{Backend, ControlError};

/// A server's process that runs until somebody ends it; what must be remembered of it to do so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detached {
    /// Which server it is.
    pub backend: Backend,
    /// Its process.
    pub process: Process,
    /// Its temporary folder, which holds its data and its log.
    pub folder: PathBuf,
}

impl Detached {
    /// Whether it still runs.
    pub fn is_running(&self) -> bool {
        self.process.is_alive()
    }

    /// Stops it, and removes its folder. One that has ended leaves its folder to be removed.
    ///
    /// # Errors
    /// It does not stop, or the folder cannot be removed.
    pub fn end(&self) -> Result<(), ControlError> {
        let Self { backend, process, folder } = self;
        let disobeyed = |source| ControlError::Disobeyed { backend: *backend, what: "ended", source };
        let end = || -> io::Result<()> {
            Process::signal_all(&[*process], Signal::Continue)?;
            Process::signal_all(&[*process], backend.stop_signal())?;
            wait_until("it ends", || !process.is_alive())?;
            engine::clear_up(*backend, &folder.join("data"))?;
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        };
        end().map_err(disobeyed)
    }
}
