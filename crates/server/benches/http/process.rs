//! The built binary as a process.

use std::fs;
use std::io::{BufRead, BufReader, Lines};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use crate::load;

/// A running `adstead serve`; dropped, it is stopped.
pub(crate) struct Adstead {
    child: Child,
    pub(crate) address: SocketAddr,
    stdout: std::cell::RefCell<Lines<BufReader<ChildStdout>>>,
}

impl Adstead {
    /// Starts with everything as it is by default, but for the port, and waits for the address.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_on(folder, None)
    }

    /// As [`start`](Self::start), on the database at a URL.
    pub(crate) fn start_on(folder: &Path, database: Option<&str>) -> Self {
        let database = database.map(|url| ("ADSTEAD__DATABASE__URL", url));
        let mut child = Command::new(env!("CARGO_BIN_EXE_adstead"))
            .arg("serve")
            .current_dir(folder)
            .env("ADSTEAD__API__BIND", "127.0.0.1:0")
            .envs(database)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the built binary runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let first = stdout.next().expect("the server tells its address").expect("text");
        let address = first.rsplit("//").next().and_then(|address| address.parse().ok());
        Self { child, address: address.expect("an address"), stdout: stdout.into() }
    }

    /// The key that a first start prints.
    pub(crate) fn first_key(&self) -> String {
        let mut stdout = self.stdout.borrow_mut();
        let lines = stdout.by_ref().map(|line| line.expect("text").trim().to_owned());
        lines.into_iter().find(|line| line.starts_with("adstead_")).expect("a first start prints a key")
    }

    pub(crate) fn wait_until_ready(&self) {
        while load::status(self.address, "/readyz") != Some(200) {
            sleep(Duration::from_millis(1));
        }
    }

    pub(crate) fn resident_mib(&self) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("Linux tells");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("the resident set");
        let kib: f64 = line.trim().trim_end_matches(" kB").parse().expect("a number of KiB");
        kib / 1024.0
    }
}

impl Drop for Adstead {
    fn drop(&mut self) {
        let stopped = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status();
        stopped.expect("a shell");
        self.child.wait().expect("the server ends");
    }
}
