use adstead_domain::port::{FileRefusal, FileStore, MediaType, PortError, PortErrorKind, PutOptions};
use bytes::Bytes;
use futures::channel::mpsc;
use futures::{FutureExt, StreamExt, stream};

use super::{
    assert_nothing_is_left, content, content_at, in_pieces, key, named, noise, png, put, put_at, refusal,
};

pub(super) async fn a_file_is_not_seen_before_it_is_whole(store: &dyn FileStore) {
    let file = png(3, 2, 2_000);
    let (pieces, incoming) = mpsc::unbounded();
    let (key, options) = (key(), PutOptions::default());
    let mut put = store.put(&key, incoming.boxed(), &options);
    pieces.unbounded_send(Ok(file.slice(..1_000))).expect("the put listens");
    assert!((&mut put).now_or_never().is_none(), "a put waits for the end of its stream");
    assert_nothing_is_left(store).await;
    pieces.unbounded_send(Ok(file.slice(1_000..))).expect("the put listens");
    drop(pieces);
    put.await.expect("a whole file");
    assert_eq!(content(store).await.as_deref(), Some(&*file));
}

pub(super) async fn a_put_replaces_the_file(store: &dyn FileStore) {
    let (old, new) = (noise(9_000), png(2, 2, 4_000));
    let text = "text/plain".parse::<MediaType>().expect("a media type");
    let options = PutOptions { content_type: Some(text), ..PutOptions::default() };
    let first = store.put(&key(), in_pieces(&old, 1_000), &options).await.expect("a file");
    let second = put(store, &new).await.expect("a file in the place of another");
    assert_ne!(first.tag, second.tag, "another content has another tag");
    assert_eq!(content(store).await.as_deref(), Some(&*new));
    let head = store.head(&key()).await.expect("a key can be asked for").expect("the file is there");
    assert_eq!((head.size_bytes, head.content_type), (4_000, None), "nothing is left of the old file");
}

pub(super) async fn a_file_of_another_size_than_announced_is_refused(store: &dyn FileStore) {
    let file = noise(5_000);
    let announced = |bytes| PutOptions { size_bytes: Some(bytes), ..PutOptions::default() };
    for bytes in [0, 4_999, 5_001] {
        let refusal = refusal(store.put(&key(), in_pieces(&file, 1_000), &announced(bytes)).await);
        let FileRefusal::WrongSize { announced, found } = refusal else { panic!("{refusal}") };
        assert_eq!(announced, bytes);
        assert!(if bytes > 5_000 { found == 5_000 } else { found > bytes && found <= 5_000 }, "{found}");
        assert_nothing_is_left(store).await;
    }
    let stored = store.put(&key(), in_pieces(&file, 1_000), &announced(5_000)).await.expect("as announced");
    assert_eq!(stored.size_bytes, 5_000);
    assert_eq!(content(store).await.as_deref(), Some(&*file));
}

pub(super) async fn an_error_of_the_incoming_stream_is_passed_on(store: &dyn FileStore) {
    let broken = PortError::new(PortErrorKind::Timeout, "upload.read");
    let incoming = stream::iter([Ok(noise(5_000)), Err(broken)]).boxed();
    let error = store.put(&key(), incoming, &PutOptions::default()).await.expect_err("the upload broke off");
    assert_eq!((error.kind, error.operation), (PortErrorKind::Timeout, "upload.read"));
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_cancelled_put_leaves_nothing(store: &dyn FileStore) {
    let incoming = stream::iter([Ok(noise(5_000))]).chain(stream::pending()).boxed();
    let cancelled = store.put(&key(), incoming, &PutOptions::default()).now_or_never();
    assert!(cancelled.is_none(), "a put waits for the end of its stream");
    assert_nothing_is_left(store).await;
}

pub(super) async fn a_key_may_go_on_where_another_ends(store: &dyn FileStore) {
    let (upper, lower) = (Bytes::from_static(b"upper"), Bytes::from_static(b"lower"));
    let below = named("assets/0199/7f2c/thumbnail.png");
    put(store, &upper).await.expect("a file");
    put_at(store, &below, &lower).await.expect("a file below a file");
    assert_eq!(content(store).await.as_deref(), Some(&*upper));
    assert_eq!(content_at(store, &below).await.as_deref(), Some(&*lower));
    store.delete(&key()).await.expect("a file can be deleted");
    assert_eq!(content(store).await, None);
    assert_eq!(content_at(store, &below).await.as_deref(), Some(&*lower), "what is below it stays");
}

pub(super) async fn a_copy_is_the_same_file_and_leaves_its_source(store: &dyn FileStore) {
    let (source, target) = (key(), named("assets/other"));
    assert_eq!(store.copy(&source, &target).await.expect("nothing to copy"), None);
    assert_nothing_is_left(store).await;
    let file = png(5, 4, 70_000);
    let media = "image/png".parse::<MediaType>().expect("a media type");
    let options = PutOptions { content_type: Some(media), ..PutOptions::default() };
    store.put(&source, in_pieces(&file, 9_000), &options).await.expect("a file");
    put_at(store, &target, &noise(100)).await.expect("a file that will be replaced");

    let copied = store.copy(&source, &target).await.expect("a file can be copied").expect("it is there");
    assert_eq!(copied.size_bytes, 70_000);
    for key in [&source, &target] {
        assert_eq!(content_at(store, key).await.as_deref(), Some(&*file), "{key}");
    }
    let head = async |key| store.head(key).await.expect("a key can be asked for").expect("it is there");
    let (from, to) = (head(&source).await, head(&target).await);
    assert_eq!((from.content_type, from.metadata), (to.content_type, to.metadata));
    assert_eq!(to.tag, copied.tag);
    store.delete(&source).await.expect("a file can be deleted");
    assert_eq!(content_at(store, &target).await.as_deref(), Some(&*file), "the copy stands by itself");
}

pub(super) async fn deleting_twice_is_no_error(store: &dyn FileStore) {
    put(store, &noise(100)).await.expect("a file");
    store.delete(&key()).await.expect("a file can be deleted");
    assert_nothing_is_left(store).await;
    store.delete(&key()).await.expect("a second delete is no error");
}
