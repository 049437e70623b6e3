use std::mem;

use adstead_domain::Sha256Digest;
use axum::http::header;
use axum::http::request::Parts;
use memchr::memmem::Finder;
use sha2::{Digest, Sha256};

/// The digest of a request as its body passes by: of its method, its path, its query, and every byte of its body.
///
/// Forms are the exception: their clients draw a new boundary for each attempt. So the body is taken apart wherever its
/// boundary stands, and the digest is one of what stands between.
pub(super) struct Fingerprint {
    request: Sha256,
    piece: Sha256,
    boundary: Option<Boundary>,
}

struct Boundary {
    delimiter: Finder<'static>,
    /// The end of what passed by: a boundary may have begun in it.
    held: Vec<u8>,
}

impl Fingerprint {
    /// The beginning of the digest of a request with this head.
    pub(super) fn of(head: &Parts) -> Self {
        let mut request = Sha256::new();
        for part in [head.method.as_str(), head.uri.path(), head.uri.query().unwrap_or_default()] {
            request.update((part.len() as u64).to_be_bytes());
            request.update(part);
        }
        let form = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let boundary = form.and_then(|form| multer::parse_boundary(form).ok()).map(|boundary| Boundary {
            delimiter: Finder::new(format!("--{boundary}").as_bytes()).into_owned(),
            held: Vec::new(),
        });
        Self { request, piece: Sha256::new(), boundary }
    }

    /// Takes in the next bytes of the body.
    pub(super) fn pass(&mut self, bytes: &[u8]) {
        let Some(Boundary { delimiter, held }) = &mut self.boundary else {
            self.piece.update(bytes);
            return;
        };
        let length = delimiter.needle().len();
        held.extend_from_slice(bytes);
        let mut rest = held.as_slice();
        while let Some(at) = delimiter.find(rest) {
            self.piece.update(&rest[..at]);
            self.request.update(self.piece.finalize_reset());
            rest = &rest[at + length..];
        }
        let (sure, open) = rest.split_at(rest.len().saturating_sub(length - 1));
        self.piece.update(sure);
        *held = open.to_vec();
    }

    /// The digest, once the whole body has passed.
    pub(super) fn finish(mut self) -> Sha256Digest {
        if let Some(Boundary { held, .. }) = &mut self.boundary {
            self.piece.update(mem::take(held));
        }
        self.request.update(self.piece.finalize());
        Sha256Digest::new(self.request.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use proptest::prelude::*;

    use super::*;

    fn of(uri: &str, content_type: &str, pieces: &[&[u8]]) -> Sha256Digest {
        let request = Request::post(uri).header(header::CONTENT_TYPE, content_type).body(());
        let (head, ()) = request.expect("a request").into_parts();
        let mut print = Fingerprint::of(&head);
        pieces.iter().for_each(|piece| print.pass(piece));
        print.finish()
    }

    fn form(boundary: &str, content: &str) -> (String, Vec<u8>) {
        let part = "Content-Disposition: form-data; name=\"file\"; filename=\"a.png\"";
        let body = format!("--{boundary}\r\n{part}\r\n\r\n{content}\r\n--{boundary}--\r\n");
        (format!("multipart/form-data; boundary={boundary}"), body.into_bytes())
    }

    #[test]
    fn everything_but_the_head_s_other_headers_counts() {
        let json = "application/json";
        let first = of("/a?b=c", json, &[b"{\"d\": 1}"]);
        assert_eq!(of("/a?b=c", "application/json; charset=utf-8", &[b"{\"d\"", b"", b": 1}"]), first);
        for other in [
            of("/a", json, &[b"{\"d\": 1}"]),
            of("/a?b=d", json, &[b"{\"d\": 1}"]),
            of("/a?b=", json, &[b"c{\"d\": 1}"]),
            of("/ab?=c", json, &[b"{\"d\": 1}"]),
            of("/a?b=c", json, &[b"{\"d\": 1} "]),
            of("/a?b=c", json, &[]),
        ] {
            assert_ne!(other, first);
        }
    }

    #[test]
    fn a_form_with_a_new_boundary_is_the_same_form() {
        let digest = |boundary: &str, content: &str| {
            let (content_type, body) = form(boundary, content);
            of("/assets", &content_type, &[&body])
        };
        let first = digest("------------------------d74496d66958873e", "content");
        assert_eq!(digest("3f0a7c1b9d2e4f60", "content"), first);
        assert_ne!(digest("3f0a7c1b9d2e4f60", "other content"), first);
        assert_ne!(digest("3f0a7c1b9d2e4f60", ""), first);
    }

    proptest! {
        #[test]
        fn how_a_form_is_cut_into_pieces_does_not_count(
            content in "[-x=\r\n]{0,40}",
            cuts in prop::collection::vec(0_usize..200, 0..6),
        ) {
            let (content_type, body) = form("-x", &content);
            let mut cuts: Vec<_> = cuts.into_iter().map(|cut| cut.min(body.len())).chain([0, body.len()]).collect();
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|cut| &body[cut[0]..cut[1]]).collect();
            prop_assert_eq!(of("/assets", &content_type, &pieces), of("/assets", &content_type, &[&body]));
        }
    }
}
