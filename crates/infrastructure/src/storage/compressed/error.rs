use adstead_domain::port::{FileKey, PortError, PortErrorKind};

/// Why a compressed file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum CompressionError {
    #[error("the compression header of {0} is damaged: restore the file from a backup")]
    Header(FileKey),
    #[error(
        "{file} is compressed in format {version}, which this version of adstead does not know: use a newer one"
    )]
    Version { file: FileKey, version: u8 },
    #[error("frame {frame} of {file} cannot be decompressed: the file is damaged, restore it from a backup")]
    Frame { file: FileKey, frame: u64 },
    #[error("the index of {0} is damaged: restore the file from a backup")]
    Index(FileKey),
    #[error("{0} ends too early: the file is damaged, restore it from a backup")]
    CutShort(FileKey),
    #[error("{0} is replaced faster than it can be read: try again")]
    Restless(FileKey),
    #[error(
        "a file of {0} bytes and more is too long to be compressed: store it in parts, or under another media type"
    )]
    TooLong(u64),
    #[error("a part of a file cannot be compressed")]
    Compressor(#[source] std::io::Error),
    #[error("the work on a part of a file was lost")]
    Lost(#[source] tokio::task::JoinError),
}

impl CompressionError {
    pub(super) fn into_port(self, operation: &'static str) -> PortError {
        let kind = match &self {
            Self::Header(_)
            | Self::Version { .. }
            | Self::Frame { .. }
            | Self::Index(_)
            | Self::CutShort(_) => PortErrorKind::Corrupt,
            Self::Restless(_) => PortErrorKind::Unavailable,
            Self::TooLong(_) => PortErrorKind::Rejected,
            Self::Compressor(_) | Self::Lost(_) => PortErrorKind::Unexpected,
        };
        PortError::new(kind, operation).with_source(self)
    }
}
