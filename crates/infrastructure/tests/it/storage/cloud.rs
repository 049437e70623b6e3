use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use adstead_domain::port::{
    FileKey, FileMetadata, FileRefusal, FileStore, MediaType, PortError, PortErrorKind, Precondition,
    PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished,
};
use adstead_infrastructure::storage::{CloudEncryption, CloudStorageConfig, CloudStorageStrategy};
use adstead_testkit::contract::files::{in_pieces, noise, refusal};
use adstead_testkit::contract::{files, run_all};
use adstead_testkit::http;
use bytes::Bytes;
use futures::channel::mpsc;
use futures::future::BoxFuture;
use futures::{FutureExt, StreamExt, stream};
use jiff::Timestamp;

use super::place::{BUCKET, MIB, PART, assert_nothing_is_begun, config, connect, far, moto, s3s, unfinished};
use super::{content, key};

#[tokio::test]
async fn the_cloud_strategy_keeps_the_contract_on_s3s_fs() {
    let (server, buckets) = (s3s().await, AtomicU32::new(0));
    let make = async || {
        let bucket = format!("case-{}", buckets.fetch_add(1, Ordering::Relaxed));
        server.create_bucket(&bucket);
        Arc::new(connect(CloudStorageConfig { bucket, ..config(server.endpoint()) }).await) as _
    };
    run_all("CloudStorageStrategy s3s-fs", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn the_cloud_strategy_keeps_the_contract_on_moto_which_lacks_conditional_writes() {
    if moto().await.is_none() {
        return;
    }
    let make = async || Arc::new(connect(moto().await.expect("it is there")).await) as _;
    run_all("CloudStorageStrategy moto", "FileStore", files::CASES, make).await;
}

/// Both servers, each with a place of its own.
async fn for_each_server(test: impl AsyncFn(CloudStorageStrategy)) {
    let server = s3s().await;
    test(connect(config(server.endpoint())).await).await;
    assert_eq!(server.parts(), [] as [std::path::PathBuf; 0], "no part is left");
    if let Some(config) = moto().await {
        test(connect(config).await).await;
    }
}

fn announced(file: &Bytes) -> PutOptions {
    PutOptions { size_bytes: Some(file.len() as u64), ..PutOptions::default() }
}

#[tokio::test]
async fn a_large_file_is_sent_in_parts_whether_or_not_its_size_is_known() {
    for_each_server(async |store| {
        let hero = key("assets/hero");
        for (size, parts) in [(PART, None), (PART + 1, Some("-2")), (2 * PART + 77, Some("-3"))] {
            let file = noise(size);
            for options in [PutOptions::default(), announced(&file)] {
                let stored = store.put(&hero, in_pieces(&file, 70_000), &options).await.expect("a file");
                assert_eq!(stored.size_bytes, size as u64);
                let is_in_parts = stored.tag.as_str().contains('-');
                assert_eq!(is_in_parts, parts.is_some(), "{size}: {}", stored.tag);
                assert!(parts.is_none_or(|parts| stored.tag.as_str().ends_with(parts)), "{}", stored.tag);
                assert!(content(&store, &hero).await == file, "every byte is the same");
                let head = store.head(&hero).await.expect("a look").expect("it is there");
                assert_eq!((head.size_bytes, head.tag), (size as u64, stored.tag));
            }
        }
        assert_eq!(unfinished(&store).await, Unfinished::default());
    })
    .await;
}

#[tokio::test]
async fn what_is_told_of_a_large_file_is_known_of_it_and_of_its_copy() {
    let described = PutOptions {
        content_type: Some("video/mp4".parse::<MediaType>().expect("a media type")),
        metadata: FileMetadata::try_from(vec![("owner", "0199-7f2c"), ("campaign", "Spring = 50 % off")])
            .expect("pairs of metadata"),
        ..PutOptions::default()
    };
    for_each_server(async |store| {
        let (from, to) = (key("from"), key("to"));
        store.put(&from, in_pieces(&noise(PART + 9), MIB), &described).await.expect("a file");
        store.copy(&from, &to).await.expect("a copy").expect("it is there");
        for key in [&from, &to] {
            let head = store.head(key).await.expect("a look").expect("it is there");
            assert_eq!(head.content_type, described.content_type);
            assert_eq!(head.metadata, described.metadata);
        }
    })
    .await;
}

#[tokio::test]
async fn a_file_that_one_request_cannot_copy_is_copied_in_parts() {
    let server = s3s().await;
    let mut configs = vec![config(server.endpoint())];
    configs.extend(moto().await);
    for config in configs {
        let store = connect(CloudStorageConfig { max_copy_bytes: PART as u64, ..config }).await;
        let (file, from, to) = (noise(2 * PART + 12_345), key("from"), key("to"));
        let text = "text/plain".parse::<MediaType>().expect("a media type");
        let options = PutOptions { content_type: Some(text.clone()), ..PutOptions::default() };
        store.put(&from, in_pieces(&file, MIB), &options).await.expect("a file");
        let copied = store.copy(&from, &to).await.expect("a copy").expect("it is there");
        assert_eq!(copied.size_bytes, file.len() as u64);
        assert!(copied.tag.as_str().ends_with("-3"), "{}", copied.tag);
        assert!(content(&store, &to).await == file, "every byte is the same");
        let head = store.head(&to).await.expect("a look").expect("it is there");
        assert_eq!((head.tag, head.content_type), (copied.tag, Some(text)));
        assert_eq!(unfinished(&store).await, Unfinished::default());
    }
}

#[tokio::test]
async fn a_large_file_that_breaks_off_or_has_another_size_leaves_nothing() {
    for_each_server(async |store| {
        let (hero, file) = (key("hero"), noise(2 * PART + 1));
        let broken = PortError::new(PortErrorKind::Timeout, "upload.read");
        let incoming = in_pieces(&file, MIB).chain(stream::iter([Err(broken)])).boxed();
        let error = store.put(&hero, incoming, &PutOptions::default()).await.expect_err("it broke off");
        assert_eq!((error.kind, error.operation), (PortErrorKind::Timeout, "upload.read"));
        for size in [2 * PART, 3 * PART] {
            let options = PutOptions { size_bytes: Some(size as u64), ..PutOptions::default() };
            let refused = refusal(store.put(&hero, in_pieces(&file, MIB), &options).await);
            assert!(matches!(refused, FileRefusal::WrongSize { .. }), "{refused}");
        }
        assert_eq!(store.head(&hero).await.expect("a look"), None);
        assert_eq!(unfinished(&store).await, Unfinished::default());
    })
    .await;
}

/// A file whose first part was sent, so that there are `bytes` in all, and whose end never comes.
async fn begun<'a>(
    store: &'a CloudStorageStrategy,
    key: &'a FileKey,
    options: &'a PutOptions,
    bytes: u64,
) -> BoxFuture<'a, Result<StoredFile, PortError>> {
    let incoming = in_pieces(&noise(PART + 1), MIB).chain(stream::pending()).boxed();
    let mut put = store.put(key, incoming, options);
    while unfinished(store).await.bytes < bytes {
        assert!((&mut put).now_or_never().is_none(), "a put waits for the end of its stream");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    put
}

#[tokio::test]
async fn a_large_file_that_nobody_waits_for_any_more_leaves_nothing() {
    for_each_server(async |store| {
        let (hero, options) = (key("hero"), PutOptions::default());
        drop(begun(&store, &hero, &options, PART as u64).await);
        assert_nothing_is_begun(&store).await;
        assert_eq!(store.head(&hero).await.expect("a look"), None);
    })
    .await;
}

#[tokio::test]
async fn what_never_ended_is_counted_by_its_age_over_all_pages_and_removed_on_request() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    let elsewhere = CloudStorageConfig { prefix: Some(key("b")), ..config(server.endpoint()) };
    let elsewhere = connect(elsewhere).await;
    let options = PutOptions::default();
    for (name, begun_so_far) in ["a", "b/1", "b/2", "b/3", "c"].iter().zip(1..) {
        let bytes = begun_so_far * PART as u64;
        // A process that is killed cleans up nothing.
        std::mem::forget(begun(&store, &key(name), &options, bytes).await);
    }
    let all = Unfinished { files: 5, bytes: 5 * PART as u64 };
    assert_eq!(unfinished(&store).await, all);
    let below = Unfinished { files: 3, bytes: 3 * PART as u64 };
    assert_eq!(unfinished(&elsewhere).await, below);
    let long_ago = Timestamp::from_second(1_600_000_000).expect("an instant");
    assert_eq!(store.unfinished(long_ago, true).await.expect("nothing to do"), Unfinished::default());
    assert_eq!(elsewhere.unfinished(far(), true).await.expect("it can be removed"), below);
    assert_eq!(unfinished(&store).await.files, 2, "what others began stays");
    store.unfinished(far(), true).await.expect("it can be removed");
    assert_eq!(unfinished(&store).await, Unfinished::default());
    assert!(server.parts().is_empty());
}

#[tokio::test]
async fn a_large_file_replaces_nothing_that_its_condition_does_not_name() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    let (hero, file) = (key("hero"), noise(PART + 1));
    let put = async |condition| {
        let options = PutOptions { condition, ..PutOptions::default() };
        store.put(&hero, in_pieces(&file, MIB), &options).await
    };
    let first = put(Precondition::Absent).await.expect("the key holds nothing");
    let conflict = put(Precondition::Absent).await.expect_err("the key holds a file");
    assert_eq!(conflict.kind, PortErrorKind::Conflict);
    store.put(&hero, in_pieces(&noise(9), 9), &PutOptions::default()).await.expect("another file");
    let stale = put(Precondition::Matches(first.tag)).await.expect_err("it was replaced");
    assert_eq!(stale.kind, PortErrorKind::Stale);
    assert_eq!(unfinished(&store).await, Unfinished::default());
    assert_eq!(content(&store, &hero).await, noise(9));
}

#[tokio::test]
async fn what_others_put_into_the_bucket_is_neither_seen_nor_in_the_way() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    for name in ["Upper", "assets/Upper", "assets/a b", "assets/.hidden", "assets/zz/", "zz/(1)", "zz/(2)"] {
        server.plant(BUCKET, name);
    }
    for name in ["assets/1", "assets/2", "assets2", "zz/y"] {
        server.plant(BUCKET, name);
    }
    for limit in [1, 2, 1_000] {
        for (prefix, expected) in [
            (None, vec!["assets/1", "assets/2", "assets2", "zz/y"]),
            (Some("assets"), vec!["assets/1", "assets/2"]),
            (Some("zz"), vec!["zz/y"]),
        ] {
            let prefix = prefix.map(key);
            let (mut listed, mut cursor) = (Vec::new(), None::<String>);
            loop {
                let page = store.list(prefix.as_ref(), cursor.as_deref(), limit).await.expect("a page");
                assert!(
                    !page.files.is_empty() || page.next.is_none(),
                    "a page that others follow has a file"
                );
                listed.extend(page.files.into_iter().map(|file| file.key.to_string()));
                cursor = page.next;
                if cursor.is_none() {
                    break;
                }
            }
            listed.sort();
            assert_eq!(listed, expected, "in pages of {limit}");
        }
    }
    let cursor_of_another_list = store.list(Some(&key("zz")), Some("assets/1"), 10).await;
    assert_eq!(cursor_of_another_list.expect_err("no such page").kind, PortErrorKind::Rejected);
}

#[tokio::test]
async fn more_files_than_one_request_takes_are_deleted() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    let doomed = (0..2_001).map(|index| key(&format!("old/{index}"))).collect::<Vec<_>>();
    for key in &doomed {
        server.plant(BUCKET, key.as_str());
    }
    server.plant(BUCKET, "new");
    store.delete_many(&doomed).await.expect("files can be deleted");
    let page = store.list(None, None, 1_000).await.expect("a page");
    assert_eq!(page.files.into_iter().map(|file| file.key).collect::<Vec<_>>(), [key("new")]);
}

#[tokio::test]
async fn a_presigned_put_takes_just_what_was_signed() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    let (hero, minute) = (key("hero"), Duration::from_secs(60));
    let terms = PresignPut {
        expires_in: minute,
        size_bytes: 1_000,
        content_type: Some("image/png".parse().expect("a media type")),
    };
    let signed = store.presign_put(&hero, &terms).await.expect("a signed request");
    let with = |name: &str, value: &str| {
        let mut headers = signed.headers.clone();
        headers.iter_mut().filter(|(given, _)| given == name).for_each(|(_, it)| value.clone_into(it));
        assert_ne!(headers, signed.headers, "{name} is signed");
        SignedRequest { headers, ..signed.clone() }
    };
    for (request, bytes) in [(with("content-length", "999"), 999), (with("content-type", "text/html"), 1_000)]
    {
        let answer = http::send(&request, &noise(bytes)).await;
        assert_eq!(answer.status, 403, "{answer:?}");
        assert_eq!(store.head(&hero).await.expect("a look"), None);
    }
    let answer = http::send(&signed, &noise(1_000)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let head = store.head(&hero).await.expect("a look").expect("it is there");
    assert_eq!((head.size_bytes, head.content_type), (1_000, terms.content_type.clone()));

    for expires_in in [Duration::ZERO, Duration::from_secs(8 * 24 * 3_600)] {
        let put = store.presign_put(&hero, &PresignPut { expires_in, ..terms.clone() }).await.map(drop);
        let get = PresignGet { expires_in, content_type: None, content_disposition: None };
        for outcome in [put, store.presign_get(&hero, &get).await.map(drop)] {
            assert_eq!(outcome.expect_err("no such time").kind, PortErrorKind::Rejected);
        }
    }
}

#[tokio::test]
async fn a_server_is_told_how_to_encrypt() {
    let Some(place) = moto().await else { return };
    for (encryption, told) in [
        (CloudEncryption::Aes256, "x-amz-server-side-encryption: aes256"),
        (
            CloudEncryption::Kms { key_id: "key-7".into() },
            "x-amz-server-side-encryption-aws-kms-key-id: key-7",
        ),
    ] {
        let store = connect(CloudStorageConfig { encryption, ..place.clone() }).await;
        for size in [100, PART + 1] {
            store
                .put(&key("hero"), in_pieces(&noise(size), MIB), &PutOptions::default())
                .await
                .expect("a file");
            let get = PresignGet {
                expires_in: Duration::from_secs(60),
                content_type: None,
                content_disposition: None,
            };
            let signed = store.presign_get(&key("hero"), &get).await.expect("a signed request");
            let answer = http::send(&signed, &[]).await;
            assert!(answer.head.to_ascii_lowercase().contains(told), "{size}: {}", answer.head);
        }
    }
}

#[tokio::test]
async fn a_put_goes_on_while_others_look_for_what_never_ended() {
    let server = s3s().await;
    let store = connect(config(server.endpoint())).await;
    let (pieces, incoming) = mpsc::unbounded();
    let (hero, options, file) = (key("hero"), PutOptions::default(), noise(2 * PART));
    let mut put = store.put(&hero, incoming.boxed(), &options);
    pieces.unbounded_send(Ok(file.slice(..PART + 1))).expect("the put listens");
    while unfinished(&store).await.bytes < PART as u64 {
        assert!((&mut put).now_or_never().is_none(), "a put waits for the end of its stream");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let long_ago = Timestamp::from_second(1_600_000_000).expect("an instant");
    store.unfinished(long_ago, true).await.expect("nothing to do");
    pieces.unbounded_send(Ok(file.slice(PART + 1..))).expect("the put listens");
    drop(pieces);
    put.await.expect("a whole file");
    assert!(content(&store, &hero).await == file);
}
