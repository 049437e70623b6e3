use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{FileStore, PortErrorKind, PresignGet, PutOptions, Unsupported};
use adstead_infrastructure::storage::{EncryptedStorage, EncryptionKey, EncryptionKeys, Rekeyed};
use adstead_testkit::CountingEntropy;
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::contract::{files, run_all};
use bytes::Bytes;
use proptest::prelude::*;

use super::{described, encrypted, faulty, key, keys, local, put, read, secret, temp, try_read};

const HEADER: usize = 80;
const CHUNK: usize = 64 << 10;
const SEALED: usize = CHUNK + 16;

#[tokio::test]
async fn encryption_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(encrypted(&local(&roots).await, &["a"])) as _;
    run_all("EncryptedStorage", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn encryption_that_is_turned_off_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(encrypted(&local(&roots).await, &[])) as _;
    run_all("EncryptedStorage without a key", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn what_is_at_rest_is_not_the_file() {
    let roots = temp();
    let inner = local(&roots).await;
    let store = encrypted(&inner, &["a"]);
    let file = Bytes::from(vec![b'x'; 200_000]);
    let stored = store.put(&key("f"), in_pieces(&file, 9_000), &described()).await.expect("a file");
    assert_eq!(stored.size_bytes, 200_000);
    let at_rest = read(&*inner, "f").await.expect("it is there");
    assert_eq!(at_rest.len(), HEADER + 200_000 + 4 * 16);
    assert!(!at_rest.windows(8).any(|bytes| bytes == b"xxxxxxxx"), "nothing of the content shows");
    let info = inner.head(&key("f")).await.expect("a look").expect("it is there");
    assert_eq!((info.content_type, info.metadata, &info.tag), {
        let described = described();
        (described.content_type, described.metadata, &stored.tag)
    });
    put(&store, "g", &file).await.expect("a file");
    let other = read(&*inner, "g").await.expect("it is there");
    assert_ne!(at_rest[HEADER..], other[HEADER..], "the same content twice is not the same at rest");
}

/// Whether `at_rest` is refused as damaged.
async fn is_refused(at_rest: &[u8]) -> bool {
    let roots = temp();
    let inner = local(&roots).await;
    put(&*inner, "f", &Bytes::copy_from_slice(at_rest)).await.expect("a file");
    match try_read(&encrypted(&inner, &["a", "b"]), "f", None).await {
        Err(error) => {
            assert_eq!(error.kind, PortErrorKind::Corrupt, "{error} {:?}", error.source);
            true
        }
        Ok(_) => false,
    }
}

async fn at_rest(name: &str, file: &Bytes) -> Vec<u8> {
    let roots = temp();
    let inner = local(&roots).await;
    put(&encrypted(&inner, &[name]), "f", file).await.expect("a file");
    read(&*inner, "f").await.expect("it is there").to_vec()
}

#[tokio::test]
async fn whatever_is_changed_at_rest_is_noticed() {
    let whole = at_rest("a", &noise(3 * CHUNK + 1_000)).await;
    assert!(!is_refused(&whole).await);
    let borders = [0, HEADER, HEADER + SEALED, HEADER + 2 * SEALED, HEADER + 3 * SEALED, whole.len()];
    let near =
        borders.into_iter().flat_map(|border| [border.wrapping_sub(16), border.wrapping_sub(1), border]);
    for place in near.chain([3, 16, 17, 20, 22, 23, 60, 76, 79]).filter(|place| *place < whole.len()) {
        let mut changed = whole.clone();
        changed[place] ^= 0x10;
        assert!(is_refused(&changed).await, "byte {place}");
    }
    for border in borders {
        for len in [border.wrapping_sub(1), border, border + 1]
            .into_iter()
            .filter(|len| (1..whole.len()).contains(len))
        {
            assert!(is_refused(&whole[..len]).await, "cut off at {len}");
        }
    }
    let longer = [&whole[..], b"x"].concat();
    assert!(is_refused(&longer).await);
    let chunk = |at: usize| &whole[HEADER + at * SEALED..(HEADER + (at + 1) * SEALED).min(whole.len())];
    for order in [&[1, 0, 2, 3][..], &[0, 2, 1, 3], &[0, 1, 3], &[0, 1, 1, 3], &[0, 1, 2, 2, 3], &[3]] {
        let chunks = order.iter().map(|at| chunk(*at)).collect::<Vec<_>>().concat();
        assert!(is_refused(&[&whole[..HEADER], &chunks].concat()).await, "chunks {order:?}");
    }
}

#[tokio::test]
async fn parts_of_two_files_make_none() {
    let file = noise(2 * CHUNK);
    let (one, other, under_b) =
        (at_rest("a", &file).await, at_rest("a", &file).await, at_rest("b", &file).await);
    for other in [other, under_b] {
        assert!(is_refused(&[&one[..HEADER], &other[HEADER..]].concat()).await, "the header of another");
        let border = HEADER + SEALED;
        assert!(is_refused(&[&one[..border], &other[border..]].concat()).await, "a chunk of another");
    }
}

#[tokio::test]
async fn a_key_that_is_not_known_is_named() {
    let roots = temp();
    let inner = local(&roots).await;
    put(&encrypted(&inner, &["2026-03"]), "f", &noise(100)).await.expect("a file");
    let store = encrypted(&inner, &["2026-04"]);
    let error = try_read(&store, "f", None).await.expect_err("the key is missing");
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    let cause = error.source().expect("a cause").to_string();
    let expected = "f is encrypted with the key \"2026-03\", which is not among the known ones: add it to the encryption keys";
    assert_eq!(cause, expected);
    assert_eq!(store.head(&key("f")).await.expect_err("the key is missing").kind, PortErrorKind::Unavailable);
}

#[tokio::test]
async fn another_key_of_the_same_name_opens_nothing() {
    let roots = temp();
    let inner = local(&roots).await;
    put(&encrypted(&inner, &["a"]), "f", &noise(100)).await.expect("a file");
    let id = || "a".parse().expect("an id");
    let other = EncryptionKey::new(&[7; 32]);
    let keys = EncryptionKeys::new(Some(id()), [(id(), other)]).expect("valid keys");
    let store = EncryptedStorage::new(inner, keys, super::entropy());
    assert_eq!(try_read(&store, "f", None).await.expect_err("another key").kind, PortErrorKind::Corrupt);
}

#[tokio::test]
async fn files_of_any_size_come_back() {
    let roots = temp();
    let inner = local(&roots).await;
    let store = encrypted(&inner, &["a"]);
    for size in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 5 * CHUNK + 17] {
        let file = noise(size);
        assert_eq!(put(&store, "f", &file).await.expect("a file").size_bytes, size as u64);
        let head = store.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!(head.size_bytes, size as u64);
        assert!(read(&store, "f").await == Some(file), "{size} bytes");
    }
}

#[tokio::test]
async fn a_range_takes_one_request_where_it_is_near_and_two_elsewhere() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let store = encrypted(&inner, &["a"]);
    let file = noise(20 * CHUNK);
    put(&store, "f", &file).await.expect("a file");
    inner.calls();
    for (range, requests) in [
        (0..10, 1),
        (0..file.len() as u64, 1),
        (100_000..200_000, 1),
        (CHUNK as u64 - 1..CHUNK as u64 + 1, 1),
        (1_000_000..1_000_001, 2),
        (1_310_719..u64::MAX, 2),
        (1_310_720..u64::MAX, 1),
        (9..9, 1),
    ] {
        let found = try_read(&store, "f", Some(range.clone())).await.expect("a range").expect("it is there");
        let expected = (range.start as usize).min(file.len())..(range.end.min(file.len() as u64)) as usize;
        assert!(found == file[expected], "{range:?}");
        assert_eq!(inner.calls(), vec!["get"; requests], "{range:?}");
    }
    read(&store, "f").await.expect("it is there");
    assert_eq!(inner.calls(), ["get"]);
    store.head(&key("f")).await.expect("a look").expect("it is there");
    store.copy(&key("f"), &key("g")).await.expect("a copy").expect("it is there");
    assert_eq!(inner.calls(), ["get", "get", "copy"]);
}

#[tokio::test]
async fn files_of_before_are_read_as_they_are() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let file = noise(300_000);
    put(&*inner, "old", &file).await.expect("a file");
    let store = encrypted(&inner, &["a"]);
    assert_eq!(read(&store, "old").await, Some(file.clone()));
    for range in [0..10, 250_000..260_000, 290_000..u64::MAX] {
        let found =
            try_read(&store, "old", Some(range.clone())).await.expect("a range").expect("it is there");
        assert_eq!(found, file[range.start as usize..range.end.min(300_000) as usize]);
    }
    let head = store.head(&key("old")).await.expect("a look").expect("it is there");
    assert_eq!(head.size_bytes, 300_000);

    let copied = store.copy(&key("old"), &key("new")).await.expect("a copy").expect("it is there");
    assert_eq!(copied.size_bytes, 300_000);
    assert_eq!(read(&store, "new").await, Some(file.clone()));
    assert_ne!(read(&*inner, "new").await, Some(file), "a copy is encrypted");
}

#[tokio::test]
async fn a_file_that_begins_like_an_encrypted_one_comes_back_exactly() {
    let roots = temp();
    let inner = local(&roots).await;
    let likeness = at_rest("a", &noise(70_000)).await;
    let mut nearly = likeness.clone();
    nearly[2] = b'!';
    let (off, on) = (encrypted(&inner, &[]), encrypted(&inner, &["a"]));
    for content in [&likeness[..], &nearly, &likeness[..16], &likeness[..5], &likeness[..1]] {
        let file = Bytes::copy_from_slice(content);
        let options = PutOptions { size_bytes: Some(file.len() as u64), ..PutOptions::default() };
        for (store, readers) in [(&off, &[&off, &on][..]), (&on, &[&on])] {
            let stored = store.put(&key("f"), in_pieces(&file, 3), &options).await.expect("a file");
            assert_eq!(stored.size_bytes, file.len() as u64);
            for reader in readers {
                assert_eq!(read(*reader, "f").await, Some(file.clone()));
                let head = reader.head(&key("f")).await.expect("a look").expect("it is there");
                assert_eq!(head.size_bytes, file.len() as u64);
                let end = file.len() as u64 - 1..u64::MAX;
                let last = try_read(*reader, "f", Some(end)).await.expect("a range").expect("it is there");
                assert_eq!(last, file[file.len() - 1..]);
            }
        }
    }
}

#[tokio::test]
async fn files_move_from_key_to_key() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let file = noise(150_000);
    let store = |names: &[&str]| encrypted(&inner, names);
    assert_eq!(store(&["a"]).rekey(&key("f")).await.expect("nothing there"), Rekeyed::Gone);
    inner.put(&key("f"), in_pieces(&file, 9_000), &described()).await.expect("a file");
    for names in [&["a"][..], &["b", "a"], &["a", "b"]] {
        assert_eq!(store(names).rekey(&key("f")).await.expect("a new key"), Rekeyed::Rewritten, "{names:?}");
        assert_eq!(store(names).rekey(&key("f")).await.expect("a new key"), Rekeyed::Current, "{names:?}");
        let only = store(&names[..1]);
        assert_eq!(read(&only, "f").await, Some(file.clone()), "the active key is enough");
        let head = only.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!((head.content_type, head.metadata), (described().content_type, described().metadata));
    }
    let off = EncryptedStorage::new(
        Arc::clone(&inner) as _,
        EncryptionKeys::new(None, [("a".parse().expect("an id"), secret("a"))]).expect("valid keys"),
        super::entropy(),
    );
    assert_eq!(off.rekey(&key("f")).await.expect("no key"), Rekeyed::Rewritten);
    assert_eq!(off.rekey(&key("f")).await.expect("no key"), Rekeyed::Current);
    assert_eq!(read(&*inner, "f").await, Some(file));
}

/// The file that holds `hello`, as a program of its own wrote it, after RFC 8439 and draft-irtf-cfrg-xchacha-03.
const GOLDEN: &str = "ad414453544541442d454e430d0a1a000101000100000161000000000000000000000000000000000000000000000000\
    00000000000000cd2662154e6d76b2b2b92e70c0cac3ccf534f984129ea1000091aacba8781053027b17a81f1de5028e\
    a93e031658";

#[tokio::test]
async fn the_format_is_what_it_was() {
    let roots = temp();
    let inner = local(&roots).await;
    let keys = keys(&["a"]);
    let store = EncryptedStorage::new(Arc::clone(&inner) as _, keys, Arc::<CountingEntropy>::default());
    put(&store, "f", &Bytes::from_static(b"hello")).await.expect("a file");
    let at_rest = read(&*inner, "f").await.expect("it is there");
    let hex = at_rest.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex, GOLDEN);
}

#[tokio::test]
async fn a_wrapped_file_is_as_unencrypted_as_it_gets() {
    let roots = temp();
    let inner = local(&roots).await;
    let file = Bytes::from(at_rest("a", &noise(100)).await);
    let (off, on) = (encrypted(&inner, &[]), encrypted(&inner, &["a"]));
    put(&off, "f", &file).await.expect("a file");
    assert_eq!(off.rekey(&key("f")).await.expect("no key"), Rekeyed::Current);
    assert_eq!(on.rekey(&key("f")).await.expect("a new key"), Rekeyed::Rewritten);
    assert_eq!(read(&on, "f").await, Some(file));
}

#[tokio::test]
async fn what_is_replaced_while_it_is_rekeyed_is_not_overwritten() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let old = Arc::new(encrypted(&inner, &["a"]));
    put(&*old, "f", &noise(100)).await.expect("a file");
    let other_node = Arc::clone(&old);
    inner.meanwhile("put", async move {
        put(&*other_node, "f", &noise(200)).await.expect("a file");
    });
    assert_eq!(encrypted(&inner, &["b", "a"]).rekey(&key("f")).await.expect("a new key"), Rekeyed::Rewritten);
    assert_eq!(read(&encrypted(&inner, &["b"]), "f").await, Some(noise(200)));
}

#[tokio::test]
async fn a_file_that_is_replaced_while_it_is_read_is_begun_anew() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let store = Arc::new(encrypted(&inner, &["a"]));
    put(&*store, "f", &noise(500_000)).await.expect("a file");
    let (other_node, inner_store) = (Arc::clone(&store), Arc::clone(&inner));
    inner.meanwhile("get", async move {
        // Before the second request.
        inner_store.meanwhile("get", async move {
            put(&*other_node, "f", &noise(600_000)).await.expect("a file");
        });
    });
    let found = try_read(&*store, "f", Some(400_000..u64::MAX)).await.expect("a range").expect("it is there");
    assert!(found == noise(600_000)[400_000..]);
}

#[tokio::test]
async fn nobody_is_sent_to_what_is_encrypted() {
    let roots = temp();
    let store = encrypted(&local(&roots).await, &["a"]);
    assert!(!store.capabilities().presigned_get);
    let terms =
        PresignGet { expires_in: Duration::from_secs(60), content_type: None, content_disposition: None };
    let error = store.presign_get(&key("f"), &terms).await.expect_err("it cannot");
    assert!(error.source.is_some_and(|source| source.is::<Unsupported>()));
}

#[test]
fn no_secret_is_shown() {
    let shown = format!("{:?}", keys(&["a", "b"]));
    assert!(!shown.contains("97, 97") && shown.contains("EncryptionKey(…)"), "{shown}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_range_is_that_of_the_plain_file(
        size in 0_usize..400_000,
        ranges in prop::collection::vec((0_u64..450_000, 0_u64..150_000), 8),
        piece in 1_000_usize..100_000,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let roots = temp();
            let store = encrypted(&local(&roots).await, &["a"]);
            let file = noise(size);
            store.put(&key("f"), in_pieces(&file, piece), &PutOptions::default()).await.expect("a file");
            for (start, len) in ranges {
                let found = store.get(&key("f"), Some(start..start + len)).await.expect("a range");
                let found = found.expect("it is there");
                let expected = (start as usize).min(size)..((start + len) as usize).min(size);
                assert_eq!(found.range, expected.start as u64..expected.end as u64);
                let bytes = try_read(&store, "f", Some(start..start + len)).await.expect("a range");
                assert!(bytes.expect("it is there") == file[expected]);
            }
        });
    }
}
