use std::sync::Arc;

use adstead_domain::Sha256Digest;
use adstead_domain::port::{
    FileKey, FileStore, FileStoreExt, IdGenerator, PortError, PortErrorKind, PutOptions,
};
use bytes::Bytes;
use futures::{StreamExt, stream};

use crate::Error;

/// Finds out whether files can be kept somewhere: stores a small one, reads it, finds it in the list, and removes it.
pub struct ProbeFiles {
    /// Where files would be.
    pub files: Arc<dyn FileStore>,
    /// Names the small file.
    pub ids: Arc<dyn IdGenerator>,
}

/// Below what the small file is while it is there.
const PLACE: &str = "probes";

const CONTENT: &[u8] = b"Adstead looks whether files can be kept here. This one may be deleted.\n";

impl ProbeFiles {
    /// Does so.
    ///
    /// # Errors
    /// [`Error::Port`] as of the first step that fails; `Corrupt` where something else is read or listed than was stored.
    pub async fn execute(&self) -> Result<(), Error> {
        let place: FileKey = PLACE.parse().expect("a word is a file key");
        let key: FileKey =
            format!("{PLACE}/{}", self.ids.next()).parse().expect("a UUID is a segment of a file key");
        let content = stream::iter([Ok(Bytes::from_static(CONTENT))]).boxed();
        self.files.put(&key, content, &PutOptions::default()).await?;
        let looked_at = self.look_at(&place, &key).await;
        let deleted = self.files.delete(&key).await;
        looked_at?;
        Ok(deleted?)
    }

    async fn look_at(&self, place: &FileKey, key: &FileKey) -> Result<(), Error> {
        let expected = (CONTENT.len() as u64, Sha256Digest::of(CONTENT));
        if self.files.digest(key).await? != Some(expected) {
            return Err(corrupt("files.get", "what was read is not what was stored a moment ago"));
        }
        let mut cursor = None::<String>;
        loop {
            let page = self.files.list(Some(place), cursor.as_deref(), 1_000).await?;
            if page.files.iter().any(|file| file.key == *key) {
                return Ok(());
            }
            cursor = page.next;
            if cursor.is_none() {
                return Err(corrupt("files.list", "what was stored a moment ago is not in the list"));
            }
        }
    }
}

fn corrupt(operation: &'static str, what: &str) -> Error {
    PortError::new(PortErrorKind::Corrupt, operation).with_source(what).into()
}
