//! A small disk that can be full.

use std::fs::{self, File};
use std::io::{Write, stderr};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use adstead_backends::{REQUIRE_VARIABLE, required};
use tempfile::TempDir;

/// A file system of a few MiB in memory, with a file of which somebody could do without. It goes with the value.
pub(super) struct Disk {
    folder: TempDir,
    sudo: bool,
}

impl Disk {
    /// A disk of so many MiB that belongs to whoever `owner` belongs to; none where this machine lets nobody mount one,
    /// which is told loudly. A test returns then.
    pub(super) fn of_mib(size: usize, ballast: usize, owner: &Path) -> Option<Self> {
        let owner = fs::metadata(owner).unwrap();
        let options = format!("size={size}m,mode=0700,uid={},gid={}", owner.uid(), owner.gid());
        let folder = tempfile::tempdir().unwrap();
        let mount = |sudo| {
            let mut mount = as_root(sudo, "mount");
            mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path());
            mount.status().is_ok_and(|status| status.success())
        };
        let Some(sudo) = [false, true].into_iter().find(|sudo| mount(*sudo)) else {
            let told = "a full disk cannot be had: nobody here may mount a tmpfs; run as root, in a container with \
                        CAP_SYS_ADMIN";
            assert!(!required(), "{REQUIRE_VARIABLE}=1, and {told}");
            // Past the test harness, which keeps to itself what passing tests print.
            let _ = writeln!(stderr(), "SKIPPED: {told}");
            return None;
        };
        let disk = Self { folder, sudo };
        let ballast_file = File::create(disk.ballast()).unwrap();
        (&ballast_file).write_all(&vec![7; ballast << 20]).unwrap();
        Some(disk)
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes room.
    pub(super) fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Whoever still uses it keeps it until then.
        let _ = as_root(self.sudo, "umount").arg("--lazy").arg(self.folder.path()).status();
    }
}

fn as_root(sudo: bool, program: &str) -> Command {
    let mut command = if sudo { Command::new("sudo") } else { Command::new(program) };
    if sudo {
        command.args(["-n", program]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}
