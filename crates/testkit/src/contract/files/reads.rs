use adstead_domain::port::{FileMetadata, FileStore, MediaType, PutOptions};
use bytes::Bytes;
use futures::TryStreamExt;

use super::{assert_nothing_is_left, content, in_pieces, key, named, noise, put};

pub(super) async fn what_was_put_is_what_is_got(store: &dyn FileStore) {
    let file = noise(200_000);
    let stored = put(store, &file).await.expect("a file");
    assert_eq!(stored.size_bytes, 200_000);
    assert!(content(store).await.as_deref() == Some(&*file), "every byte is the same");
}

pub(super) async fn head_tells_what_put_was_told(store: &dyn FileStore) {
    let metadata =
        FileMetadata::try_from(vec![("owner", "0199-7f2c"), ("campaign-name", "Spring = 50 % off")])
            .expect("pairs of metadata");
    let media = "image/png".parse::<MediaType>().expect("a media type");
    let options = PutOptions {
        content_type: Some(media.clone()),
        metadata: metadata.clone(),
        size_bytes: Some(3_000),
        ..PutOptions::default()
    };
    let stored = store.put(&key(), in_pieces(&noise(3_000), 700), &options).await.expect("a file");
    let head = store.head(&key()).await.expect("a key can be asked for").expect("the file is there");
    assert_eq!((head.size_bytes, &head.tag), (3_000, &stored.tag));
    assert!(head.modified_at.as_second() > 1_600_000_000, "it was stored today: {}", head.modified_at);
    if store.capabilities().metadata {
        assert_eq!((&head.content_type, &head.metadata), (&Some(media), &metadata));
    } else {
        assert_eq!((&head.content_type, &head.metadata), (&None, &FileMetadata::default()));
    }
    let found = store.get(&key(), Some(5..10)).await.expect("a file can be read").expect("it is there");
    assert_eq!((found.info, found.range), (head, 5..10));
}

pub(super) async fn an_empty_file_can_be_stored_and_read(store: &dyn FileStore) {
    let stored = put(store, &Bytes::new()).await.expect("an empty file");
    assert_eq!(stored.size_bytes, 0);
    assert_eq!(content(store).await.as_deref(), Some(&[][..]));
    let found = store.get(&key(), Some(0..10)).await.expect("a range").expect("it is there");
    assert_eq!((found.info.size_bytes, found.range), (0, 0..0));
}

pub(super) async fn an_unknown_key_holds_nothing(store: &dyn FileStore) {
    assert_nothing_is_left(store).await;
    put(store, &noise(100)).await.expect("a file");
    let folder = named("assets/0199");
    assert!(store.get(&folder, None).await.expect("a key can be asked for").is_none(), "a prefix is no file");
    assert!(store.get(&folder, Some(0..9)).await.expect("a key can be asked for").is_none());
    assert_eq!(store.head(&folder).await.expect("a key can be asked for"), None);
}

pub(super) async fn a_range_is_exact_and_clamped(store: &dyn FileStore) {
    let file = noise(150_000);
    put(store, &file).await.expect("a file");
    for (range, expected) in [
        (0..1, 0..1),
        (70_000..140_001, 70_000..140_001),
        (65_535..65_537, 65_535..65_537),
        (149_999..150_000, 149_999..150_000),
        (100_000..u64::MAX, 100_000..150_000),
        (150_000..150_001, 150_000..150_000),
        (u64::MAX - 1..u64::MAX, 150_000..150_000),
        (5..5, 5..5),
    ] {
        let found = store.get(&key(), Some(range.clone())).await.expect("a range can be read");
        let found = found.expect("the file is there");
        assert_eq!((found.info.size_bytes, &found.range), (150_000, &expected), "{range:?}");
        let pieces = found.bytes.try_collect::<Vec<_>>().await.expect("a whole range").concat();
        let expected = expected.start as usize..expected.end as usize;
        assert!(pieces == file[expected.clone()], "{range:?} should be bytes {expected:?}");
    }
}
