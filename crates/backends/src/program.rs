//! Where the machine keeps the programs of servers.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::{Backend, StartError};

/// Where Debian keeps programs that are not in everybody's PATH.
const FOLDERS: &[&str] = &["/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin", "/usr/libexec"];

/// Where Debian keeps each version of PostgreSQL.
const POSTGRES: &str = "/usr/lib/postgresql";

/// What is installed by Python: the variable that names the folder of its programs, where it is none of those that are looked
/// at, and where `.ci/run` installs it, in the folder of caches.
const BY_PYTHON: [(&str, &str); 2] =
    [("ADSTEAD_MOTO", "adstead/moto/bin"), ("ADSTEAD_LITELLM", "adstead/litellm/bin")];

/// Stands for a version that nobody can read.
pub(crate) const UNKNOWN: &str = "of unknown version";

/// The program `name` of `backend`: the one in PATH, or else the newest where Debian or `.ci/run` keep them.
pub(crate) fn find(backend: Backend, name: &'static str) -> Result<PathBuf, StartError> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(FOLDERS.iter().map(PathBuf::from));
    let versions = versions(Path::new(POSTGRES)).into_iter().map(|version| version.join("bin"));
    let named = BY_PYTHON.iter().filter_map(|(variable, _)| set(variable));
    let cached = caches().into_iter();
    let cached = cached.flat_map(|caches| BY_PYTHON.map(|(_, folder)| caches.join(folder)));
    find_in(named.chain(folders).chain(versions).chain(cached), name)
        .ok_or(StartError::Missing { backend, program: name })
}

/// The folder that a variable names.
fn set(variable: &str) -> Option<PathBuf> {
    env::var_os(variable).filter(|value| !value.is_empty()).map(PathBuf::from)
}

fn caches() -> Option<PathBuf> {
    set("XDG_CACHE_HOME").or_else(|| set("HOME").map(|home| home.join(".cache")))
}

/// The program `name` in the first of `folders` that has it.
pub(crate) fn find_in(folders: impl Iterator<Item = PathBuf>, name: &str) -> Option<PathBuf> {
    let is_program = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0)
    };
    folders.map(|folder| folder.join(name)).find(is_program)
}

/// The folders in `folder` whose names are numbers, the largest first.
fn versions(folder: &Path) -> Vec<PathBuf> {
    let number = |path: &PathBuf| path.file_name().and_then(OsStr::to_str)?.parse::<u32>().ok();
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut versions: Vec<_> = entries.filter(|path| number(path).is_some()).collect();
    versions.sort_by_key(|path| std::cmp::Reverse(number(path)));
    versions
}

/// What `program --version` says, such as `15.18`.
pub(crate) fn version(backend: Backend, program: &Path) -> Result<String, StartError> {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output().map_err(|source| {
        StartError::System { backend, what: format!("ask {} for its version", program.display()), source }
    })?;
    let told = String::from_utf8_lossy(&output.stdout);
    // A server whose version nobody can read may run all the same.
    Ok(version_in(&told).unwrap_or(UNKNOWN).to_owned())
}

/// The first word that begins with a number, up to what a distribution appended.
pub(crate) fn version_in(told: &str) -> Option<&str> {
    let words = told.split_whitespace().map(|word| word.trim_start_matches("v="));
    let is_version = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    words.filter(is_version).find_map(|word| word.split(['-', '+']).next())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_version_is_looked_at_first_and_what_cannot_be_run_is_no_program() {
        let folder = tempfile::tempdir().unwrap();
        for version in ["9", "17", "13", "common"] {
            fs::create_dir(folder.path().join(version)).unwrap();
            fs::write(folder.path().join(version).join("postgres"), "").unwrap();
        }
        let names = versions(folder.path()).into_iter().map(|it| it.file_name().unwrap().to_owned());
        assert_eq!(names.collect::<Vec<_>>(), ["17", "13", "9"]);

        let find = || find_in(versions(folder.path()).into_iter(), "postgres");
        assert_eq!(find(), None);
        let program = folder.path().join("13/postgres");
        fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
        assert_eq!(find(), Some(program));
    }

    #[test]
    fn versions_are_read() {
        for (told, version) in [
            ("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", "15.18"),
            (
                "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)",
                "10.11.19",
            ),
            ("Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64", "7.0.15"),
        ] {
            assert_eq!(version_in(told), Some(version));
        }
        assert_eq!(version_in("unknown option"), None);
    }
}
