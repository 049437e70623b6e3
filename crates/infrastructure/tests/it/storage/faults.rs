//! A cloud storage behind a network and a server with faults.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use adstead_domain::port::{FileStore, PortError, PortErrorKind, PutOptions, Unfinished};
use adstead_infrastructure::storage::{CloudStorageConfig, CloudStorageStrategy};
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::proxy::{FOR_EVER, Fault, Proxy};
use adstead_testkit::s3::S3Server;
use bytes::Bytes;
use futures::{FutureExt, StreamExt, TryStreamExt};

use super::place::{MIB, PART, assert_nothing_is_begun, config, connect, far, s3s, told, unfinished};
use super::{content, key};

const PUT: &str = "x-id=PutObject";
const UPLOAD_PART: &str = "x-id=UploadPart";
const GET: &str = "x-id=GetObject";

struct Harmed {
    store: CloudStorageStrategy,
    proxy: Proxy,
    server: S3Server,
}

async fn harmed(change: impl FnOnce(&mut CloudStorageConfig)) -> Harmed {
    let server = s3s().await;
    let proxy = Proxy::start(server.endpoint()).await;
    let mut config = config(proxy.endpoint());
    change(&mut config);
    Harmed { store: connect(config).await, proxy, server }
}

async fn put(store: &CloudStorageStrategy, file: &Bytes) -> Result<(), PortError> {
    store.put(&key("hero"), in_pieces(file, MIB), &PutOptions::default()).await.map(drop)
}

impl Harmed {
    async fn put(&self, file: &Bytes) -> Result<(), PortError> {
        put(&self.store, file).await
    }

    async fn read(&self) -> Result<Vec<u8>, PortError> {
        let found = self.store.get(&key("hero"), None).await?.expect("it is there");
        Ok(found.bytes.try_collect::<Vec<_>>().await?.concat())
    }
}

#[tokio::test]
async fn a_part_that_is_cut_or_turned_away_is_sent_again_and_not_the_file() {
    let it = harmed(|config| config.max_attempts = 5).await;
    it.proxy.harm(UPLOAD_PART, 2, Fault::CutRequest(MIB as u64));
    it.proxy.harm(UPLOAD_PART, 2, Fault::Answer(503, "SlowDown"));
    it.proxy.harm(UPLOAD_PART, 1, Fault::Answer(500, "InternalError"));
    let file = noise(3 * PART + 1);
    it.put(&file).await.expect("a file, after a while");
    assert_eq!(it.proxy.count(UPLOAD_PART), 4 + 5);
    assert!(content(&it.store, &key("hero")).await == file);
    assert_eq!(unfinished(&it.store).await, Unfinished::default());
}

#[tokio::test]
async fn a_read_goes_on_from_where_it_was_cut_or_stood_still() {
    let it = harmed(|config| config.stall_timeout = Some(Duration::from_millis(300))).await;
    let file = noise(3 * MIB);
    it.put(&file).await.expect("a file");
    it.proxy.harm(GET, 2, Fault::CutResponse(MIB as u64));
    it.proxy.harm(GET, 1, Fault::StallResponse(MIB as u64 / 2));
    assert!(it.read().await.expect("a whole file") == file);
    assert_eq!(it.proxy.count(GET), 4, "each fault costs one request");
    it.proxy.harm(GET, 1, Fault::CutResponse(MIB as u64));
    let part = it.store.get(&key("hero"), Some(1_000..2_500_000)).await.expect("a range").expect("a file");
    let bytes = part.bytes.try_collect::<Vec<_>>().await.expect("a whole range").concat();
    assert!(bytes == file[1_000..2_500_000]);
}

#[tokio::test]
async fn a_read_of_a_file_that_was_replaced_meanwhile_mixes_nothing() {
    let it = harmed(|_| {}).await;
    it.put(&noise(3 * MIB)).await.expect("a file");
    it.proxy.harm(GET, 1, Fault::CutResponse(MIB as u64));
    let mut found = it.store.get(&key("hero"), None).await.expect("a file").expect("it is there");
    found.bytes.next().await.expect("a piece").expect("a piece");
    it.put(&noise(2 * MIB)).await.expect("another file");
    let error = found.bytes.try_for_each(async |_| Ok(())).await.expect_err("it is another file");
    assert_eq!(error.kind, PortErrorKind::Stale);
}

#[tokio::test]
async fn a_read_that_never_goes_on_ends_within_its_attempts() {
    let it = harmed(|config| config.stall_timeout = Some(Duration::from_millis(200))).await;
    it.put(&noise(MIB)).await.expect("a file");
    // The head of the answer, and not a byte of the file.
    it.proxy.harm(GET, FOR_EVER, Fault::StallResponse(200));
    let start = Instant::now();
    let short = harmed_attempts(&it.proxy).await;
    let error = short.get(&key("hero"), None).await.expect_err("nothing comes");
    assert_eq!(error.kind, PortErrorKind::Timeout, "{}", told(&error));
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());

    it.proxy.heal();
    it.proxy.harm(GET, FOR_EVER, Fault::StallResponse(100_000));
    let mut found = it.store.get(&key("hero"), None).await.expect("a file").expect("it is there");
    found.bytes.next().await.expect("a piece").expect("a piece");
    it.proxy.heal();
    it.proxy.harm(GET, FOR_EVER, Fault::Answer(503, "SlowDown"));
    let before = it.proxy.count(GET);
    let error = found.bytes.try_for_each(async |_| Ok(())).await.expect_err("it breaks off");
    assert_eq!(error.kind, PortErrorKind::Unavailable, "{}", told(&error));
    assert_eq!(it.proxy.count(GET), before + 3);
}

/// A storage that does not wait for long.
async fn harmed_attempts(proxy: &Proxy) -> CloudStorageStrategy {
    let short = CloudStorageConfig {
        attempt_timeout: Duration::from_millis(1_000),
        operation_timeout: Duration::from_millis(3_000),
        ..config(proxy.endpoint())
    };
    connect(short).await
}

#[tokio::test]
async fn a_server_that_is_busy_for_ever_is_asked_no_more_often_than_allowed() {
    let it = harmed(|_| {}).await;
    it.proxy.harm(PUT, FOR_EVER, Fault::Answer(503, "SlowDown"));
    let error = it.put(&noise(100)).await.expect_err("it is busy");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    let told = told(&error);
    assert!(told.contains("is too busy to store a file: the server answered 503 SlowDown"), "{told}");
    assert_eq!(it.proxy.count(PUT), 3);

    it.proxy.harm(UPLOAD_PART, FOR_EVER, Fault::Answer(503, "SlowDown"));
    let error = it.put(&noise(3 * PART)).await.expect_err("it is busy");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    assert!(it.proxy.count(UPLOAD_PART) <= 2 * 3, "two parts at once, three attempts each");
    assert_eq!(unfinished(&it.store).await, Unfinished::default(), "what was begun was aborted");
}

#[tokio::test]
async fn a_file_whose_completion_was_not_heard_of_is_stored() {
    let it = harmed(|_| {}).await;
    it.proxy.harm("POST /creatives/hero?uploadId=", 1, Fault::CutResponse(1));
    let file = noise(PART + 1);
    it.put(&file).await.expect("a file");
    assert_eq!(it.proxy.count("POST /creatives/hero?uploadId="), 2);
    assert!(content(&it.store, &key("hero")).await == file);
}

#[tokio::test]
async fn what_could_not_be_aborted_is_found_by_who_looks_for_it() {
    let it = harmed(|config| config.max_attempts = 1).await;
    it.proxy.harm("uploadId=", FOR_EVER, Fault::Answer(503, "SlowDown"));
    it.put(&noise(PART + 1)).await.expect_err("it is busy");
    it.proxy.heal();
    assert_eq!(it.store.unfinished(far(), true).await.expect("it can be removed").files, 1);
    assert_eq!(unfinished(&it.store).await, Unfinished::default());
    assert!(it.server.parts().is_empty());
}

#[tokio::test]
async fn a_server_that_stands_still_is_waited_for_no_longer_than_allowed() {
    let it = harmed(|_| {}).await;
    let store = harmed_attempts(&it.proxy).await;
    for fault in [Fault::StallRequest(0), Fault::StallResponse(0), Fault::Delay(Duration::from_secs(60))] {
        it.proxy.heal();
        it.proxy.harm(PUT, FOR_EVER, fault);
        let start = Instant::now();
        let error = put(&store, &noise(MIB)).await.expect_err("it stands still");
        assert_eq!(error.kind, PortErrorKind::Timeout, "{fault:?}: {}", told(&error));
        assert!(told(&error).contains("was too slow to store a file"), "{}", told(&error));
        assert!(start.elapsed() < Duration::from_secs(5), "{fault:?}: {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn a_server_that_is_gone_cannot_be_reached() {
    let it = harmed(|_| {}).await;
    it.put(&noise(100)).await.expect("a file");
    it.proxy.close();
    let error = it.put(&noise(100)).await.expect_err("nobody listens");
    assert_eq!(error.kind, PortErrorKind::Unavailable, "{}", told(&error));
    assert!(told(&error).contains("cannot be reached to store a file"), "{}", told(&error));
}

#[tokio::test]
async fn no_more_is_in_memory_than_the_parts_on_their_way_and_one() {
    let it = harmed(|_| {}).await;
    it.proxy.harm(UPLOAD_PART, FOR_EVER, Fault::StallRequest(0));
    let taken = Arc::new(AtomicUsize::new(0));
    let counted = {
        let taken = Arc::clone(&taken);
        in_pieces(&noise(8 * PART), MIB).inspect_ok(move |piece| {
            taken.fetch_add(piece.len(), Ordering::Relaxed);
        })
    };
    let (hero, options) = (key("hero"), PutOptions::default());
    let put = it.store.put(&hero, counted.boxed(), &options);
    tokio::time::timeout(Duration::from_millis(700), put).await.expect_err("it stands still");
    assert_eq!(it.proxy.count(UPLOAD_PART), 2);
    let taken = taken.load(Ordering::Relaxed);
    assert!((2 * PART..=3 * PART + MIB).contains(&taken), "{} MiB", taken / MIB);
    it.proxy.heal();
    assert_nothing_is_begun(&it.store).await;
}

#[tokio::test]
async fn a_file_that_is_given_up_while_it_is_begun_leaves_nothing() {
    let it = harmed(|_| {}).await;
    it.proxy.harm("uploads", 1, Fault::Delay(Duration::from_millis(300)));
    let file = noise(PART + 1);
    let mut put = put(&it.store, &file).boxed();
    while it.proxy.count("uploads") == 0 {
        assert!((&mut put).now_or_never().is_none(), "it is not begun yet");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    drop(put);
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_nothing_is_begun(&it.store).await;
}
