//! A small disk that can be full.

use std::fs::{self, File};
use std::io::{self, Write, stderr};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_backends::{REQUIRE_VARIABLE, required};
use tempfile::TempDir;

/// A file system of a few MiB in memory, with a file of which somebody could do without. It goes with the value.
pub(crate) struct Disk {
    folder: TempDir,
    kind: Kind,
}

enum Kind {
    /// A tmpfs of our own.
    Mounted { sudo: bool },
    /// What containers have that may not mount anything, filled but for a few MiB; one test at a time.
    Shared { _alone: MutexGuard<'static, ()> },
}

/// The file system in memory that each container has, of 64 MiB as a rule.
const SHARED: &str = "/dev/shm";

/// How large it may be, in MiB: a larger one is not ours to fill.
const SHARED_AT_MOST: usize = 256;

impl Disk {
    /// A disk with so many MiB of room and as much in ballast, which belongs to whoever `owner` belongs to; none where
    /// this machine lets nobody have one, which is told loudly. A test returns then.
    pub(crate) fn with_room(mib: usize, owner: &Path) -> Option<Self> {
        let disk = Self::mounted(mib, owner).or_else(|| Self::shared(mib, owner));
        if disk.is_none() {
            let told = format!(
                "a full disk cannot be had: nobody here may mount a tmpfs, and {SHARED} has more than \
                 {SHARED_AT_MOST} MiB or less than {} to spare; run as root with CAP_SYS_ADMIN",
                2 * mib
            );
            assert!(!required(), "{REQUIRE_VARIABLE}=1, and {told}");
            // Past the test harness, which keeps to itself what passing tests print.
            let _ = writeln!(stderr(), "SKIPPED: {told}");
        }
        disk
    }

    fn mounted(mib: usize, owner: &Path) -> Option<Self> {
        let owner = fs::metadata(owner).unwrap();
        let options = format!("size={}m,mode=0700,uid={},gid={}", 2 * mib, owner.uid(), owner.gid());
        let folder = tempfile::tempdir().unwrap();
        let mount = |sudo: &bool| {
            let mut mount = as_root(*sudo, "mount");
            mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(folder.path());
            mount.status().is_ok_and(|status| status.success())
        };
        let sudo = [false, true].into_iter().find(mount)?;
        let disk = Self { folder, kind: Kind::Mounted { sudo } };
        disk.load(mib).unwrap();
        Some(disk)
    }

    fn shared(mib: usize, owner: &Path) -> Option<Self> {
        static ALONE: Mutex<()> = Mutex::new(());
        let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
        let [size, room] = size_and_room(SHARED)?;
        if size > SHARED_AT_MOST || room < 2 * mib {
            return None;
        }
        let folder = tempfile::tempdir_in(SHARED).ok()?;
        let owner = fs::metadata(owner).unwrap();
        chown(folder.path(), Some(owner.uid()), Some(owner.gid())).ok()?;
        fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o700)).ok()?;
        let disk = Self { folder, kind: Kind::Shared { _alone: alone } };
        disk.load(room - mib).ok()?;
        Some(disk)
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Makes room.
    pub(crate) fn free(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn load(&self, mib: usize) -> io::Result<()> {
        File::create(self.ballast())?.write_all(&vec![7; mib << 20])
    }

    fn ballast(&self) -> PathBuf {
        self.folder.path().join("ballast")
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        match self.kind {
            // Whoever still uses it keeps it until then.
            Kind::Mounted { sudo } => {
                let _ = as_root(sudo, "umount").arg("--lazy").arg(self.folder.path()).status();
            }
            Kind::Shared { .. } => {}
        }
    }
}

fn as_root(sudo: bool, program: &str) -> Command {
    let mut command = Command::new(if sudo { "sudo" } else { program });
    if sudo {
        command.args(["-n", program]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// How large the file system of `folder` is, and how much may be written to it, in MiB.
fn size_and_room(folder: &str) -> Option<[usize; 2]> {
    let output = Command::new("df").args(["-Pk", folder]).env("LC_ALL", "C").output().ok()?;
    let told = String::from_utf8(output.stdout).ok()?;
    let words: Vec<_> = told.lines().nth(1)?.split_whitespace().collect();
    let mib = |kib: &str| kib.parse::<usize>().ok().map(|kib| kib / 1024);
    Some([mib(words.get(1)?)?, mib(words.get(3)?)?])
}
