//! Stores that stand before other stores.

mod backup;
mod cached;
mod compressed;
mod encrypted;
mod faulty;
mod mirror;
mod stack;

use std::path::Path;
use std::sync::Arc;

use adstead_domain::port::{Entropy, FileKey, FileMetadata, FileStore, PortError, PutOptions, StoredFile};
use adstead_infrastructure::storage::{
    EncryptedStorage, EncryptionKey, EncryptionKeyId, EncryptionKeys, LocalStorageStrategy,
};
use adstead_infrastructure::system::OsEntropy;
use adstead_testkit::contract::files::in_pieces;
use bytes::Bytes;
use futures::TryStreamExt;
use std::ops::Range;
use tempfile::TempDir;

use faulty::Faulty;

/// A store in a new folder that goes when `roots` go.
async fn local(roots: &TempDir) -> Arc<LocalStorageStrategy> {
    Arc::new(local_at(&tempfile::tempdir_in(roots).expect("a temporary folder").keep()).await)
}

async fn local_at(root: &Path) -> LocalStorageStrategy {
    LocalStorageStrategy::open(root).await.expect("a folder that can be written to")
}

async fn faulty(roots: &TempDir) -> Arc<Faulty> {
    Arc::new(Faulty::new(local(roots).await))
}

fn temp() -> TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn key(text: &str) -> FileKey {
    text.parse().expect("a valid key")
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(OsEntropy)
}

/// The keys of these names, the first of them active.
fn keys(names: &[&str]) -> EncryptionKeys {
    let id = |name: &str| name.parse::<EncryptionKeyId>().expect("a valid id");
    EncryptionKeys::new(names.first().map(|name| id(name)), names.iter().map(|name| (id(name), secret(name))))
        .expect("valid keys")
}

fn secret(name: &str) -> EncryptionKey {
    EncryptionKey::new(&std::array::from_fn(|at| name.as_bytes()[at % name.len()]))
}

fn encrypted(inner: &Arc<impl FileStore + 'static>, names: &[&str]) -> EncryptedStorage {
    EncryptedStorage::new(Arc::clone(inner) as _, keys(names), entropy())
}

async fn put(store: &dyn FileStore, name: &str, file: &Bytes) -> Result<StoredFile, PortError> {
    store.put(&key(name), in_pieces(file, 7_000), &PutOptions::default()).await
}

/// Options with all that can be told of a file.
fn described() -> PutOptions {
    PutOptions {
        content_type: Some("image/png".parse().expect("a media type")),
        metadata: FileMetadata::try_from(vec![("owner", "0199-7f2c")]).expect("pairs of metadata"),
        ..PutOptions::default()
    }
}

async fn try_read(
    store: &dyn FileStore,
    name: &str,
    range: Option<Range<u64>>,
) -> Result<Option<Bytes>, PortError> {
    let Some(found) = store.get(&key(name), range).await? else { return Ok(None) };
    Ok(Some(found.bytes.try_collect::<Vec<_>>().await?.concat().into()))
}

async fn read(store: &dyn FileStore, name: &str) -> Option<Bytes> {
    try_read(store, name, None).await.expect("a readable file")
}

/// All keys, in order, over pages of `limit` files.
async fn listed(store: &dyn FileStore, limit: u16) -> Vec<String> {
    let (mut keys, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let page = store.list(None, cursor.as_deref(), limit).await.expect("files can be listed");
        assert!(page.files.len() <= usize::from(limit));
        keys.extend(page.files.into_iter().map(|file| file.key.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            keys.sort_unstable();
            return keys;
        }
    }
}

/// Bytes that do not shrink.
fn random(len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    OsEntropy.fill(&mut bytes);
    bytes
}
