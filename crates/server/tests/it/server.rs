//! A running `adstead serve`, and commands beside it.

use std::fs::{self, OpenOptions};
use std::io::{BufRead, BufReader, ErrorKind};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long anything may take before a test gives up on it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// `adstead` in a working folder of its own, on a port that the system chooses.
pub(crate) fn adstead(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_adstead"));
    command.args(arguments).current_dir(folder).env("ADSTEAD__API__BIND", "127.0.0.1:0");
    command
}

/// What a command printed, once it has succeeded.
pub(crate) fn stdout(folder: &Path, arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = adstead(folder, arguments).output().unwrap();
    assert!(status.success(), "{arguments:?} failed: {}", String::from_utf8_lossy(&stderr));
    String::from_utf8(stdout).unwrap()
}

/// The JSON object that a command printed.
pub(crate) fn json(folder: &Path, arguments: &[&str]) -> Value {
    serde_json::from_str(&stdout(folder, arguments)).unwrap()
}

/// The exit code and the words of a command that must fail.
pub(crate) fn failure(command: &mut Command) -> (i32, String) {
    // A program that was just copied is busy while a process of another test begins, which has all files that are open here.
    let Output { status, stderr, .. } = eventually("the program may be run", || match command.output() {
        Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => None,
        outcome => Some(outcome.unwrap()),
    });
    let words = String::from_utf8(stderr).unwrap();
    assert!(!status.success(), "the command succeeded: {words}");
    (status.code().unwrap(), words)
}

/// A server that is killed when the test is over.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: SocketAddr,
    pub(crate) stdout: mpsc::Receiver<String>,
}

impl Server {
    /// Starts in `folder`, and waits for the address.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::spawn(&mut adstead(folder, &["serve"]))
    }

    /// Starts what `command` says; its log goes to `log` in its working folder.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let log = command.get_current_dir().unwrap().join("log");
        let stderr = OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let mut child = command.stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let (told, stdout) = mpsc::channel();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| told.send(line)));
        let Ok(first) = stdout.recv_timeout(PATIENCE) else {
            panic!("the server did not start: {}", fs::read_to_string(log).unwrap());
        };
        let address = first.strip_prefix("Adstead listens on http://").unwrap().parse().unwrap();
        Self { child, address, stdout }
    }

    /// The key that a first start prints.
    pub(crate) fn first_key(&self) -> String {
        loop {
            let line = self.stdout.recv_timeout(PATIENCE).expect("a first start prints a key");
            if let Some(key) = line.trim().strip_prefix("adstead_") {
                return format!("adstead_{key}");
            }
        }
    }

    /// What was printed besides, until the server ended.
    pub(crate) fn printed(&self) -> Vec<String> {
        self.stdout.iter().collect()
    }

    pub(crate) fn terminate(&self) {
        let killed = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        assert!(killed.unwrap().success());
    }

    /// Kills the server as a power cut would, as far as a process can tell.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Waits for the server to end by itself.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        eventually("the server ends", || self.child.try_wait().unwrap())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // A server that has ended already cannot be killed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks again and again until there is an answer.
pub(crate) fn eventually<T>(what: &str, ask: impl FnMut() -> Option<T>) -> T {
    eventually_within(PATIENCE, what, ask)
}

/// As [`eventually`], with another patience.
pub(crate) fn eventually_within<T>(patience: Duration, what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(start.elapsed() < patience, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
