use std::ops::Range;
use std::sync::Arc;

use adstead_domain::port::{FileStore, PortErrorKind, PutOptions};
use adstead_infrastructure::storage::{Compressed, CompressedStorage, CompressionOptions};
use adstead_testkit::contract::files::{in_pieces, noise};
use adstead_testkit::contract::{files, run_all};
use bytes::Bytes;
use proptest::prelude::*;

use super::{described, faulty, key, local, put, read, temp, try_read};

const HEADER: usize = 34;
const FRAME: usize = 256 << 10;
const EVERYTHING: CompressionOptions = CompressionOptions { level: 1, which: Compressed::Untyped };

fn compressed(inner: &Arc<impl FileStore + 'static>) -> CompressedStorage {
    CompressedStorage::new(Arc::clone(inner) as _, EVERYTHING)
}

/// Text that shrinks, in which no two places look alike.
fn text(len: usize) -> Bytes {
    let lines = (0..len).flat_map(|line| format!("{line:08} impressions, clicks and spend\n").into_bytes());
    lines.take(len).collect::<Vec<_>>().into()
}

fn as_text(size_bytes: Option<u64>) -> PutOptions {
    PutOptions {
        content_type: Some("text/csv".parse().expect("a media type")),
        size_bytes,
        ..PutOptions::default()
    }
}

#[tokio::test]
async fn compression_keeps_the_contract() {
    let roots = temp();
    let make = async || Arc::new(compressed(&local(&roots).await)) as _;
    run_all("CompressedStorage", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn compression_of_text_alone_keeps_the_contract() {
    let roots = temp();
    let make = async || {
        let options = CompressionOptions::default();
        Arc::new(CompressedStorage::new(local(&roots).await, options)) as _
    };
    run_all("CompressedStorage by media type", "FileStore", files::CASES, make).await;
}

#[tokio::test]
async fn what_shrinks_is_stored_smaller_and_other_files_as_they_are() {
    let roots = temp();
    let inner = local(&roots).await;
    let store = CompressedStorage::new(Arc::clone(&inner) as _, CompressionOptions::default());
    let report = text(700_000);
    for size in [None, Some(700_000)] {
        let stored = store.put(&key("f"), in_pieces(&report, 9_000), &as_text(size)).await.expect("a file");
        assert_eq!(stored.size_bytes, 700_000);
        assert!(read(&*inner, "f").await.expect("it is there").len() < 200_000);
        assert_eq!(read(&store, "f").await, Some(report.clone()));
        let head = store.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!((head.size_bytes, head.content_type), (700_000, as_text(None).content_type));
    }
    for (name, options, file) in [
        ("picture", described(), text(100_000)),
        ("untyped", PutOptions::default(), text(100_000)),
        ("small", as_text(None), text(1_000)),
        ("empty", as_text(None), text(0)),
    ] {
        store.put(&key(name), in_pieces(&file, 9_000), &options).await.expect("a file");
        assert_eq!(read(&*inner, name).await, Some(file.clone()), "{name}");
        assert_eq!(read(&store, name).await, Some(file), "{name}");
    }
    let random = Bytes::from(super::random(2 * FRAME + 5));
    store.put(&key("random"), in_pieces(&random, 9_000), &as_text(None)).await.expect("a file");
    let at_rest = read(&*inner, "random").await.expect("it is there").len();
    assert_eq!(at_rest, HEADER + random.len() + 3 * 4 + 3 * 4 + 16, "what does not shrink grows by no more");
    assert_eq!(read(&store, "random").await, Some(random));
}

#[tokio::test]
async fn a_range_reads_only_the_frames_that_it_touches() {
    let roots = temp();
    let inner = faulty(&roots).await;
    let store = compressed(&inner);
    let file = text(5 * FRAME + 1_000);
    let options = |is_known: bool| PutOptions {
        size_bytes: is_known.then_some(file.len() as u64),
        ..PutOptions::default()
    };
    for (is_known, near, far, whole, head) in [(true, 1, 3, 1, 1), (false, 2, 3, 2, 2)] {
        store.put(&key("f"), in_pieces(&file, 90_000), &options(is_known)).await.expect("a file");
        inner.calls();
        let frame = FRAME as u64;
        for (range, requests) in [
            (0..10, near),
            (0..u64::MAX, near),
            (frame - 1..frame + 1, near),
            (2 * frame - 1..2 * frame, far),
            (3 * frame..3 * frame + 1, far),
            (5 * frame + 999..u64::MAX, far),
            (9..9, head),
            (9 * frame..u64::MAX, head),
        ] {
            let found =
                try_read(&store, "f", Some(range.clone())).await.expect("a range").expect("it is there");
            let Range { start, end } = range;
            let end = end.min(file.len() as u64) as usize;
            assert!(found == file[(start as usize).min(end)..end], "{start}..{end}");
            assert_eq!(inner.calls(), vec!["get"; requests], "{start}..{end}, known: {is_known}");
        }
        assert!(read(&store, "f").await == Some(file.clone()));
        assert_eq!(inner.calls(), vec!["get"; whole]);
        store.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!(inner.calls(), vec!["get"; head]);
    }
}

#[tokio::test]
async fn files_of_any_size_come_back() {
    let roots = temp();
    let store = compressed(&local(&roots).await);
    for size in [0, 1, 1_023, 1_024, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME] {
        for file in [text(size), Bytes::from(super::random(size))] {
            assert_eq!(put(&store, "f", &file).await.expect("a file").size_bytes, size as u64);
            let head = store.head(&key("f")).await.expect("a look").expect("it is there");
            assert_eq!(head.size_bytes, size as u64);
            assert!(read(&store, "f").await == Some(file), "{size} bytes");
        }
    }
}

#[tokio::test]
async fn what_begins_like_a_compressed_file_comes_back_exactly_and_so_do_files_of_before() {
    let roots = temp();
    let inner = local(&roots).await;
    put(&compressed(&inner), "f", &text(400_000)).await.expect("a file");
    let likeness = read(&*inner, "f").await.expect("it is there");
    let store = CompressedStorage::new(Arc::clone(&inner) as _, CompressionOptions::default());
    for file in [likeness.clone(), likeness.slice(..16), likeness.slice(..1)] {
        let options = PutOptions { size_bytes: Some(file.len() as u64), ..PutOptions::default() };
        let stored = store.put(&key("f"), in_pieces(&file, 7), &options).await.expect("a file");
        assert_eq!(stored.size_bytes, file.len() as u64);
        let head = store.head(&key("f")).await.expect("a look").expect("it is there");
        assert_eq!(head.size_bytes, file.len() as u64);
        assert_eq!(read(&store, "f").await, Some(file.clone()));
        let copied = store.copy(&key("f"), &key("g")).await.expect("a copy").expect("it is there");
        assert_eq!(copied.size_bytes, file.len() as u64);
        assert_eq!(read(&store, "g").await, Some(file));
    }
    put(&*inner, "old", &text(600_000)).await.expect("a file of before");
    assert_eq!(read(&store, "old").await, Some(text(600_000)));
    let far = try_read(&store, "old", Some(500_000..500_100)).await.expect("a range");
    assert_eq!(far, Some(text(600_000).slice(500_000..500_100)));
}

async fn at_rest(file: &Bytes, size_bytes: Option<u64>) -> Bytes {
    let roots = temp();
    let inner = local(&roots).await;
    compressed(&inner).put(&key("f"), in_pieces(file, 9_000), &as_text(size_bytes)).await.expect("a file");
    read(&*inner, "f").await.expect("it is there")
}

async fn read_at_rest(at_rest: &[u8], range: Option<Range<u64>>) -> Result<Option<Bytes>, PortErrorKind> {
    let roots = temp();
    let inner = local(&roots).await;
    put(&*inner, "f", &Bytes::copy_from_slice(at_rest)).await.expect("a file");
    try_read(&compressed(&inner), "f", range).await.map_err(|error| error.kind)
}

#[tokio::test]
async fn a_damaged_file_is_never_read_as_another() {
    let file = text(FRAME + 3_000);
    for known in [None, Some(file.len() as u64)] {
        let whole = at_rest(&file, known).await;
        for len in
            [0, 1, 2, 20, HEADER - 1, HEADER, HEADER + 3, HEADER + 100].map(|cut| whole.len() - 1 - cut)
        {
            for range in [None, Some(FRAME as u64 + 1..u64::MAX)] {
                match read_at_rest(&whole[..len], range.clone()).await {
                    Err(kind) => assert_eq!(kind, PortErrorKind::Corrupt, "{len} bytes"),
                    // A whole read that knows the size from the header does not need the index.
                    Ok(found) => assert!(known.is_some() && range.is_none() && found == Some(file.clone())),
                }
            }
        }
        for place in (0..HEADER).chain([HEADER + 1, HEADER + 4, HEADER + 5]) {
            let mut changed = whole.to_vec();
            changed[place] ^= 0x10;
            assert_eq!(read_at_rest(&changed, None).await.expect_err("damaged"), PortErrorKind::Corrupt);
        }
    }
}

#[tokio::test]
async fn a_frame_that_claims_more_than_a_frame_holds_is_not_believed() {
    let whole = at_rest(&text(FRAME), Some(FRAME as u64)).await;
    let bomb = zstd::bulk::compress(&vec![0; 64 << 20], 1).expect("64 MiB of nothing");
    assert!(bomb.len() < FRAME, "it is a frame by its length");
    let mut file = whole[..HEADER].to_vec();
    file.extend((bomb.len() as u32).to_be_bytes());
    file.extend(&bomb);
    assert_eq!(read_at_rest(&file, None).await.expect_err("a bomb"), PortErrorKind::Corrupt);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_range_is_that_of_the_plain_file(
        size in 0_usize..900_000,
        ranges in prop::collection::vec((0_u64..950_000, 0_u64..400_000), 8),
        piece in 1_000_usize..100_000,
        is_known: bool,
        shrinks: bool,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        runtime.block_on(async {
            let roots = temp();
            let store = compressed(&local(&roots).await);
            let file = if shrinks { text(size) } else { noise(size) };
            let options = as_text(is_known.then_some(size as u64));
            store.put(&key("f"), in_pieces(&file, piece), &options).await.expect("a file");
            for (start, len) in ranges {
                let found = store.get(&key("f"), Some(start..start + len)).await.expect("a range");
                let expected = (start as usize).min(size)..((start + len) as usize).min(size);
                assert_eq!(found.expect("it is there").range, expected.start as u64..expected.end as u64);
                let bytes = try_read(&store, "f", Some(start..start + len)).await.expect("a range");
                assert!(bytes.expect("it is there") == file[expected]);
            }
        });
    }
}
