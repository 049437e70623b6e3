use adstead_domain::{ContentType, port};
use serde::Serialize;
use utoipa::ToSchema;

use super::super::words;
use super::times::Times;

/// The file storage.
#[derive(Serialize, ToSchema)]
pub(crate) struct Storage {
    /// What it was asked for.
    operations: Vec<StorageOperation>,
    bytes_in: u64,
    bytes_out: u64,
    /// Reads that the second place answered, as the first had none or failed.
    fallbacks: u64,
    /// The copies on this node's disk; `null` where none are kept.
    #[schema(required)]
    cache: Option<FileCache>,
    /// The assets of all accounts by their types, as this node counted them within the last minutes.
    assets: Vec<AssetTotal>,
}

/// Copies of files on the disk of a node.
#[derive(Serialize, ToSchema)]
pub(crate) struct FileCache {
    hits: u64,
    misses: u64,
    bytes: u64,
    files: u64,
    /// Copies that had to make room.
    evictions: u64,
    /// Answers that were given although the store could not be asked.
    served_unchecked: u64,
    /// Files of which no copy could be kept, since the disk failed or is full.
    unkept: u64,
}

/// The assets of one type.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssetTotal {
    #[schema(value_type = words::ContentType)]
    content_type: ContentType,
    files: u64,
    bytes: u64,
}

/// One operation of the file storage.
#[derive(Serialize, ToSchema)]
pub(crate) struct StorageOperation {
    #[schema(example = "put")]
    name: String,
    /// How often it failed, faults of the caller aside.
    errors: u64,
    /// How long it took: that of a `put` holds waiting for its sender.
    times: Times,
}

impl From<port::StorageStatistics> for Storage {
    fn from(storage: port::StorageStatistics) -> Self {
        let port::StorageStatistics { operations, bytes_in, bytes_out, fallbacks, cache, assets } = storage;
        let total =
            |port::AssetTotal { content_type, files, bytes }| AssetTotal { content_type, files, bytes };
        Self {
            operations: operations.into_iter().map(StorageOperation::from).collect(),
            bytes_in,
            bytes_out,
            fallbacks,
            cache: cache.map(FileCache::from),
            assets: assets.into_iter().map(total).collect(),
        }
    }
}

impl From<port::StorageOperation> for StorageOperation {
    fn from(operation: port::StorageOperation) -> Self {
        let port::StorageOperation { name, times, errors } = operation;
        Self { name: name.to_owned(), errors, times: (&times).into() }
    }
}

impl From<port::FileCacheStatistics> for FileCache {
    fn from(cache: port::FileCacheStatistics) -> Self {
        let port::FileCacheStatistics { hits, misses, bytes, files, evictions, served_unchecked, unkept } =
            cache;
        Self { hits, misses, bytes, files, evictions, served_unchecked, unkept }
    }
}
