use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use adstead_domain::port::{PortError, PortErrorKind};
use tokio::task::spawn_blocking;

use super::segment::Segment;
use super::sink::TELL;
use super::track::Track;

/// Appends events to a file, one in Segment's shape a line. It is opened anew each time, so that it can be moved away.
pub(super) async fn append(path: &Path, tracks: &[Track]) -> Result<(), PortError> {
    let mut lines = String::new();
    for track in tracks {
        lines.push_str(&Segment::message(track).to_string());
        lines.push('\n');
    }
    let file = path.to_owned();
    let written = spawn_blocking(move || write(&file, lines.as_bytes())).await;
    let written = written.unwrap_or_else(|broken| Err(io::Error::other(broken)));
    written.map_err(|error| {
        let kind = match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => PortErrorKind::Full,
            _ => PortErrorKind::Unexpected,
        };
        PortError::new(kind, TELL).with_source(error)
    })
}

/// All of it or, as far as the system keeps its word, nothing: one write, and then to the disk. Half a line, as a full disk
/// leaves it, is taken back, lest the next one go on from it.
fn write(path: &PathBuf, lines: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(path)?;
    let before = file.metadata()?;
    let written = file.write_all(lines).and_then(|()| file.sync_data());
    // What is no file on a disk, such as a pipe, has no length to go back to.
    if written.is_err() && before.is_file() {
        let _ = file.set_len(before.len());
    }
    written
}
