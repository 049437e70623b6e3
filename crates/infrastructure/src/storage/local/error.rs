use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use adstead_domain::port::{PortError, PortErrorKind};

#[derive(Debug, thiserror::Error)]
pub(super) enum LocalStorageError {
    #[error(
        "the storage folder {} cannot be used: name a folder that the user who runs adstead may write to",
        .root.display()
    )]
    Root { root: PathBuf, source: io::Error },
    #[error("{} is a symbolic link, which the storage never follows: put what it points to in its place", .path.display())]
    SymbolicLink { path: PathBuf },
    #[error("the key holds a file already")]
    Present,
    #[error("the file was replaced or removed since it was seen")]
    Replaced,
    #[error("{0:?} is no cursor of a list of files: ask for the first page again")]
    Cursor(String),
    #[error("cannot {action} {}", .path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

impl LocalStorageError {
    pub(super) fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { action, path, source }
    }

    pub(super) fn into_port(self, operation: &'static str) -> PortError {
        let kind = match &self {
            Self::Root { .. } => PortErrorKind::Unavailable,
            Self::SymbolicLink { .. } => PortErrorKind::Corrupt,
            Self::Present => PortErrorKind::Conflict,
            Self::Replaced => PortErrorKind::Stale,
            Self::Cursor(_) => PortErrorKind::Rejected,
            Self::Io { source, .. } => match source.kind() {
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => PortErrorKind::Full,
                ErrorKind::ReadOnlyFilesystem => PortErrorKind::Unavailable,
                ErrorKind::NotADirectory | ErrorKind::IsADirectory | ErrorKind::AlreadyExists => {
                    PortErrorKind::Conflict
                }
                _ => PortErrorKind::Unexpected,
            },
        };
        PortError::new(kind, operation).with_source(self)
    }
}

/// Whether a path could not be opened since it, or a folder on the way, does not exist.
pub(super) fn holds_nothing(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_no_fault_of_the_file() {
        let full = LocalStorageError::at("write", Path::new("/data/x"))(ErrorKind::StorageFull.into());
        assert_eq!(full.into_port("files.put").kind, PortErrorKind::Full);
    }
}
