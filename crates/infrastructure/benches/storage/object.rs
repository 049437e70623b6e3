//! The crate `object_store` on the server.

use adstead_testkit::s3::S3Server;
use futures::{StreamExt, TryStreamExt};
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::path::Path;
use object_store::{ObjectStoreExt, WriteMultipart};

use crate::ours::{CONCURRENCY, PART_BYTES, REGION};
use crate::server::BUCKET;
use crate::source::file;

pub(crate) fn connect(endpoint: &str) -> AmazonS3 {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_bucket_name(BUCKET)
        .with_region(REGION)
        .with_access_key_id(S3Server::ACCESS_KEY_ID)
        .with_secret_access_key(S3Server::SECRET_ACCESS_KEY)
        .with_unsigned_payload(true)
        .build()
        .expect("settings that hold")
}

pub(crate) async fn put(store: &AmazonS3, key: &str, bytes: u64) {
    let upload = store.put_multipart(&Path::from(key)).await.expect("an upload");
    let mut writer = WriteMultipart::new_with_chunk_size(upload, PART_BYTES as usize);
    let mut file = file(bytes);
    while let Some(piece) = file.next().await {
        writer.wait_for_capacity(CONCURRENCY).await.expect("parts that are sent");
        writer.put(piece.expect("a file that arrives"));
    }
    writer.finish().await.expect("a whole file");
}

pub(crate) async fn get(store: &AmazonS3, key: &str) -> u64 {
    let found = store.get(&Path::from(key)).await.expect("a file that is there");
    let lengths = found.into_stream().try_fold(0, |sum, piece| async move { Ok(sum + piece.len() as u64) });
    lengths.await.expect("a file that can be read to its end")
}
