//! Files that go from one store to another.

use adstead_domain::port::{FileInfo, FileKey, FileStore, PortError, Precondition, PutOptions, StoredFile};

/// Stores what `source` holds under `from` in `target` under `to`; nothing where it holds nothing.
pub(super) async fn carried(
    (source, from): (&dyn FileStore, &FileKey),
    (target, to): (&dyn FileStore, &FileKey),
    condition: Precondition,
) -> Result<Option<StoredFile>, PortError> {
    let Some(found) = source.get(from, None).await? else { return Ok(None) };
    target.put(to, found.bytes, &options_of(found.info, condition)).await.map(Some)
}

/// How a file is to be stored so that the same is known of it.
pub(super) fn options_of(info: FileInfo, condition: Precondition) -> PutOptions {
    let FileInfo { size_bytes, tag: _, modified_at: _, content_type, metadata } = info;
    PutOptions { size_bytes: Some(size_bytes), content_type, metadata, condition }
}
