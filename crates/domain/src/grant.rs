//! Leave to do one thing with one file, for whoever holds it: no account is asked for.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use crate::SigningKey;
use crate::port::{Clock, FileKey, MediaType, PresignGet, PresignPut, SignedRequest};

/// What may be done with which file, and until when.
///
/// ```
/// use std::time::Duration;
///
/// use adstead_domain::port::PresignPut;
/// use adstead_domain::{FileGrant, SigningKey};
/// use jiff::Timestamp;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let (key, now) = (SigningKey::new([7; 32]), Timestamp::UNIX_EPOCH);
/// let terms = PresignPut { expires_in: Duration::from_secs(60), size_bytes: 5, content_type: None };
/// let sealed = FileGrant::store("quarantine/1".parse()?, &terms, now).seal(&key);
/// assert!(FileGrant::open(&sealed, &key, now).is_ok());
/// assert!(FileGrant::open(&sealed, &key, now + Duration::from_secs(60)).is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileGrant {
    /// Which file.
    pub key: FileKey,
    /// The moment from which it is worth nothing.
    pub expires_at: Timestamp,
    /// What may be done.
    pub leave: FileLeave,
}

/// What may be done with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileLeave {
    /// It may be read.
    Read {
        /// The media type that the answer says.
        content_type: Option<MediaType>,
        /// The `Content-Disposition` of the answer.
        content_disposition: Option<String>,
    },
    /// It may be stored.
    Store {
        /// The size that it must have, in bytes.
        size_bytes: u64,
        /// The media type that it must be sent under.
        content_type: Option<MediaType>,
    },
}

/// Why a sealed text is worth nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoGrant {
    /// Nobody of us sealed it.
    #[error("the address was not signed here, or was changed: use it just as you were given it")]
    Forged,
    /// Its time is over.
    #[error("the address has expired: ask for a new one")]
    Expired,
}

impl FileGrant {
    /// Leave to read a file on these terms, as of `now`.
    pub fn read(key: FileKey, terms: &PresignGet, now: Timestamp) -> Self {
        let PresignGet { expires_in, content_type, content_disposition } = terms.clone();
        let leave = FileLeave::Read { content_type, content_disposition };
        Self { key, expires_at: after(now, expires_in), leave }
    }

    /// Leave to store a file on these terms, as of `now`.
    pub fn store(key: FileKey, terms: &PresignPut, now: Timestamp) -> Self {
        let PresignPut { expires_in, size_bytes, content_type } = terms.clone();
        Self { key, expires_at: after(now, expires_in), leave: FileLeave::Store { size_bytes, content_type } }
    }

    /// It as one word that is good for a URL.
    pub fn seal(&self, key: &SigningKey) -> String {
        let media = |content_type: &Option<MediaType>| {
            content_type.as_ref().map_or_else(String::new, ToString::to_string)
        };
        let (verb, size, content_type, disposition) = match &self.leave {
            FileLeave::Read { content_type, content_disposition } => {
                ("read", 0, media(content_type), content_disposition.as_deref().unwrap_or_default())
            }
            FileLeave::Store { size_bytes, content_type } => ("store", *size_bytes, media(content_type), ""),
        };
        let expires = self.expires_at.as_second();
        // What may hold anything comes last.
        key.seal(&format!("{verb}\n{}\n{expires}\n{size}\n{content_type}\n{disposition}", self.key))
    }

    /// The grant that was sealed, if it is good at `now`.
    ///
    /// # Errors
    /// It was not sealed with `key`, or has expired.
    pub fn open(sealed: &str, key: &SigningKey, now: Timestamp) -> Result<Self, NoGrant> {
        let payload = key.open(sealed).ok_or(NoGrant::Forged)?;
        let grant = Self::parse(&payload).ok_or(NoGrant::Forged)?;
        if now < grant.expires_at { Ok(grant) } else { Err(NoGrant::Expired) }
    }

    fn parse(payload: &str) -> Option<Self> {
        let mut fields = payload.splitn(6, '\n');
        let (verb, key) = (fields.next()?, fields.next()?.parse().ok()?);
        let expires_at = Timestamp::from_second(fields.next()?.parse().ok()?).ok()?;
        let size_bytes = fields.next()?.parse().ok()?;
        let content_type = given(fields.next()?)?;
        let leave = match verb {
            "read" => FileLeave::Read { content_type, content_disposition: given(fields.next()?)? },
            "store" => FileLeave::Store { size_bytes, content_type },
            _ => return None,
        };
        Some(Self { key, expires_at, leave })
    }
}

/// Makes presigned requests that the API serves, for stores that cannot sign any.
#[derive(Clone)]
pub struct GrantIssuer {
    /// What comes before a sealed grant: a path of the API, such as `/v1/files/`, or an address that leads there.
    pub address: String,
    /// What grants are sealed with.
    pub key: SigningKey,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl GrantIssuer {
    /// A request that reads the file.
    pub fn get(&self, key: &FileKey, terms: &PresignGet) -> SignedRequest {
        let grant = FileGrant::read(key.clone(), terms, self.clock.now());
        SignedRequest { method: "GET", url: self.url(&grant), headers: Vec::new() }
    }

    /// A request that stores a file.
    pub fn put(&self, key: &FileKey, terms: &PresignPut) -> SignedRequest {
        let grant = FileGrant::store(key.clone(), terms, self.clock.now());
        let content_type = terms.content_type.iter().map(|it| ("content-type".to_owned(), it.to_string()));
        SignedRequest { method: "PUT", url: self.url(&grant), headers: content_type.collect() }
    }

    fn url(&self, grant: &FileGrant) -> String {
        format!("{}{}", self.address, grant.seal(&self.key))
    }
}

/// A field that may be empty.
fn given<T: FromStr>(field: &str) -> Option<Option<T>> {
    if field.is_empty() { Some(None) } else { field.parse().ok().map(Some) }
}

fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.saturating_add(time).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_comes_back_as_it_was_sealed() {
        let (key, now) = (SigningKey::new([7; 32]), Timestamp::UNIX_EPOCH);
        let file: FileKey = "assets/1".parse().expect("a key");
        let media: MediaType = "image/png".parse().expect("a media type");
        let expires_in = Duration::from_secs(60);
        let mut grants = Vec::new();
        for content_type in [None, Some(media)] {
            let size_bytes = 5;
            let store = PresignPut { expires_in, size_bytes, content_type: content_type.clone() };
            grants.push(FileGrant::store(file.clone(), &store, now));
            for disposition in [None, Some("inline; filename=\"a b.png\"".to_owned())] {
                let content_type = content_type.clone();
                let read = PresignGet { expires_in, content_type, content_disposition: disposition };
                grants.push(FileGrant::read(file.clone(), &read, now));
            }
        }
        for grant in grants {
            let sealed = grant.seal(&key);
            assert_eq!(FileGrant::open(&sealed, &key, now).as_ref(), Ok(&grant));
            assert_eq!(FileGrant::open(&sealed, &key, grant.expires_at), Err(NoGrant::Expired));
            assert_eq!(FileGrant::open(&sealed, &SigningKey::new([8; 32]), now), Err(NoGrant::Forged));
            for index in 0..sealed.len() {
                let mut changed = sealed.clone().into_bytes();
                changed[index] = if changed[index] == b'A' { b'B' } else { b'A' };
                let changed = String::from_utf8(changed).expect("ASCII");
                assert_eq!(FileGrant::open(&changed, &key, now), Err(NoGrant::Forged), "{index}");
            }
        }
    }
}
