//! Where the files of the tests are, and what they are.

use std::error::Error;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adstead_backends::{Backend, S3Bucket, available};
use adstead_domain::port::{FileStore, PortError, Unfinished};
use adstead_infrastructure::storage::{CloudCredentials, CloudStorageConfig, CloudStorageStrategy};
use adstead_testkit::s3::S3Server;
use jiff::Timestamp;

pub(super) const MIB: usize = 1 << 20;

/// The bucket of [`s3s`].
pub(super) const BUCKET: &str = "creatives";

/// The least that a part may have: what is longer is sent in parts.
pub(super) const PART: usize = 5 * MIB;

/// A server with one bucket, which has nothing in it.
pub(super) async fn s3s() -> S3Server {
    let server = S3Server::start().await;
    server.create_bucket(BUCKET);
    server
}

/// What leads to [`s3s`], or to a proxy before it: parts of 5 MiB, 2 at once, and no long waits.
pub(super) fn config(endpoint: &str) -> CloudStorageConfig {
    CloudStorageConfig {
        endpoint: Some(endpoint.parse().expect("a URL")),
        path_style: true,
        credentials: Some(credentials(S3Server::ACCESS_KEY_ID, S3Server::SECRET_ACCESS_KEY)),
        part_bytes: PART as u64,
        concurrency: 2,
        connect_timeout: Duration::from_secs(1),
        attempt_timeout: Duration::from_secs(20),
        operation_timeout: Duration::from_secs(60),
        ..CloudStorageConfig::new(BUCKET, "us-east-1")
    }
}

pub(super) fn credentials(access_key_id: &str, secret: &str) -> CloudCredentials {
    CloudCredentials {
        access_key_id: access_key_id.to_owned(),
        secret_access_key: secret.into(),
        session_token: None,
    }
}

pub(super) async fn connect(config: CloudStorageConfig) -> CloudStorageStrategy {
    CloudStorageStrategy::connect(config).await.expect("settings that hold")
}

/// What leads to moto, or to the server that the environment names: to a place of its own in a bucket. moto looks at a
/// condition and writes in two steps, so that of several requests at once more than one may win, and completes an upload
/// whatever `If-Match` says: it is told to lack conditional writes.
pub(super) async fn moto() -> Option<CloudStorageConfig> {
    static PLACES: AtomicU32 = AtomicU32::new(0);
    let S3Bucket { endpoint, bucket, region, access_key_id, secret_access_key } =
        S3Bucket::of(available(Backend::S3)?).expect("the URL of a bucket");
    let place = format!("run-{}/{}", std::process::id(), PLACES.fetch_add(1, Ordering::Relaxed));
    Some(CloudStorageConfig {
        bucket,
        region,
        credentials: Some(credentials(&access_key_id, &secret_access_key)),
        prefix: Some(super::key(&place)),
        conditional_writes: false,
        ..config(&endpoint)
    })
}

/// What was begun and has not ended, whenever that was.
pub(super) async fn unfinished(store: &dyn FileStore) -> Unfinished {
    store.unfinished(far(), false).await.expect("it can be counted")
}

/// Waits until nothing that was begun is left: who gives up does not wait for what cleans up behind them.
pub(super) async fn assert_nothing_is_begun(store: &dyn FileStore) {
    let gone = async {
        while unfinished(store).await != Unfinished::default() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), gone).await.expect("nothing is left of it");
}

pub(super) fn far() -> Timestamp {
    Timestamp::from_second(4_000_000_000).expect("an instant")
}

/// An error with its causes, as it is told, and that no secret is in it.
pub(super) fn told(error: &PortError) -> String {
    let (mut told, mut cause) = (error.to_string(), error.source());
    while let Some(error) = cause {
        told += &format!(": {error}");
        cause = error.source();
    }
    for secret in [S3Server::SECRET_ACCESS_KEY, "hunter2", "Signature="] {
        assert!(!told.contains(secret) && !format!("{error:?}").contains(secret), "{told} {error:?}");
    }
    told
}
