use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, Mutex};

use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileStore, PortError,
    PortErrorKind, PresignGet, PresignPut, PutOptions, SignedRequest, StoredFile, Unfinished,
};
use async_trait::async_trait;
use futures::future::{self, BoxFuture};
use futures::{FutureExt, StreamExt, TryStreamExt, stream};
use jiff::Timestamp;

/// A store that fails where it is told to, and tells what it was asked for.
pub(super) struct Faulty {
    inner: Arc<dyn FileStore>,
    faults: Mutex<HashMap<&'static str, PortErrorKind>>,
    calls: Mutex<Vec<&'static str>>,
    meanwhile: Mutex<HashMap<&'static str, BoxFuture<'static, ()>>>,
}

impl Faulty {
    pub(super) fn new(inner: Arc<dyn FileStore>) -> Self {
        Self { inner, faults: Mutex::default(), calls: Mutex::default(), meanwhile: Mutex::default() }
    }

    /// From now on `operation` fails: the name of a method, `put.end` for a put once it has read all,
    /// `put.lost` for one that has stored the file, `get.first` for the
    /// bytes of a file, or `get.later` for those behind the first 1,000.
    pub(super) fn fail(&self, operation: &'static str, kind: PortErrorKind) {
        self.faults.lock().expect("no test panicked").insert(operation, kind);
    }

    /// From now on nothing can be reached.
    pub(super) fn go_away(&self) {
        for operation in ["put", "get", "head", "delete", "delete_many", "list", "copy", "unfinished"] {
            self.fail(operation, PortErrorKind::Unavailable);
        }
    }

    /// From now on all is well.
    pub(super) fn mend(&self) {
        self.faults.lock().expect("no test panicked").clear();
    }

    /// Does `what` before the next time that `operation` is carried out.
    pub(super) fn meanwhile(&self, operation: &'static str, what: impl Future<Output = ()> + Send + 'static) {
        self.meanwhile.lock().expect("no test panicked").insert(operation, what.boxed());
    }

    /// What it was asked for since this was last called.
    pub(super) fn calls(&self) -> Vec<&'static str> {
        std::mem::take(&mut *self.calls.lock().expect("no test panicked"))
    }

    async fn call(&self, operation: &'static str) -> Result<(), PortError> {
        self.calls.lock().expect("no test panicked").push(operation);
        let meanwhile = self.meanwhile.lock().expect("no test panicked").remove(operation);
        if let Some(meanwhile) = meanwhile {
            meanwhile.await;
        }
        self.fault(operation)
    }

    fn fault(&self, operation: &'static str) -> Result<(), PortError> {
        match self.faults.lock().expect("no test panicked").get(operation) {
            Some(kind) => Err(PortError::new(*kind, operation)),
            None => Ok(()),
        }
    }
}

#[async_trait]
impl FileStore for Faulty {
    fn capabilities(&self) -> FileCapabilities {
        self.inner.capabilities()
    }

    async fn put(
        &self,
        key: &FileKey,
        content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        self.call("put").await?;
        if let Err(error) = self.fault("put.end") {
            content.try_for_each(|_| future::ready(Ok(()))).await?;
            return Err(error);
        }
        let stored = self.inner.put(key, content, options).await?;
        self.fault("put.lost").map(|()| stored)
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        self.call("get").await?;
        let Some(mut found) = self.inner.get(key, range).await? else { return Ok(None) };
        if let Err(error) = self.fault("get.first") {
            found.bytes = stream::iter([Err(error)]).boxed();
        } else if let Err(error) = self.fault("get.later") {
            let start = found.bytes.map_ok(|piece| piece.slice(..piece.len().min(1_000))).take(1);
            found.bytes = start.chain(stream::iter([Err(error)])).boxed();
        }
        Ok(Some(found))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        self.call("head").await?;
        self.inner.head(key).await
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.call("delete").await?;
        self.inner.delete(key).await
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        self.call("delete_many").await?;
        self.inner.delete_many(keys).await
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        self.call("list").await?;
        self.inner.list(prefix, cursor, limit).await
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        self.call("copy").await?;
        self.inner.copy(from, to).await
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        self.inner.presign_get(key, terms).await
    }

    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        self.inner.presign_put(key, terms).await
    }

    async fn unfinished(&self, before: Timestamp, remove: bool) -> Result<Unfinished, PortError> {
        self.call("unfinished").await?;
        self.inner.unfinished(before, remove).await
    }
}
