//! The processes of the system, as `/proc` tells them.

use std::fs;
use std::io;
use std::process::{Command, Stdio};

/// A process, told from any later one that is given the same id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Process {
    /// Its id, while it lives.
    pub id: u32,
    /// When it was started, in clock ticks since the system was.
    pub started: u64,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Signal {
    Continue,
    Interrupt,
    Kill,
    Quit,
    Stop,
    Terminate,
}

impl Process {
    /// The process with this id, where it lives.
    pub(crate) fn of(id: u32) -> Option<Self> {
        Status::of(id).map(|status| status.process)
    }

    /// Whether it lives. One that has ended and that nobody has waited for does not.
    pub fn is_alive(self) -> bool {
        Self::of(self.id) == Some(self)
    }

    /// Whether it lives and is not held by [`Signal::Stop`].
    pub(crate) fn is_running(self) -> bool {
        Status::of(self.id).is_some_and(|it| it.process == self && !it.is_held)
    }

    /// The processes that it started and that live.
    ///
    /// # Errors
    /// The system has no `/proc`.
    pub(crate) fn children(self) -> io::Result<Vec<Self>> {
        let mut children = Vec::new();
        for entry in fs::read_dir("/proc")? {
            let id = entry?.file_name().to_str().and_then(|name| name.parse().ok());
            children.extend(id.and_then(Status::of).filter(|it| it.parent == self.id).map(|it| it.process));
        }
        Ok(children)
    }

    /// Sends `signal` to all of `processes`; one that has ended by then is no failure.
    pub(crate) fn signal_all(processes: &[Self], signal: Signal) -> io::Result<()> {
        let ids = processes.iter().filter(|it| it.is_alive()).map(|it| it.id.to_string());
        // The shell's own `kill`: bare systems have no program of that name.
        let script = "for id; do kill -s \"$0\" \"$id\"; done";
        let mut kill = Command::new("sh");
        kill.args(["-c", script, signal.name()]).args(ids).env("LC_ALL", "C").stdin(Stdio::null());
        let told = String::from_utf8_lossy(&kill.output()?.stderr).into_owned();
        match told.lines().find(|line| !line.contains("No such process")) {
            None => Ok(()),
            Some(line) => Err(io::Error::other(line.to_owned())),
        }
    }
}

impl Signal {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Continue => "CONT",
            Self::Interrupt => "INT",
            Self::Kill => "KILL",
            Self::Quit => "QUIT",
            Self::Stop => "STOP",
            Self::Terminate => "TERM",
        }
    }
}

/// What proc_pid_stat(5) says of a process that lives.
#[derive(Debug, PartialEq)]
struct Status {
    process: Process,
    parent: u32,
    is_held: bool,
}

impl Status {
    fn of(id: u32) -> Option<Self> {
        Self::parse(id, &fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
    }

    /// Parses `id (name) state parent …`, where the name may hold anything. The 22nd field is the start.
    fn parse(id: u32, line: &str) -> Option<Self> {
        let (_, fields) = line.rsplit_once(')')?;
        let mut fields = fields.split_whitespace();
        let (state, parent) = (fields.next()?, fields.next()?.parse().ok()?);
        let started = fields.nth(17)?.parse().ok()?;
        // Z has ended and was not waited for, X is about to go.
        let is_gone = matches!(state, "Z" | "X");
        (!is_gone).then_some(Self { process: Process { id, started }, parent, is_held: state == "T" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_told_by_its_id_and_its_start() {
        let line = "7 (a) b) S 3 7 7 0 -1 4194560 1 2 0 0 5 6 0 0 20 0 1 0 1234 99 1 18446744073709551615";
        let process = Process { id: 7, started: 1234 };
        assert_eq!(Status::parse(7, line), Some(Status { process, parent: 3, is_held: false }));
        assert_eq!(Status::parse(7, &line.replace(" S ", " Z ")), None);
    }

    #[test]
    fn children_live_until_they_are_killed() {
        let this = Process::of(std::process::id()).unwrap();
        let mut child =
            Command::new("sh").args(["-c", "read -r word"]).stdin(Stdio::piped()).spawn().unwrap();
        let process = Process::of(child.id()).unwrap();
        assert!(this.children().unwrap().contains(&process));
        assert!(!Process { started: process.started + 1, ..process }.is_alive());
        Process::signal_all(&[process], Signal::Kill).unwrap();
        child.wait().unwrap();
        assert!(!process.is_alive());
        Process::signal_all(&[process], Signal::Kill).expect("nothing to do");
    }
}
