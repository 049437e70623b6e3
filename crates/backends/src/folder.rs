//! The temporary folder that a server lives in.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::account::Account;
use crate::watchdog::Watchdog;
use crate::{Backend, Durability, StartError};

/// A file system in memory, where a table is created ten times as fast as on a busy disk.
const MEMORY: &str = "/dev/shm";

/// How much room there must be for it to be used, in KiB: 4 GiB. Containers often have 64 MiB.
const ROOM: u64 = 4 << 20;

/// How much of a log is told, in bytes.
const TOLD: u64 = 4096;

/// Writes its process id where the watchdog looks for it, and becomes the program. Nothing is between a program that runs
/// and a watchdog that knows of it.
const LAUNCH: &str = r#"echo $$ >"$0/pid" && exec "$@""#;

/// A folder that goes with its watchdog: the server's data in `data`, what its programs say in `log`, the id of the one
/// that runs in `pid`.
pub(crate) struct Folder {
    pub(crate) path: PathBuf,
    backend: Backend,
    account: Option<Account>,
}

impl Folder {
    /// A new folder, and what removes it.
    pub(crate) fn create(backend: Backend, durability: Durability) -> Result<(Self, Watchdog), StartError> {
        let system = |what: &str| {
            let what = what.to_owned();
            move |source| StartError::System { backend, what, source }
        };
        let is_root = Account::is_root().map_err(system("read /proc"))?;
        let account = if is_root && !backend.is_run_by_root() {
            let account = Account::unprivileged().map_err(system("read /etc/passwd"))?;
            Some(account.ok_or(StartError::NoAccount { backend })?)
        } else {
            None
        };
        let prefix = format!("adstead-{}-", backend.key());
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(base(durability));
        let folder = folder.map_err(system("make a temporary folder"))?;
        let watchdog = Watchdog::guard(folder.path(), backend).map_err(system("start `sh`"))?;
        let folder = Self { path: folder.keep(), backend, account };
        folder.give_away(&folder.path).map_err(system("give the temporary folder away"))?;
        Ok((folder, watchdog))
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path.join("data")
    }

    /// Writes a file that the server's programs can read.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, StartError> {
        let path = self.path.join(name);
        fs::write(&path, text)
            .and_then(|()| self.give_away(&path))
            .map_err(|source| self.refused(format!("write {}", path.display()), source))?;
        Ok(path)
    }

    /// `program` with `arguments`, run in this folder, by whom it belongs to, and ended by the watchdog.
    pub(crate) fn launch<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
    ) -> io::Result<Command> {
        let log = OpenOptions::new().create(true).append(true).open(self.log())?;
        let mut command = Command::new("sh");
        command.args(["-c", LAUNCH]).arg(&self.path).arg(program).args(arguments);
        command.current_dir(&self.path).env("LC_ALL", "C").process_group(0);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        Ok(command)
    }

    /// Runs `program` to its end.
    pub(crate) fn run<A: AsRef<OsStr>>(
        &self,
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        input: Option<&Path>,
    ) -> Result<(), StartError> {
        let log_start = self.log_length();
        let outcome = self.launch(program, arguments).and_then(|mut command| {
            if let Some(input) = input {
                command.stdin(File::open(input)?);
            }
            let status = command.status();
            self.forget_pid()?;
            status
        });
        match outcome {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.failed(log_start, format!("`{}` failed ({status})", program.display()))),
            Err(source) => Err(self.refused(format!("run {}", program.display()), source)),
        }
    }

    /// Tells the watchdog that nothing runs.
    pub(crate) fn forget_pid(&self) -> io::Result<()> {
        remove_if_there(&self.path.join("pid"))
    }

    /// How long the log is, in bytes.
    pub(crate) fn log_length(&self) -> u64 {
        fs::metadata(self.log()).map_or(0, |log| log.len())
    }

    /// What the log says from the byte `start` on.
    pub(crate) fn log_since(&self, start: u64) -> String {
        let read = || {
            let mut log = File::open(self.log())?;
            log.seek(SeekFrom::Start(start))?;
            let mut bytes = Vec::new();
            log.read_to_end(&mut bytes)?;
            io::Result::Ok(bytes)
        };
        read().map_or_else(
            |error| format!("(the log cannot be read: {error})"),
            |bytes| String::from_utf8_lossy(&bytes).into_owned(),
        )
    }

    /// The end of the log, from the byte `start` on at most.
    pub(crate) fn log_tail(&self, start: u64) -> String {
        self.log_since(self.log_length().saturating_sub(TOLD).max(start))
    }

    /// That a program failed which logged from the byte `log_start` on.
    pub(crate) fn failed(&self, log_start: u64, what: String) -> StartError {
        StartError::Failed { backend: self.backend, what, log: self.log_tail(log_start) }
    }

    pub(crate) fn refused(&self, what: String, source: io::Error) -> StartError {
        StartError::System { backend: self.backend, what, source }
    }

    fn log(&self) -> PathBuf {
        self.path.join("log")
    }

    fn give_away(&self, path: &Path) -> io::Result<()> {
        self.account.map_or(Ok(()), |Account { user, group }| chown(path, Some(user), Some(group)))
    }
}

/// Where temporary folders are made: where `TMPDIR` says, or else in memory where that will do, or else where the system
/// says.
fn base(durability: Durability) -> PathBuf {
    let will_do = || durability == Durability::Crash && room_in(MEMORY).is_some_and(|room| room >= ROOM);
    if env::var_os("TMPDIR").is_none() && will_do() { MEMORY.into() } else { env::temp_dir() }
}

/// How much may be written to the file system of `folder`, in KiB; none where nobody knows.
fn room_in(folder: &str) -> Option<u64> {
    let mut df = Command::new("df");
    let output = df.args(["-Pk", folder]).env("LC_ALL", "C").stdin(Stdio::null()).output().ok()?;
    room_told(&String::from_utf8_lossy(&output.stdout))
}

/// The fourth word of the second line.
fn room_told(df: &str) -> Option<u64> {
    df.lines().nth(1)?.split_whitespace().nth(3)?.parse().ok()
}

pub(crate) fn remove_if_there(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| match error.kind() {
        io::ErrorKind::NotFound => Ok(()),
        _ => Err(error),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_in_memory_is_read() {
        let told = "Filesystem     1024-blocks  Used Available Capacity Mounted on\n\
                    tmpfs             24683000   100  24682900       1% /dev/shm\n";
        assert_eq!(room_told(told), Some(24_682_900));
        assert_eq!(room_told("df: /dev/shm: No such file or directory\n"), None);
    }
}
