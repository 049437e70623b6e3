use std::collections::BTreeMap;
use std::ops::{Bound, Range};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use adstead_domain::GrantIssuer;
use adstead_domain::port::{
    ByteStream, FileCapabilities, FileContent, FileInfo, FileKey, FilePage, FileRefusal, FileStore, FileTag,
    ListedFile, PortError, PortErrorKind, Precondition, PresignGet, PresignPut, PutOptions, SignedRequest,
    StoredFile, Unfinished, Unsupported,
};
use async_trait::async_trait;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use tokio::sync::Semaphore;

const PUT: &str = "files.put";

/// Files in memory.
#[derive(Default)]
pub struct MemoryFileStore {
    kept: Mutex<Kept>,
    gate: Option<Arc<Gate>>,
    issuer: Option<GrantIssuer>,
}

/// Holds up the answers to `put` of files that are stored.
#[derive(Debug)]
pub struct Gate {
    /// Has a permit for each file that was stored.
    pub stored: Semaphore,
    /// Gives one for each answer that may go out.
    pub told: Semaphore,
}

#[derive(Debug, Default)]
struct Kept {
    files: BTreeMap<FileKey, (FileInfo, Bytes)>,
    /// How many were stored.
    puts: i64,
}

impl Kept {
    fn insert(&mut self, key: FileKey, info: FileInfo, file: Bytes) -> StoredFile {
        self.puts += 1;
        let tag = FileTag::new(self.puts.to_string());
        let modified_at = Timestamp::from_second(1_700_000_000 + self.puts).expect("an instant");
        let stored = StoredFile { size_bytes: info.size_bytes, tag: tag.clone() };
        self.files.insert(key, (FileInfo { tag, modified_at, ..info }, file));
        stored
    }
}

impl MemoryFileStore {
    /// A store that tells of what it stored only when a test lets it.
    pub fn gated() -> (Self, Arc<Gate>) {
        let gate = Arc::new(Gate { stored: Semaphore::new(0), told: Semaphore::new(0) });
        (Self { gate: Some(Arc::clone(&gate)), ..Self::default() }, gate)
    }

    /// A store whose presigned requests `issuer` makes.
    pub fn signing(issuer: GrantIssuer) -> Self {
        Self { issuer: Some(issuer), ..Self::default() }
    }

    async fn pass_gate(&self) {
        if let Some(gate) = &self.gate {
            gate.stored.add_permits(1);
            gate.told.acquire().await.expect("nobody closes it").forget();
        }
    }

    fn store(&self, key: &FileKey, file: Bytes, options: &PutOptions) -> Result<StoredFile, PortError> {
        let mut kept = self.kept();
        let there = kept.files.get(key).map(|(info, _)| &info.tag);
        let failed = |kind| Err(PortError::new(kind, PUT));
        match &options.condition {
            Precondition::Absent if there.is_some() => return failed(PortErrorKind::Conflict),
            Precondition::Matches(seen) if there != Some(seen) => return failed(PortErrorKind::Stale),
            _ => {}
        }
        let info = FileInfo {
            size_bytes: file.len() as u64,
            tag: FileTag::new(""),
            modified_at: Timestamp::UNIX_EPOCH,
            content_type: options.content_type.clone(),
            metadata: options.metadata.clone(),
        };
        Ok(kept.insert(key.clone(), info, file))
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl FileStore for MemoryFileStore {
    fn capabilities(&self) -> FileCapabilities {
        FileCapabilities {
            create_only: true,
            if_match: true,
            metadata: true,
            presigned_get: self.issuer.is_some(),
            presigned_put: self.issuer.is_some(),
        }
    }

    async fn put(
        &self,
        key: &FileKey,
        mut content: ByteStream,
        options: &PutOptions,
    ) -> Result<StoredFile, PortError> {
        let mut file = Vec::new();
        while let Some(piece) = content.try_next().await? {
            file.extend_from_slice(&piece);
        }
        let found = file.len() as u64;
        if let Some(announced) = options.size_bytes.filter(|announced| *announced != found) {
            let refusal = FileRefusal::WrongSize { announced, found };
            return Err(PortError::new(PortErrorKind::Rejected, PUT).with_source(refusal));
        }
        let stored = self.store(key, file.into(), options)?;
        self.pass_gate().await;
        Ok(stored)
    }

    async fn get(&self, key: &FileKey, range: Option<Range<u64>>) -> Result<Option<FileContent>, PortError> {
        let Some((info, file)) = self.kept().files.get(key).cloned() else {
            return Ok(None);
        };
        let range = range.unwrap_or(0..info.size_bytes);
        let start = range.start.min(info.size_bytes);
        let range = start..range.end.clamp(start, info.size_bytes);
        let bytes = file.slice(range.start as usize..range.end as usize);
        Ok(Some(FileContent { info, range, bytes: stream::once(async { Ok(bytes) }).boxed() }))
    }

    async fn head(&self, key: &FileKey) -> Result<Option<FileInfo>, PortError> {
        Ok(self.kept().files.get(key).map(|(info, _)| info.clone()))
    }

    async fn delete(&self, key: &FileKey) -> Result<(), PortError> {
        self.kept().files.remove(key);
        Ok(())
    }

    async fn delete_many(&self, keys: &[FileKey]) -> Result<(), PortError> {
        let mut kept = self.kept();
        keys.iter().for_each(|key| drop(kept.files.remove(key)));
        Ok(())
    }

    async fn list(
        &self,
        prefix: Option<&FileKey>,
        cursor: Option<&str>,
        limit: u16,
    ) -> Result<FilePage, PortError> {
        let refused = |fault| PortError::new(PortErrorKind::Rejected, "files.list").with_source(fault);
        let after = cursor.map(str::parse::<FileKey>).transpose().map_err(refused)?;
        let kept = self.kept();
        let rest = (after.map_or(Bound::Unbounded, Bound::Excluded), Bound::Unbounded);
        let mut below = kept.files.range(rest).filter(|(key, _)| prefix.is_none_or(|it| key.is_below(it)));
        let listed = |(key, (info, _)): (&FileKey, &(FileInfo, Bytes))| ListedFile {
            key: key.clone(),
            stored_bytes: info.size_bytes,
            modified_at: info.modified_at,
        };
        let files = below.by_ref().take(limit.into()).map(listed).collect::<Vec<_>>();
        let next = below.next().and_then(|_| files.last()).map(|last| last.key.to_string());
        Ok(FilePage { files, next })
    }

    async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        let mut kept = self.kept();
        let source = kept.files.get(from).cloned();
        Ok(source.map(|(info, file)| kept.insert(to.clone(), info, file)))
    }

    async fn presign_get(&self, key: &FileKey, terms: &PresignGet) -> Result<SignedRequest, PortError> {
        let issuer = self.issuer.as_ref().ok_or_else(|| unsigned("files.presign_get"))?;
        Ok(issuer.get(key, terms))
    }

    async fn presign_put(&self, key: &FileKey, terms: &PresignPut) -> Result<SignedRequest, PortError> {
        let issuer = self.issuer.as_ref().ok_or_else(|| unsigned("files.presign_put"))?;
        Ok(issuer.put(key, terms))
    }

    async fn unfinished(&self, _: Timestamp, _: bool) -> Result<Unfinished, PortError> {
        Ok(Unfinished::default())
    }
}

fn unsigned(operation: &'static str) -> PortError {
    PortError::new(PortErrorKind::Rejected, operation).with_source(Unsupported::Presigned)
}
