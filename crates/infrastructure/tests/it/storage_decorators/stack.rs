use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{Clock, FileStore, PortErrorKind, PutOptions};
use adstead_infrastructure::storage::{
    BackupStorage, CachedStorage, Compressed, CompressedStorage, CompressionOptions, EncryptedStorage,
    FileCacheOptions, MirrorStorage,
};
use adstead_testkit::TestClock;
use adstead_testkit::contract::files::in_pieces;
use adstead_testkit::contract::{files, run_all};
use bytes::Bytes;
use tempfile::TempDir;

use super::{encrypted, entropy, faulty, key, keys, local, read, temp};

async fn cached(roots: &TempDir, inner: Arc<dyn FileStore>) -> CachedStorage {
    let options = FileCacheOptions {
        folder: tempfile::tempdir_in(roots).expect("a temporary folder").keep(),
        max_bytes: 10 << 20,
        max_file_bytes: 1 << 20,
        trust_for: Duration::from_secs(60),
    };
    let clock: Arc<dyn Clock> = Arc::<TestClock>::default();
    CachedStorage::open(inner, options, clock).await.expect("a folder that can be written to")
}

async fn compressed_over_encrypted_over_mirror_over_cache(roots: &TempDir) -> CompressedStorage {
    let cache = cached(roots, local(roots).await).await;
    let mirror = MirrorStorage::new(Arc::new(cache), local(roots).await);
    let encrypted = EncryptedStorage::new(Arc::new(mirror), keys(&["b", "a"]), entropy());
    CompressedStorage::new(Arc::new(encrypted), CompressionOptions { level: 1, which: Compressed::Untyped })
}

#[tokio::test]
async fn a_stack_of_all_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(compressed_over_encrypted_over_mirror_over_cache(&roots).await) as _;
    run_all("CompressedStorage over all others", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn a_cache_over_a_backup_keeps_the_contract() {
    let roots = temp();
    let make = async || {
        let (primary, backup) = (encrypted(&local(&roots).await, &["a"]), local(&roots).await);
        let backup = BackupStorage::new(Arc::new(primary), backup);
        Arc::new(cached(&roots, Arc::new(backup)).await) as _
    };
    run_all("CachedStorage over a backup", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn a_damaged_side_of_a_mirror_of_encrypted_stores_is_survived() {
    let roots = temp();
    let (one, other) = (faulty(&roots).await, local(&roots).await);
    let sides = (encrypted(&one, &["a"]), encrypted(&other, &["b"]));
    let mirror = MirrorStorage::new(Arc::new(sides.0), Arc::new(sides.1));
    let file = Bytes::from(super::random(100_000));
    mirror.put(&key("f"), in_pieces(&file, 9_000), &PutOptions::default()).await.expect("a file");
    let mut at_rest = read(&*one, "f").await.expect("it is there").to_vec();
    at_rest[5_000] ^= 1;
    one.put(&key("f"), in_pieces(&at_rest.into(), 9_000), &PutOptions::default())
        .await
        .expect("a damaged file");
    assert_eq!(read(&mirror, "f").await, Some(file.clone()));
    one.fail("get", PortErrorKind::Timeout);
    assert_eq!(read(&mirror, "f").await, Some(file));
    assert_eq!(mirror.fallbacks(), 2);
}
