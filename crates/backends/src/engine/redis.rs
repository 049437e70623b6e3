//! Redis: `redis-server` alone. A cluster would be several of them, each with its bus at 10,000 above its port.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Engine, arguments};
use crate::folder::Folder;
use crate::{Backend, StartError, program};

pub(super) struct Redis {
    server: PathBuf,
}

impl Redis {
    pub(super) fn find() -> Result<Self, StartError> {
        Ok(Self { server: program::find(Backend::Redis, "redis-server")? })
    }
}

impl Engine for Redis {
    fn program(&self) -> &Path {
        &self.server
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        // In `data`, which the server does not make; whoever owns the folder does.
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let mut words = arguments(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]);
        words.push(folder.join("data").into());
        // It keeps what it was told when it is killed, so that a test sees what is stale after a restart.
        words.extend(arguments(["--save", "", "--appendonly", "yes", "--appendfsync", "no"]));
        words
    }

    fn url(&self, port: u16) -> String {
        format!("redis://127.0.0.1:{port}/0")
    }
}
