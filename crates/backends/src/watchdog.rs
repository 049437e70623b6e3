//! What ends a server whose owner died.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::Backend;

/// Waits until nobody holds the other end of its standard input; the system sees to that when the owner dies, however
/// it dies. Then it ends what the file `pid` names, and removes the folder. It is a shell, since it must be another
/// process, and any machine has one.
///
/// PostgreSQL ends its own children, at the latest after 5 s, and is killed where it takes twice as long. Who has ended
/// may stay a zombie for long: its new parent may not care.
const SCRIPT: &str = r#"
trap '' HUP INT TERM
read -r word
[ "$word" = keep ] && exit
folder=$1
runs() {
    read -r id name state rest <"/proc/$pid/stat" && [ "$state" != Z ]
}
turn=0
if read -r pid <"$folder/pid"; then
    kill -s CONT "$pid"
    kill -s "$2" "$pid"
    while runs && [ $turn -lt 200 ]; do
        sleep 0.05
        turn=$((turn + 1))
    done
    kill -s KILL -- "-$pid"
fi
turn=0
while rm -rf "$folder"; [ -e "$folder" ] && [ $turn -lt 50 ]; do
    sleep 0.1
    turn=$((turn + 1))
done
"#;

/// A process that ends a server and removes its folder, as soon as this value or this process is gone.
pub(crate) struct Watchdog(Child);

impl Watchdog {
    /// Watches over the server in `folder`.
    pub(crate) fn guard(folder: &Path, backend: Backend) -> io::Result<Self> {
        let mut shell = Command::new("sh");
        shell.args(["-c", SCRIPT, "watchdog"]).arg(folder).arg(backend.abandon_signal().name());
        // In a group of its own, so that Ctrl-C in a terminal does not reach it.
        shell.current_dir("/").process_group(0);
        shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Self)
    }

    /// Lets the server live on without its owner.
    pub(crate) fn dismiss(&mut self) -> io::Result<()> {
        if let Some(stdin) = &mut self.0.stdin {
            stdin.write_all(b"keep\n")?;
        }
        self.0.wait().map(drop)
    }

    /// Has the server ended and its folder removed; to be waited for.
    pub(crate) fn bite(&mut self) {
        self.0.stdin = None;
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        self.bite();
        // Nothing is left to do where waiting fails.
        let _ = self.0.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_its_watchdog_unless_that_was_dismissed() {
        let folder = tempfile::tempdir().unwrap().keep();
        Watchdog::guard(&folder, Backend::Redis).unwrap().dismiss().unwrap();
        assert!(folder.exists());
        drop(Watchdog::guard(&folder, Backend::Redis).unwrap());
        assert!(!folder.exists());
    }
}
