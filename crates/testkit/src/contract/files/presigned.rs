use std::time::Duration;

use adstead_domain::port::{
    FileStore, MediaType, PortError, PortErrorKind, PresignGet, PresignPut, SignedRequest, Unsupported,
};

use super::{content, key, noise, put};
use crate::http;

fn get_terms() -> PresignGet {
    PresignGet {
        expires_in: Duration::from_secs(60),
        content_type: Some(media("image/webp")),
        content_disposition: Some("attachment; filename=\"hero.webp\"".into()),
    }
}

fn put_terms(size_bytes: u64) -> PresignPut {
    PresignPut { expires_in: Duration::from_secs(60), size_bytes, content_type: Some(media("image/png")) }
}

fn media(text: &str) -> MediaType {
    text.parse().expect("a media type")
}

fn assert_unsupported(outcome: Result<SignedRequest, PortError>) {
    let error = outcome.expect_err("the store cannot sign");
    assert_eq!(error.kind, PortErrorKind::Rejected);
    let source = error.source.expect("a cause");
    assert_eq!(source.downcast_ref::<Unsupported>(), Some(&Unsupported::Presigned));
}

/// Requests to Adstead's own API begin with a slash: the tests of the API send those.
pub(super) async fn presigned_requests_do_what_the_unsigned_calls_do(store: &dyn FileStore) {
    let file = noise(5_000);
    let signed = store.presign_put(&key(), &put_terms(5_000)).await;
    if !store.capabilities().presigned_put {
        assert_unsupported(signed);
        put(store, &file).await.expect("a file");
    } else {
        let signed = signed.expect("a signed request");
        assert!(!format!("{signed:?}").contains(&signed.url), "what is signed is not in logs");
        if signed.url.starts_with("http") {
            let answer = http::send(&signed, &file).await;
            assert!((200..300).contains(&answer.status), "{answer:?}");
            assert_eq!(content(store).await.as_deref(), Some(&*file));
        } else {
            put(store, &file).await.expect("a file");
        }
    }
    let signed = store.presign_get(&key(), &get_terms()).await;
    if !store.capabilities().presigned_get {
        return assert_unsupported(signed);
    }
    let signed = signed.expect("a signed request");
    if signed.url.starts_with("http") {
        let answer = http::send(&signed, &[]).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(answer.body == file, "the whole file is read");
        let tampered = SignedRequest { url: signed.url.replace("7f2c", "7f2d"), ..signed };
        let answer = http::send(&tampered, &[]).await;
        assert!((400..500).contains(&answer.status), "another key is not signed: {answer:?}");
    }
}
