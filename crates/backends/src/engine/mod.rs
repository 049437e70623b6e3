//! How each server is prepared and run.

mod aiosmtpd;
mod certificate;
mod litellm;
mod mariadb;
mod moto;
mod postgres;
mod python;
mod redis;
mod sentinel;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::folder::Folder;
use crate::{Backend, StartError, program};

pub(crate) use aiosmtpd::{Aiosmtpd, MAILS};
pub(crate) use litellm::LiteLlm;
pub(crate) use mariadb::MariaDb;
pub(crate) use moto::Moto;
pub(crate) use postgres::Postgres;
pub(crate) use redis::Redis;
pub use redis::RedisOptions;
pub(crate) use sentinel::Sentinel;

/// The user, and the database that is theirs.
const NAME: &str = "adstead";

/// Differs from the name, so that a test can look for it where it must not be told.
const PASSWORD: &str = "only-for-tests";

/// One kind of server.
pub(crate) trait Engine: Send + Sync {
    /// The server's program.
    fn program(&self) -> &Path;

    /// Its version, such as `15.18`.
    fn version(&self, backend: Backend) -> Result<String, StartError> {
        program::version(backend, self.program())
    }

    /// Makes the server's data in an empty folder.
    fn prepare(&self, folder: &Folder) -> Result<(), StartError>;

    /// What the program is told to serve that data on `port` of 127.0.0.1. It stays in the foreground, and its log goes
    /// to its standard output or error.
    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString>;

    /// What its log says once it answers.
    fn ready_line(&self) -> &'static str;

    /// Where an empty database is.
    fn url(&self, port: u16) -> String;

    /// The certificate of who signed the server's own, in PEM, where it speaks TLS.
    fn ca_certificate(&self, _folder: &Path) -> Option<PathBuf> {
        None
    }

    /// Makes its data what it was at first. It does not run.
    fn empty(&self, folder: &Folder) -> Result<(), StartError> {
        let data = folder.data();
        fs::remove_dir_all(&data)
            .map_err(|source| folder.refused(format!("remove {}", data.display()), source))?;
        self.prepare(folder)
    }
}

/// Clears away what a killed server of `backend` left behind outside its `data`, or in the way of its next start. All its
/// processes are gone.
pub(crate) fn clear_up(backend: Backend, data: &Path) -> io::Result<()> {
    match backend {
        Backend::Postgres => postgres::clear_up(data),
        _ => Ok(()),
    }
}

/// Arguments of which some hold a path.
fn arguments(words: impl IntoIterator<Item = impl Into<OsString>>) -> Vec<OsString> {
    words.into_iter().map(Into::into).collect()
}
