//! PostgreSQL: `initdb`, then `postgres` alone.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Engine, NAME, PASSWORD, arguments};
use crate::folder::{Folder, remove_if_there};
use crate::{Backend, Durability, StartError, program};

/// The first version whose databases can be ordered as Unicode says.
const ICU_SINCE: u32 = 15;

/// Who may do anything; tests never need them.
const SUPERUSER: &str = "postgres";

pub(crate) struct Postgres {
    postgres: PathBuf,
    initdb: PathBuf,
    major: u32,
    durability: Durability,
}

impl Postgres {
    pub(crate) fn find(durability: Durability) -> Result<Self, StartError> {
        let backend = Backend::Postgres;
        let postgres = program::find(backend, "postgres")?;
        // Of the same version, so from the same folder, which a link in PATH leads to.
        let folder = postgres.canonicalize().ok().and_then(|it| it.parent().map(Path::to_owned)).into_iter();
        let initdb =
            program::find_in(folder, "initdb").ok_or(StartError::Missing { backend, program: "initdb" })?;
        let version = program::version(backend, &postgres)?;
        let major = version.split('.').next().and_then(|major| major.parse().ok()).unwrap_or_default();
        Ok(Self { postgres, initdb, major, durability })
    }
}

impl Engine for Postgres {
    fn program(&self) -> &Path {
        &self.postgres
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        let password = folder.write("password", PASSWORD)?;
        let mut initdb = arguments(["--username", SUPERUSER, "--auth", "scram-sha-256", "--pwfile"]);
        initdb.push(password.into());
        initdb.extend(arguments(["--encoding", "UTF8", "--locale", "C", "--no-sync"]));
        if self.major >= ICU_SINCE {
            // Not byte by byte: a statement that relies on an order of text must say which.
            initdb.extend(arguments(["--locale-provider", "icu", "--icu-locale", "und"]));
        }
        initdb.extend(["--pgdata".into(), folder.data().into()]);
        folder.run(&self.initdb, initdb, None)?;

        // Without a server, each line is a statement.
        let statements = folder.write(
            "setup.sql",
            &format!(
                "CREATE ROLE {NAME} LOGIN CREATEDB PASSWORD '{PASSWORD}'\nCREATE DATABASE {NAME} OWNER {NAME}\n"
            ),
        )?;
        let start = folder.log_length();
        let single = ["--single", "-F", "-c", "password_encryption=scram-sha-256", "-D"];
        let mut single = arguments(single);
        single.extend([folder.data().into(), SUPERUSER.into()]);
        folder.run(&self.postgres, single, Some(&statements))?;
        // It succeeds whatever its statements do.
        if folder.log_since(start).contains("ERROR") {
            return Err(folder.failed(start, "the database was not created".to_owned()));
        }
        Ok(())
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec!["-D".into(), folder.join("data").into()];
        words.extend(["-p".into(), port.to_string().into()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=300",
            match self.durability {
                Durability::Crash => "fsync=off",
                Durability::PowerCut => "fsync=on",
            },
            // In the folder, so that it goes with it.
            "dynamic_shared_memory_type=mmap",
        ] {
            words.extend(arguments(["-c", setting]));
        }
        words
    }

    fn ready_line(&self) -> &'static str {
        "database system is ready to accept connections"
    }

    fn url(&self, port: u16) -> String {
        format!("postgres://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}")
    }
}

/// Frees the System V segment that guards the data, and removes the file that names it.
pub(super) fn clear_up(data: &Path) -> io::Result<()> {
    let lock = data.join("postmaster.pid");
    if let Some(segment) = fs::read_to_string(&lock).ok().as_deref().and_then(segment) {
        let mut ipcrm = Command::new("ipcrm");
        ipcrm.args(["-m", segment]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // 56 bytes are lost where it fails; a server on the same data takes them over.
        let _ = ipcrm.status();
    }
    remove_if_there(&lock)
}

/// The id of the shared memory that `postmaster.pid` names: its seventh line is a key and an id.
fn segment(lock: &str) -> Option<&str> {
    lock.lines().nth(6)?.split_whitespace().nth(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shared_memory_is_named_in_the_lock_file() {
        let lock = "123\n/data\n1700000000\n5432\n\n127.0.0.1\n  1966084     32768\nready   \n";
        assert_eq!(segment(lock), Some("32768"));
        assert_eq!(segment("123\n/data\n"), None);
    }
}
