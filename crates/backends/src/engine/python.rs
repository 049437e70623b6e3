//! Servers that are programs of Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Backend, StartError, program};

/// The Python that has the server whose script is called `script`.
pub(super) fn of(backend: Backend, script: &'static str) -> Result<PathBuf, StartError> {
    let script = program::find(backend, script)?;
    Ok(interpreter(&fs::read_to_string(&script).unwrap_or_default())
        .unwrap_or_else(|| script.with_file_name("python3")))
}

/// The Python that runs a script, where the script says so itself; else it is beside it.
fn interpreter(script: &str) -> Option<PathBuf> {
    let program = script.lines().next()?.strip_prefix("#!")?.trim();
    (program.starts_with('/') && program.contains("/python") && !program.contains(' '))
        .then(|| program.into())
}

/// The version of a package, which its server does not tell, or not soon.
pub(super) fn version(backend: Backend, python: &Path, package: &str) -> Result<String, StartError> {
    let ask = format!("import importlib.metadata as it; print(it.version('{package}'))");
    let told = Command::new(python).args(["-c", &ask]).stdin(Stdio::null()).output();
    let told = told.map_err(|source| StartError::System {
        backend,
        what: format!("ask {} for the version of {package}", python.display()),
        source,
    })?;
    Ok(program::version_in(&String::from_utf8_lossy(&told.stdout)).unwrap_or(program::UNKNOWN).to_owned())
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
