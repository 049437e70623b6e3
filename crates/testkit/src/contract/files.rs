//! The contract of [`FileStore`].

use adstead_domain::port::{
    ByteStream, FileKey, FileRefusal, FileRules, FileStore, PortError, PortErrorKind, StoredFile,
};
use adstead_domain::{ContentType, Dimensions, Sha256Digest};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::{FutureExt, StreamExt, TryStreamExt, stream};

use super::Case;
use crate::cases;

/// What every [`FileStore`] must do.
pub const CASES: &[Case<dyn FileStore>] = cases![
    what_was_put_is_what_is_got,
    a_stored_file_is_described,
    a_file_is_not_seen_before_it_is_whole,
    a_put_replaces_the_file,
    a_file_past_the_limit_is_refused,
    an_empty_file_is_refused,
    a_type_that_is_not_welcome_is_refused,
    a_mislabelled_file_is_refused,
    a_damaged_image_is_refused,
    a_refused_file_leaves_the_old_one,
    an_error_of_the_incoming_stream_is_passed_on,
    a_cancelled_put_leaves_nothing,
    an_unknown_key_holds_nothing,
    a_range_is_exact_and_clamped,
    delete_tells_whether_there_was_a_file,
];

/// A PNG of the given width and height whose pixel data is missing, padded to `len` bytes (at least 33).
pub fn png(width: u32, height: u32, len: usize) -> Bytes {
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend(width.to_be_bytes());
    file.extend(height.to_be_bytes());
    file.extend(b"\x08\x06\0\0\0\0\0\0\0");
    // Not the same byte over and over, lest a range that is off by some pieces go unnoticed.
    file.extend((file.len()..len).map(|offset| (offset % 251) as u8));
    file.into()
}

/// A file that arrives in pieces of `piece` bytes.
pub fn in_pieces(file: &Bytes, piece: usize) -> ByteStream {
    let pieces = file.chunks(piece).map(|bytes| Ok(file.slice_ref(bytes))).collect::<Vec<_>>();
    stream::iter(pieces).boxed()
}

/// Rules that welcome PNG and JPEG files of up to `max_bytes`, whatever their sender says they are.
pub fn images_up_to(max_bytes: u64) -> FileRules {
    FileRules { declared: None, allowed: vec![ContentType::Png, ContentType::Jpeg], max_bytes }
}

/// Why the store did not take a file.
///
/// # Panics
/// Where the failure is no refusal of a file.
pub fn refusal(stored: Result<StoredFile, PortError>) -> FileRefusal {
    let error = stored.expect_err("the file should be refused");
    assert_eq!(error.kind, PortErrorKind::Rejected, "a refused file is a `Rejected` error");
    let source = error.source.expect("a `Rejected` file has its refusal as the source");
    *source.downcast().expect("the source of a `Rejected` file is a `FileRefusal`")
}

const LIMIT: u64 = 1 << 20;

fn key() -> FileKey {
    "assets/0199/7f2c".parse().expect("a valid key")
}

async fn put(store: &dyn FileStore, file: &Bytes) -> Result<StoredFile, PortError> {
    store.put(&key(), in_pieces(file, 1000), &images_up_to(LIMIT)).await
}

async fn content(store: &dyn FileStore) -> Option<Vec<u8>> {
    let stream = store.get(&key(), None).await.expect("a file can be read")?;
    let pieces = stream.try_collect::<Vec<_>>().await.expect("a file can be read to its end");
    Some(pieces.concat())
}

async fn assert_nothing_is_left(store: &dyn FileStore) {
    assert_eq!(content(store).await, None);
    assert_eq!(store.size(&key()).await.expect("a size can be asked for"), None);
}

async fn what_was_put_is_what_is_got(store: &dyn FileStore) {
    let file = png(3, 2, 200_000);
    put(store, &file).await.expect("a valid file");
    assert_eq!(content(store).await.as_deref(), Some(&*file));
    assert_eq!(store.size(&key()).await.expect("a size"), Some(200_000));
}

async fn a_stored_file_is_described(store: &dyn FileStore) {
    let file = png(640, 480, 5_000);
    let expected = StoredFile {
        content_type: ContentType::Png,
        size_bytes: 5_000,
        sha256: Sha256Digest::of(&file),
        dimensions: Some(Dimensions { width: 640, height: 480 }),
    };
    assert_eq!(put(store, &file).await.expect("a valid file"), expected);
}

async fn a_file_is_not_seen_before_it_is_whole(store: &dyn FileStore) {
    let file = png(3, 2, 2_000);
    let (pieces, incoming) = mpsc::unbounded();
    let (key, rules) = (key(), images_up_to(LIMIT));
    let mut put = store.put(&key, incoming.boxed(), &rules);
    pieces.unbounded_send(Ok(file.slice(..1_000))).expect("the put listens");
    assert!((&mut put).now_or_never().is_none(), "a put waits for the end of its stream");
    assert_nothing_is_left(store).await;
    pieces.unbounded_send(Ok(file.slice(1_000..))).expect("the put listens");
    drop(pieces);
    put.await.expect("a valid file");
    assert_eq!(content(store).await.as_deref(), Some(&*file));
}

async fn a_put_replaces_the_file(store: &dyn FileStore) {
    let (old, new) = (png(1, 1, 9_000), png(2, 2, 4_000));
    put(store, &old).await.expect("a valid file");
    put(store, &new).await.expect("a valid file in the place of another");
    assert_eq!(content(store).await.as_deref(), Some(&*new));
}

async fn a_file_past_the_limit_is_refused(store: &dyn FileStore) {
    let at_the_limit = png(1, 1, LIMIT as usize);
    put(store, &at_the_limit).await.expect("a file of exactly the limit");
    store.delete(&key()).await.expect("a file can be deleted");
    let past_it = png(1, 1, LIMIT as usize + 1);
    assert_eq!(refusal(put(store, &past_it).await), FileRefusal::TooLarge { max_bytes: LIMIT });
    assert_nothing_is_left(store).await;
}

async fn an_empty_file_is_refused(store: &dyn FileStore) {
    assert_eq!(refusal(put(store, &Bytes::new()).await), FileRefusal::Empty);
    assert_nothing_is_left(store).await;
}

async fn a_type_that_is_not_welcome_is_refused(store: &dyn FileStore) {
    let gif = Bytes::from_static(b"GIF89a\x01\0\x01\0\0\0\0;");
    let expected =
        FileRefusal::TypeNotAllowed { found: "image/gif".into(), allowed: "image/png, image/jpeg".into() };
    assert_eq!(refusal(put(store, &gif).await), expected);
    assert_nothing_is_left(store).await;
}

async fn a_mislabelled_file_is_refused(store: &dyn FileStore) {
    let rules = FileRules { declared: Some(ContentType::Png), ..images_up_to(LIMIT) };
    let text = Bytes::from_static(b"Hello, this is no picture at all.");
    let stored = store.put(&key(), in_pieces(&text, 7), &rules).await;
    let expected = FileRefusal::Mislabelled { declared: ContentType::Png, found: "text".into() };
    assert_eq!(refusal(stored), expected);
    assert_nothing_is_left(store).await;
}

async fn a_damaged_image_is_refused(store: &dyn FileStore) {
    let cut_short = png(640, 480, 33).slice(..20);
    let expected = FileRefusal::Damaged { content_type: ContentType::Png };
    assert_eq!(refusal(put(store, &cut_short).await), expected);
    assert_nothing_is_left(store).await;
}

async fn a_refused_file_leaves_the_old_one(store: &dyn FileStore) {
    let old = png(1, 1, 9_000);
    put(store, &old).await.expect("a valid file");
    refusal(put(store, &Bytes::from_static(b"no picture")).await);
    assert_eq!(content(store).await.as_deref(), Some(&*old));
}

async fn an_error_of_the_incoming_stream_is_passed_on(store: &dyn FileStore) {
    let broken = PortError::new(PortErrorKind::Timeout, "upload.read");
    let incoming = stream::iter([Ok(png(1, 1, 5_000)), Err(broken)]).boxed();
    let error = store.put(&key(), incoming, &images_up_to(LIMIT)).await.expect_err("the upload broke off");
    assert_eq!((error.kind, error.operation), (PortErrorKind::Timeout, "upload.read"));
    assert_nothing_is_left(store).await;
}

async fn a_cancelled_put_leaves_nothing(store: &dyn FileStore) {
    let incoming = stream::iter([Ok(png(1, 1, 5_000))]).chain(stream::pending()).boxed();
    let cancelled = store.put(&key(), incoming, &images_up_to(LIMIT)).now_or_never();
    assert!(cancelled.is_none(), "a put waits for the end of its stream");
    assert_nothing_is_left(store).await;
}

async fn an_unknown_key_holds_nothing(store: &dyn FileStore) {
    assert_nothing_is_left(store).await;
    put(store, &png(1, 1, 100)).await.expect("a valid file");
    let folder = "assets/0199".parse().expect("a valid key");
    assert!(store.get(&folder, None).await.expect("a key can be asked for").is_none(), "a prefix is no file");
    assert_eq!(store.size(&folder).await.expect("a size can be asked for"), None);
}

async fn a_range_is_exact_and_clamped(store: &dyn FileStore) {
    let file = png(3, 2, 150_000);
    put(store, &file).await.expect("a valid file");
    for (range, expected) in [
        (0..1, 0..1),
        (70_000..140_001, 70_000..140_001),
        (149_999..150_000, 149_999..150_000),
        (100_000..u64::MAX, 100_000..150_000),
        (150_000..150_001, 0..0),
        (u64::MAX - 1..u64::MAX, 0..0),
        (5..5, 0..0),
    ] {
        let stream = store.get(&key(), Some(range.clone())).await.expect("a range can be read");
        let pieces = stream.expect("the file is there").try_collect::<Vec<_>>().await.expect("a whole range");
        assert!(pieces.concat() == file[expected.clone()], "{range:?} should be bytes {expected:?}");
    }
}

async fn delete_tells_whether_there_was_a_file(store: &dyn FileStore) {
    put(store, &png(1, 1, 100)).await.expect("a valid file");
    assert!(store.delete(&key()).await.expect("a file can be deleted"));
    assert_nothing_is_left(store).await;
    assert!(!store.delete(&key()).await.expect("a second delete is no error"));
}
