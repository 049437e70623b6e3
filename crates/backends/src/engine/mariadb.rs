//! MariaDB: `mariadb-install-db`, then `mariadbd`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Engine, NAME, PASSWORD, arguments};
use crate::folder::Folder;
use crate::{Backend, Durability, StartError, program};

pub(crate) struct MariaDb {
    mariadbd: PathBuf,
    install: PathBuf,
    durability: Durability,
}

impl MariaDb {
    pub(crate) fn find(durability: Durability) -> Result<Self, StartError> {
        let mariadbd = program::find(Backend::MariaDb, "mariadbd")?;
        let install = program::find(Backend::MariaDb, "mariadb-install-db")?;
        Ok(Self { mariadbd, install, durability })
    }
}

/// What makes it fast where only a power cut may lose anything. No flush to the disk: what a process wrote outlives it.
const FAST: [&str; 3] =
    ["--innodb-flush-method=nosync", "--innodb-flush-log-at-trx-commit=2", "--debug-no-sync"];

impl Engine for MariaDb {
    fn program(&self) -> &Path {
        &self.mariadbd
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        let mut install = arguments(["--no-defaults", "--skip-test-db", "--skip-name-resolve"]);
        install.extend([option("--datadir=", &folder.data()), option("--tmpdir=", &folder.path)]);
        install.extend(arguments(FAST));
        folder.run(&self.install, install, None)?;

        let statements = format!(
            "CREATE DATABASE IF NOT EXISTS {NAME};\n\
             CREATE USER IF NOT EXISTS {NAME}@'%' IDENTIFIED BY '{PASSWORD}';\n\
             GRANT ALL ON *.* TO {NAME}@'%' WITH GRANT OPTION;\n"
        );
        // The server itself runs them, at each start.
        folder.write("setup.sql", &statements).map(drop)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let mut words = arguments([
            "--no-defaults",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            "--skip-log-bin",
            "--max-connections=300",
            // Its own collation of that is left, which tells no case: the schema must say where case matters.
            "--character-set-server=utf8mb4",
        ]);
        match self.durability {
            Durability::Crash => words.extend(arguments(FAST)),
            Durability::PowerCut => words.push("--innodb-flush-log-at-trx-commit=1".into()),
        }
        words.push(format!("--port={port}").into());
        for (name, file) in [
            ("--datadir=", "data"),
            ("--tmpdir=", ""),
            ("--socket=", "socket"),
            ("--pid-file=", "mariadbd.pid"),
            ("--init-file=", "setup.sql"),
        ] {
            words.push(option(name, &folder.join(file)));
        }
        words
    }

    fn ready_line(&self) -> &'static str {
        "ready for connections"
    }

    fn url(&self, port: u16) -> String {
        format!("mysql://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}")
    }
}

fn option(name: &str, path: &Path) -> OsString {
    let mut option = OsString::from(name);
    option.push(path);
    option
}
