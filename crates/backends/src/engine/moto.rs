//! S3 as moto plays it: all of the protocol that Adstead speaks, in memory.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Engine, NAME, PASSWORD, arguments};
use crate::folder::Folder;
use crate::{Backend, StartError, program};

pub(crate) struct Moto {
    python: PathBuf,
}

/// Runs its server.
const RUN: &str = include_str!("moto.py");

/// Tells its version, which the server itself does not.
const VERSION: &str = "import importlib.metadata as it; print(it.version('moto'))";

impl Moto {
    pub(crate) fn find() -> Result<Self, StartError> {
        let server = program::find(Backend::S3, "moto_server")?;
        let python = interpreter(&fs::read_to_string(&server).unwrap_or_default())
            .unwrap_or_else(|| server.with_file_name("python3"));
        Ok(Self { python })
    }
}

/// The Python that runs a script, where the script says so itself; else it is beside it.
fn interpreter(script: &str) -> Option<PathBuf> {
    let program = script.lines().next()?.strip_prefix("#!")?.trim();
    (program.starts_with('/') && program.contains("/python") && !program.contains(' '))
        .then(|| program.into())
}

impl Engine for Moto {
    fn program(&self) -> &Path {
        &self.python
    }

    fn version(&self, backend: Backend) -> Result<String, StartError> {
        let told = Command::new(&self.python).args(["-c", VERSION]).stdin(Stdio::null()).output();
        let told = told.map_err(|source| StartError::System {
            backend,
            what: format!("ask {} for the version of moto", self.python.display()),
            source,
        })?;
        Ok(program::version_in(&String::from_utf8_lossy(&told.stdout)).unwrap_or(program::UNKNOWN).to_owned())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_interpreter_of_a_script_is_found() {
        let venv = "#!/srv/moto/bin/python3\n# -*- coding: utf-8 -*-\n";
        assert_eq!(interpreter(venv), Some("/srv/moto/bin/python3".into()));
        for other in ["", "#!/usr/bin/env bash\n", "#!/usr/bin/env python3\n", "\u{7f}ELF"] {
            assert_eq!(interpreter(other), None, "{other:?}");
        }
    }
}
