use adstead_domain::port::{FileKey, PortError, PortErrorKind};

use super::keys::EncryptionKeyId;

/// Why an encrypted file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum EncryptionError {
    #[error("the encryption header of {0} is damaged: restore the file from a backup")]
    Header(FileKey),
    #[error(
        "{file} is encrypted in format {version}, which this version of adstead does not know: use a newer one"
    )]
    Version { file: FileKey, version: u8 },
    #[error(
        "{file} is encrypted with the key {:?}, which is not among the known ones: add it to the encryption keys",
        .id.as_str()
    )]
    UnknownKey { file: FileKey, id: EncryptionKeyId },
    #[error(
        "chunk {chunk} of {file} is not what was encrypted: the file is damaged, restore it from a backup"
    )]
    Chunk { file: FileKey, chunk: u64 },
    #[error("{0} ends too early: the file is damaged, restore it from a backup")]
    CutShort(FileKey),
    #[error("{0} is replaced faster than it can be read: try again")]
    Restless(FileKey),
    #[error("a file of {0} chunks is too long to be encrypted: store it in parts")]
    TooLong(u64),
}

impl EncryptionError {
    pub(super) fn into_port(self, operation: &'static str) -> PortError {
        let kind = match &self {
            Self::Header(_) | Self::Version { .. } | Self::Chunk { .. } | Self::CutShort(_) => {
                PortErrorKind::Corrupt
            }
            // The file is well. While keys are rolled out, another node writes under one that this node gets to know.
            Self::UnknownKey { .. } | Self::Restless(_) => PortErrorKind::Unavailable,
            Self::TooLong(_) => PortErrorKind::Rejected,
        };
        PortError::new(kind, operation).with_source(self)
    }
}
