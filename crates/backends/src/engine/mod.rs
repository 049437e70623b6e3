//! How each server is prepared and run.

mod mariadb;
mod postgres;
mod redis;

use std::ffi::OsString;
use std::io;
use std::path::Path;

use crate::folder::Folder;
use crate::{Backend, Durability, StartError};

/// The user, and the database that is theirs.
const NAME: &str = "adstead";

/// Differs from the name, so that a test can look for it where it must not be told.
const PASSWORD: &str = "only-for-tests";

/// One kind of server.
pub(crate) trait Engine: Send + Sync {
    /// The server's program.
    fn program(&self) -> &Path;

    /// Makes the server's data in an empty folder.
    fn prepare(&self, folder: &Folder) -> Result<(), StartError>;

    /// What the program is told to serve that data on `port` of 127.0.0.1. It stays in the foreground, and its log goes
    /// to its standard output or error.
    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString>;

    /// Where an empty database is.
    fn url(&self, port: u16) -> String;
}

/// The engine of `backend`, where the machine has its programs.
pub(crate) fn find(backend: Backend, durability: Durability) -> Result<Box<dyn Engine>, StartError> {
    Ok(match backend {
        Backend::Postgres => Box::new(postgres::Postgres::find(durability)?),
        Backend::MariaDb => Box::new(mariadb::MariaDb::find(durability)?),
        Backend::Redis => Box::new(redis::Redis::find()?),
    })
}

/// Clears away what a killed server of `backend` left behind outside its `data`, or in the way of its next start. All its
/// processes are gone.
pub(crate) fn clear_up(backend: Backend, data: &Path) -> io::Result<()> {
    match backend {
        Backend::Postgres => postgres::clear_up(data),
        Backend::MariaDb | Backend::Redis => Ok(()),
    }
}

/// Arguments of which some hold a path.
fn arguments(words: impl IntoIterator<Item = impl Into<OsString>>) -> Vec<OsString> {
    words.into_iter().map(Into::into).collect()
}
