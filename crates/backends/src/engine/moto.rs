//! S3 as moto plays it: all of the protocol that Adstead speaks, in memory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Engine, NAME, PASSWORD, arguments, python};
use crate::folder::Folder;
use crate::{Backend, StartError};

pub(crate) struct Moto {
    python: PathBuf,
}

/// Runs its server.
const RUN: &str = include_str!("moto.py");

impl Moto {
    pub(crate) fn find() -> Result<Self, StartError> {
        Ok(Self { python: python::of(Backend::S3, "moto_server")? })
    }
}

impl Engine for Moto {
    fn program(&self) -> &Path {
        &self.python
    }

    fn version(&self, backend: Backend) -> Result<String, StartError> {
        python::version(backend, &self.python, "moto")
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        // It keeps nothing there: what it holds goes with its process.
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, _: &Path, port: u16) -> Vec<OsString> {
        arguments(["-c", RUN, "-H", "127.0.0.1", "-p", &port.to_string(), NAME])
    }

    fn ready_line(&self) -> &'static str {
        "Running on http://127.0.0.1:"
    }

    fn url(&self, port: u16) -> String {
        format!("http://{NAME}:{PASSWORD}@127.0.0.1:{port}/{NAME}?region=us-east-1")
    }
}
