//! What the URL of a server that speaks S3 tells.

use url::Url;

use crate::{Backend, Server};

/// A bucket, and who may use it: `http://ID:SECRET@HOST:PORT/BUCKET?region=REGION`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Bucket {
    /// Where the server is.
    pub endpoint: String,
    /// The bucket's name.
    pub bucket: String,
    /// Its region; `us-east-1` where the URL names none.
    pub region: String,
    /// The id of the access key.
    pub access_key_id: String,
    /// The secret of the access key.
    pub secret_access_key: String,
}

impl S3Bucket {
    /// That of a server; nothing where it speaks something else.
    pub fn of(server: &Server) -> Option<Self> {
        if server.backend() == Backend::S3 { Self::parse(&server.url()) } else { None }
    }

    fn parse(url: &str) -> Option<Self> {
        let mut url: Url = url.parse().ok()?;
        let region =
            url.query_pairs().find(|(name, _)| name == "region").map(|(_, region)| region.into_owned());
        let decoded =
            |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
        let bucket = decoded(url.path().strip_prefix('/')?);
        let (access_key_id, secret_access_key) = (decoded(url.username()), decoded(url.password()?));
        url.set_username("").ok()?;
        url.set_password(None).ok()?;
        url.set_query(None);
        url.set_path("");
        Some(Self {
            endpoint: url.as_str().trim_end_matches('/').to_owned(),
            bucket,
            region: region.unwrap_or_else(|| "us-east-1".to_owned()),
            access_key_id,
            secret_access_key,
        })
    }

    /// The variables of the environment that have Adstead keep its files there.
    pub fn variables(&self) -> [(&'static str, &str); 7] {
        [
            ("ADSTEAD__STORAGE__BACKEND", "s3"),
            ("ADSTEAD__STORAGE__S3__ENDPOINT", &self.endpoint),
            ("ADSTEAD__STORAGE__S3__PATH_STYLE", "true"),
            ("ADSTEAD__STORAGE__S3__BUCKET", &self.bucket),
            ("ADSTEAD__STORAGE__S3__REGION", &self.region),
            ("ADSTEAD__STORAGE__S3__ACCESS_KEY_ID", &self.access_key_id),
            ("ADSTEAD__STORAGE__S3__SECRET_ACCESS_KEY", &self.secret_access_key),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_tells_a_bucket_and_who_may_use_it() {
        let bucket =
            S3Bucket::parse("https://an%20id:a%2Bb%2Fc@s3.example.com:9000/creatives?region=eu-west-1");
        assert_eq!(
            bucket,
            Some(S3Bucket {
                endpoint: "https://s3.example.com:9000".to_owned(),
                bucket: "creatives".to_owned(),
                region: "eu-west-1".to_owned(),
                access_key_id: "an id".to_owned(),
                secret_access_key: "a+b/c".to_owned(),
            })
        );
        let plain = S3Bucket::parse("http://id:secret@127.0.0.1:9000/creatives").expect("a bucket");
        assert_eq!((&*plain.endpoint, &*plain.region), ("http://127.0.0.1:9000", "us-east-1"));
        for strange in ["", "creatives", "http://127.0.0.1:9000/creatives"] {
            assert_eq!(S3Bucket::parse(strange), None, "{strange}");
        }
    }
}
