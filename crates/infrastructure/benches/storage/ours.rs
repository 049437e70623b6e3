//! Our strategy on the server.

use adstead_domain::port::{FileKey, FileStore, PutOptions};
use adstead_infrastructure::storage::{CloudCredentials, CloudStorageConfig, CloudStorageStrategy};
use adstead_testkit::s3::S3Server;
use futures::TryStreamExt;

use crate::server::BUCKET;
use crate::source::{MIB, file};

pub(crate) const PART_BYTES: u64 = 8 * MIB;
pub(crate) const CONCURRENCY: usize = 4;

pub(crate) const REGION: &str = "us-east-1";

pub(crate) async fn connect(endpoint: &str) -> CloudStorageStrategy {
    let config = CloudStorageConfig {
        endpoint: Some(endpoint.parse().expect("a URL")),
        path_style: true,
        credentials: Some(CloudCredentials {
            access_key_id: S3Server::ACCESS_KEY_ID.to_owned(),
            secret_access_key: S3Server::SECRET_ACCESS_KEY.into(),
            session_token: None,
        }),
        part_bytes: PART_BYTES,
        concurrency: CONCURRENCY,
        ..CloudStorageConfig::new(BUCKET, REGION)
    };
    CloudStorageStrategy::connect(config).await.expect("settings that hold")
}

pub(crate) async fn put(store: &dyn FileStore, key: &FileKey, bytes: u64) {
    let stored = store.put(key, file(bytes), &PutOptions::default()).await.expect("a file that is stored");
    assert_eq!(stored.size_bytes, bytes);
}

pub(crate) async fn get(store: &dyn FileStore, key: &FileKey) -> u64 {
    let found = store.get(key, None).await.expect("a file that can be read").expect("it is there");
    let lengths = found.bytes.try_fold(0, |sum, piece| async move { Ok(sum + piece.len() as u64) });
    lengths.await.expect("a file that can be read to its end")
}
