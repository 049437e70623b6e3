use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, future, stream};

use super::{ByteStream, FileContent, FileKey, FileRefusal, FileRules, FileStore, PutOptions, StoredFile};
use crate::port::{PortError, PortErrorKind};
use crate::{ContentType, Inspected, Inspection, Sha256Digest, Sha256Hasher};

/// A file that was stored, and what it turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedFile {
    /// What the store says of it.
    pub stored: StoredFile,
    /// What it is.
    pub inspected: Inspected,
}

/// What can be done with any [`FileStore`].
#[async_trait]
pub trait FileStoreExt: FileStore {
    /// Stores what `content` yields under `key`, if it keeps the `rules`: it is looked at, and hashed, while it streams.
    ///
    /// # Errors
    /// `Rejected`, a [`FileRefusal`] as its source and nothing left behind, where the file is not welcome; those of
    /// [`put`](FileStore::put).
    async fn put_inspected(
        &self,
        key: &FileKey,
        content: ByteStream,
        rules: &FileRules,
    ) -> Result<InspectedFile, PortError> {
        let Intake { content_type, content, inspected } = Intake::begin(content, rules).await?;
        let options = PutOptions { content_type: Some(content_type.into()), ..PutOptions::default() };
        let stored = self.put(key, content, &options).await?;
        let inspected = inspected.take().ok_or_else(|| {
            PortError::new(PortErrorKind::Unexpected, PUT)
                .with_source("the store did not read the file to its end")
        })?;
        Ok(InspectedFile { stored, inspected })
    }

    /// What the file under `key` is, if it keeps the `rules`; nothing where there is none.
    ///
    /// # Errors
    /// `Rejected`, a [`FileRefusal`] as its source, where the file is not welcome; those of [`get`](FileStore::get).
    async fn inspect(&self, key: &FileKey, rules: &FileRules) -> Result<Option<Inspected>, PortError> {
        let Some(found) = self.get(key, None).await? else { return Ok(None) };
        let Intake { content, inspected, .. } = Intake::begin(found.bytes, rules).await?;
        drain(content).await?;
        Ok(inspected.take())
    }

    /// The size and the digest of the file under `key`; nothing where there is none.
    ///
    /// # Errors
    /// Those of [`get`](FileStore::get).
    async fn digest(&self, key: &FileKey) -> Result<Option<(u64, Sha256Digest)>, PortError> {
        let Some(FileContent { info, bytes, .. }) = self.get(key, None).await? else { return Ok(None) };
        let (bytes, digest) = hashed(bytes);
        drain(bytes).await?;
        Ok(Some((info.size_bytes, digest.finish())))
    }
}

impl<S: FileStore + ?Sized> FileStoreExt for S {}

/// `content`, and its digest once it has passed.
pub fn hashed(content: ByteStream) -> (ByteStream, PassingDigest) {
    let digest = PassingDigest::default();
    let hasher = Arc::clone(&digest.0);
    let update = move |piece: &Bytes| hasher.lock().unwrap_or_else(PoisonError::into_inner).update(piece);
    (content.inspect_ok(update).boxed(), digest)
}

/// The digest of what has passed a [`hashed`] stream.
#[derive(Debug, Default)]
pub struct PassingDigest(Arc<Mutex<Sha256Hasher>>);

impl PassingDigest {
    /// The digest of what has passed so far.
    pub fn finish(self) -> Sha256Digest {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone().finish()
    }
}

async fn drain(content: ByteStream) -> Result<(), PortError> {
    content.try_for_each(|_| future::ready(Ok(()))).await
}

const PUT: &str = "files.put";

/// A file that is looked at on its way.
struct Intake {
    content_type: ContentType,
    /// The file; it ends with an error where it does not keep the rules.
    content: ByteStream,
    inspected: Outcome,
}

/// What an inspection found, once the file has passed.
#[derive(Clone, Default)]
struct Outcome(Arc<Mutex<Option<Inspected>>>);

impl Outcome {
    fn set(&self, inspected: Inspected) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(inspected);
    }

    fn take(&self) -> Option<Inspected> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Intake {
    /// Waits for as much of the file as tells its type.
    async fn begin(mut content: ByteStream, rules: &FileRules) -> Result<Self, PortError> {
        let mut inspection = Inspection::new(rules.clone());
        let mut head = Vec::new();
        while inspection.content_type().is_none() {
            match content.try_next().await? {
                Some(piece) => {
                    inspection.look_at(&piece).map_err(refused)?;
                    head.push(Ok(piece));
                }
                None => inspection.look_no_further().map_err(refused)?,
            }
        }
        let content_type = inspection.content_type().expect("the loop ends once it is known");
        let inspected = Outcome::default();
        let rest = looked_at(content, inspection, inspected.clone());
        Ok(Self { content_type, content: stream::iter(head).chain(rest).boxed(), inspected })
    }
}

/// The rest of a file, and an error at its end where it does not keep the rules.
fn looked_at(content: ByteStream, inspection: Inspection, outcome: Outcome) -> ByteStream {
    let seen = (content, Some(inspection));
    stream::try_unfold(seen, move |(mut content, inspection)| {
        let outcome = outcome.clone();
        async move {
            let Some(mut inspection) = inspection else { return Ok(None) };
            match content.try_next().await? {
                Some(piece) => {
                    inspection.look_at(&piece).map_err(refused)?;
                    Ok(Some((piece, (content, Some(inspection)))))
                }
                None => {
                    outcome.set(inspection.finish().map_err(refused)?);
                    Ok(None::<(Bytes, _)>)
                }
            }
        }
    })
    .boxed()
}

fn refused(refusal: FileRefusal) -> PortError {
    PortError::new(PortErrorKind::Rejected, PUT).with_source(refusal)
}
