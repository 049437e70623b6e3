use adstead_domain::port::{FileRefusal, FileRules, FileStore, FileStoreExt, InspectedFile, PortError};
use adstead_domain::{ContentType, Dimensions, Inspected, Sha256Digest};
use bytes::Bytes;

use crate::corpus::{HostileFile, bombs, polyglots};

use super::{assert_nothing_is_left, content, images_up_to, in_pieces, key, png, put, refusal};

const LIMIT: u64 = 1 << 20;

async fn put_inspected(store: &dyn FileStore, file: &Bytes) -> Result<InspectedFile, PortError> {
    store.put_inspected(&key(), in_pieces(file, 1000), &images_up_to(LIMIT)).await
}

fn as_it_is(file: &Bytes) -> Inspected {
    Inspected {
        content_type: ContentType::Png,
        size_bytes: file.len() as u64,
        sha256: Sha256Digest::of(file),
        dimensions: Some(Dimensions { width: 640, height: 480 }),
    }
}

pub(super) async fn a_stored_file_is_described(store: &dyn FileStore) {
    let file = png(640, 480, 5_000);
    let InspectedFile { stored, inspected } = put_inspected(store, &file).await.expect("a valid file");
    assert_eq!((stored.size_bytes, inspected), (5_000, as_it_is(&file)));
    assert_eq!(content(store).await.as_deref(), Some(&*file));
    let head = store.head(&key()).await.expect("a key can be asked for").expect("it is there");
    if store.capabilities().metadata {
        assert_eq!(head.content_type, Some(ContentType::Png.into()));
    }
}

pub(super) async fn what_is_stored_can_be_inspected(store: &dyn FileStore) {
    assert_eq!(store.inspect(&key(), &images_up_to(LIMIT)).await.expect("nothing to inspect"), None);
    let file = png(640, 480, 90_000);
    put(store, &file).await.expect("a file");
    let inspected = store.inspect(&key(), &images_up_to(LIMIT)).await.expect("a valid file");
    assert_eq!(inspected, Some(as_it_is(&file)));
    let refusal = refusal(store.inspect(&key(), &images_up_to(80_000)).await);
    assert_eq!(refusal, FileRefusal::TooLarge { max_bytes: 80_000 });
    assert_eq!(content(store).await.as_deref(), Some(&*file), "looking changes nothing");
}

pub(super) async fn a_file_past_the_limit_is_refused(store: &dyn FileStore) {
    let at_the_limit = png(1, 1, LIMIT as usize);
    put_inspected(store, &at_the_limit).await.expect("a file of exactly the limit");
    store.delete(&key()).await.expect("a file can be deleted");
    let past_it = png(1, 1, LIMIT as usize + 1);
    assert_eq!(refusal(put_inspected(store, &past_it).await), FileRefusal::TooLarge { max_bytes: LIMIT });
    assert_nothing_is_left(store).await;
}

pub(super) async fn an_empty_file_is_refused(store: &dyn FileStore) {
    assert_eq!(refusal(put_inspected(store, &Bytes::new()).await), FileRefusal::Empty);
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_type_that_is_not_welcome_is_refused(store: &dyn FileStore) {
    let gif = Bytes::from_static(b"GIF89a\x01\0\x01\0\0\0\0;");
    let expected =
        FileRefusal::TypeNotAllowed { found: "image/gif".into(), allowed: "image/png, image/jpeg".into() };
    assert_eq!(refusal(put_inspected(store, &gif).await), expected);
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_mislabelled_file_is_refused(store: &dyn FileStore) {
    let rules = FileRules { declared: Some(ContentType::Png), ..images_up_to(LIMIT) };
    let text = Bytes::from_static(b"Hello, this is no picture at all.");
    let stored = store.put_inspected(&key(), in_pieces(&text, 7), &rules).await;
    let expected = FileRefusal::Mislabelled { declared: ContentType::Png, found: "text".into() };
    assert_eq!(refusal(stored), expected);
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_damaged_image_is_refused(store: &dyn FileStore) {
    let cut_short = png(640, 480, 9_000).slice(..8_999);
    let expected = FileRefusal::CutShort { content_type: ContentType::Png, size_bytes: 8_999 };
    assert_eq!(refusal(put_inspected(store, &cut_short).await), expected);
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_file_that_is_something_else_as_well_is_refused(store: &dyn FileStore) {
    for HostileFile { name, content, refusal: expected, .. } in [polyglots(), bombs()].concat() {
        let rules = FileRules { allowed: ContentType::ALL.to_vec(), ..images_up_to(LIMIT) };
        let stored = store.put_inspected(&key(), in_pieces(&content.into(), 100), &rules).await;
        let refusal = refusal(stored).to_string();
        assert!(refusal.contains(expected), "{name}: {refusal}");
        assert_nothing_is_left(store).await;
    }
}

pub(super) async fn a_refused_file_leaves_the_old_one(store: &dyn FileStore) {
    let old = png(1, 1, 9_000);
    put_inspected(store, &old).await.expect("a valid file");
    refusal(put_inspected(store, &Bytes::from_static(b"no picture")).await);
    assert_eq!(content(store).await.as_deref(), Some(&*old));
}
