//! The contract of [`FileStore`].

mod conditions;
mod inspection;
mod lists;
mod presigned;
mod reads;
mod writes;

use adstead_domain::ContentType;
use adstead_domain::port::{
    ByteStream, FileKey, FileRefusal, FileRules, FileStore, PortError, PortErrorKind, PutOptions, StoredFile,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};

use super::Case;
use crate::cases;
use conditions::{
    a_create_only_put_replaces_nothing, a_put_that_matches_replaces_what_was_seen,
    of_many_create_only_puts_one_wins, of_two_puts_that_saw_the_same_file_one_wins,
};
use inspection::{
    a_damaged_image_is_refused, a_file_past_the_limit_is_refused,
    a_file_that_is_something_else_as_well_is_refused, a_mislabelled_file_is_refused,
    a_refused_file_leaves_the_old_one, a_stored_file_is_described, a_type_that_is_not_welcome_is_refused,
    an_empty_file_is_refused, what_is_stored_can_be_inspected,
};
use lists::{
    a_list_holds_each_file_below_its_prefix_once, a_list_of_all_holds_all, a_strange_cursor_is_refused,
    deleting_many_deletes_all, what_was_never_ended_is_counted,
};
use presigned::presigned_requests_do_what_the_unsigned_calls_do;
use reads::{
    a_range_is_exact_and_clamped, an_empty_file_can_be_stored_and_read, an_unknown_key_holds_nothing,
    head_tells_what_put_was_told, what_was_put_is_what_is_got,
};
use writes::{
    a_cancelled_put_leaves_nothing, a_copy_is_the_same_file_and_leaves_its_source,
    a_file_is_not_seen_before_it_is_whole, a_file_of_another_size_than_announced_is_refused,
    a_key_may_go_on_where_another_ends, a_put_replaces_the_file,
    an_error_of_the_incoming_stream_is_passed_on, deleting_twice_is_no_error,
};

/// What every [`FileStore`] must do.
pub const CASES: &[Case<dyn FileStore>] = cases![
    what_was_put_is_what_is_got,
    head_tells_what_put_was_told,
    an_empty_file_can_be_stored_and_read,
    an_unknown_key_holds_nothing,
    a_range_is_exact_and_clamped,
    a_file_is_not_seen_before_it_is_whole,
    a_put_replaces_the_file,
    a_file_of_another_size_than_announced_is_refused,
    an_error_of_the_incoming_stream_is_passed_on,
    a_cancelled_put_leaves_nothing,
    a_key_may_go_on_where_another_ends,
    a_copy_is_the_same_file_and_leaves_its_source,
    deleting_twice_is_no_error,
    deleting_many_deletes_all,
    a_create_only_put_replaces_nothing,
    of_many_create_only_puts_one_wins,
    a_put_that_matches_replaces_what_was_seen,
    of_two_puts_that_saw_the_same_file_one_wins,
    a_list_holds_each_file_below_its_prefix_once,
    a_list_of_all_holds_all,
    a_strange_cursor_is_refused,
    what_was_never_ended_is_counted,
    presigned_requests_do_what_the_unsigned_calls_do,
    a_stored_file_is_described,
    what_is_stored_can_be_inspected,
    a_file_past_the_limit_is_refused,
    an_empty_file_is_refused,
    a_type_that_is_not_welcome_is_refused,
    a_mislabelled_file_is_refused,
    a_damaged_image_is_refused,
    a_file_that_is_something_else_as_well_is_refused,
    a_refused_file_leaves_the_old_one,
];

/// A PNG of the given width and height and of `len` bytes (at least 57), whole but for the pixels, which cannot be decoded.
///
/// # Panics
/// Where it would be shorter.
pub fn png(width: u32, height: u32, len: usize) -> Bytes {
    const FRAME: usize = 57;
    let pixels =
        u32::try_from(len.checked_sub(FRAME).expect("a PNG has 57 bytes at least")).expect("a short file");
    let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    file.extend([width, height].iter().flat_map(|side| side.to_be_bytes()));
    file.extend(b"\x08\x06\0\0\0\0\0\0\0");
    file.extend(pixels.to_be_bytes());
    file.extend(b"IDAT");
    // Not the same byte over and over, lest a range that is off by some pieces go unnoticed.
    file.extend((0..pixels).map(|offset| (offset % 251) as u8));
    file.extend(b"\0\0\0\0\0\0\0\0IEND\0\0\0\0");
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
pub fn refusal<T: std::fmt::Debug>(stored: Result<T, PortError>) -> FileRefusal {
    let error = stored.expect_err("the file should be refused");
    assert_eq!(error.kind, PortErrorKind::Rejected, "a refused file is a `Rejected` error");
    let source = error.source.expect("a `Rejected` file has its refusal as the source");
    *source.downcast().expect("the source of a `Rejected` file is a `FileRefusal`")
}

/// Bytes in which no two places look alike, lest a range that is off by some pieces go unnoticed.
pub fn noise(len: usize) -> Bytes {
    (0..len as u32).map(|offset| (offset.wrapping_mul(0x9e37_79b9) >> 24) as u8).collect::<Vec<_>>().into()
}

fn key() -> FileKey {
    named("assets/0199/7f2c")
}

fn named(key: &str) -> FileKey {
    key.parse().expect("a valid key")
}

async fn put(store: &dyn FileStore, file: &Bytes) -> Result<StoredFile, PortError> {
    put_at(store, &key(), file).await
}

async fn put_at(store: &dyn FileStore, key: &FileKey, file: &Bytes) -> Result<StoredFile, PortError> {
    store.put(key, in_pieces(file, 1000), &PutOptions::default()).await
}

async fn content(store: &dyn FileStore) -> Option<Vec<u8>> {
    content_at(store, &key()).await
}

async fn content_at(store: &dyn FileStore, key: &FileKey) -> Option<Vec<u8>> {
    let found = store.get(key, None).await.expect("a file can be read")?;
    let pieces = found.bytes.try_collect::<Vec<_>>().await.expect("a file can be read to its end");
    Some(pieces.concat())
}

async fn assert_nothing_is_left(store: &dyn FileStore) {
    assert_eq!(content(store).await, None);
    assert_eq!(store.head(&key()).await.expect("a key can be asked for"), None);
    let all = store.list(None, None, 1_000).await.expect("files can be listed");
    assert_eq!(all.files, []);
}
