use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CopyObjectInput, CopyObjectOutput, CopySource, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, DeleteObjectInput, DeleteObjectOutput, DeleteObjectsInput,
    DeleteObjectsOutput, GetObjectInput, GetObjectOutput, HeadBucketInput, HeadBucketOutput, HeadObjectInput,
    HeadObjectOutput, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListObjectsV2Input,
    ListObjectsV2Output, ListPartsInput, ListPartsOutput, MultipartUpload, PutObjectInput, PutObjectOutput,
    Timestamp, UploadPartCopyInput, UploadPartCopyOutput, UploadPartInput, UploadPartOutput,
};
use s3s::{S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

/// How many uploads a page of a list has: few, so that a test sees several pages.
const PAGE: usize = 2;

/// Files by names without slashes: no folder stands where a file shall be.
pub(super) struct Flat {
    files: FileSystem,
    root: PathBuf,
    /// Held while a condition is looked at and what depends on it is written.
    conditions: tokio::sync::Mutex<()>,
    /// The bucket and the key of each upload that was begun, by its id.
    uploads: Mutex<BTreeMap<String, (String, String)>>,
}

/// Stands for a slash. It is in no key of a file.
const SLASH: char = '|';

pub(super) fn flat(key: &str) -> String {
    key.replace('/', &SLASH.to_string())
}

fn deep(name: &str) -> String {
    name.replace(SLASH, "/")
}

type Answer<T> = S3Result<S3Response<T>>;

impl Flat {
    pub(super) fn new(files: FileSystem, root: &Path) -> Self {
        let (conditions, uploads) = (tokio::sync::Mutex::default(), Mutex::default());
        Self { files, root: root.to_owned(), conditions, uploads }
    }

    fn uploads(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, (String, String)>> {
        self.uploads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn assert_begun(&self, upload_id: &str) -> S3Result<()> {
        if self.uploads().contains_key(upload_id) { Ok(()) } else { Err(s3_error!(NoSuchUpload)) }
    }

    /// When an upload was begun: the time of what the file system notes then.
    fn begun_at(&self, upload_id: &str) -> Option<Timestamp> {
        let note = self.root.join(format!(".upload-{upload_id}.json"));
        fs::metadata(note).and_then(|note| note.modified()).ok().map(Timestamp::from)
    }
}

fn source(source: CopySource) -> CopySource {
    match source {
        CopySource::Bucket { bucket, key, version_id } => {
            CopySource::Bucket { bucket, key: flat(&key).into(), version_id }
        }
        other => other,
    }
}

#[async_trait::async_trait]
impl S3 for Flat {
    async fn head_bucket(&self, request: S3Request<HeadBucketInput>) -> Answer<HeadBucketOutput> {
        self.files.head_bucket(request).await
    }

    async fn put_object(&self, mut request: S3Request<PutObjectInput>) -> Answer<PutObjectOutput> {
        request.input.key = flat(&request.input.key);
        if request.input.if_match.is_none() && request.input.if_none_match.is_none() {
            return self.files.put_object(request).await;
        }
        let _held = self.conditions.lock().await;
        self.files.put_object(request).await
    }

    async fn get_object(&self, mut request: S3Request<GetObjectInput>) -> Answer<GetObjectOutput> {
        request.input.key = flat(&request.input.key);
        let if_match = request.input.if_match.clone();
        let got = self.files.get_object(request).await?;
        let is_wanted = |tag: &s3s::dto::ETag| {
            if_match.as_ref().and_then(|it| it.as_etag()).is_none_or(|wanted| tag.strong_cmp(wanted))
        };
        if got.output.e_tag.as_ref().is_none_or(is_wanted) {
            Ok(got)
        } else {
            Err(s3_error!(PreconditionFailed))
        }
    }

    async fn head_object(&self, mut request: S3Request<HeadObjectInput>) -> Answer<HeadObjectOutput> {
        request.input.key = flat(&request.input.key);
        self.files.head_object(request).await
    }

    async fn copy_object(&self, mut request: S3Request<CopyObjectInput>) -> Answer<CopyObjectOutput> {
        request.input.key = flat(&request.input.key);
        request.input.copy_source = source(request.input.copy_source);
        self.files.copy_object(request).await
    }

    async fn delete_object(&self, mut request: S3Request<DeleteObjectInput>) -> Answer<DeleteObjectOutput> {
        request.input.key = flat(&request.input.key);
        self.files.delete_object(request).await
    }

    async fn delete_objects(
        &self,
        mut request: S3Request<DeleteObjectsInput>,
    ) -> Answer<DeleteObjectsOutput> {
        for object in &mut request.input.delete.objects {
            object.key = flat(&object.key);
        }
        let mut deleted = self.files.delete_objects(request).await?;
        for object in deleted.output.deleted.iter_mut().flatten() {
            object.key = object.key.as_deref().map(deep);
        }
        Ok(deleted)
    }

    async fn list_objects_v2(
        &self,
        mut request: S3Request<ListObjectsV2Input>,
    ) -> Answer<ListObjectsV2Output> {
        request.input.prefix = request.input.prefix.as_deref().map(flat);
        request.input.start_after = request.input.start_after.as_deref().map(flat);
        let mut listed = self.files.list_objects_v2(request).await?;
        for object in listed.output.contents.iter_mut().flatten() {
            object.key = object.key.as_deref().map(deep);
        }
        Ok(listed)
    }

    async fn create_multipart_upload(
        &self,
        mut request: S3Request<CreateMultipartUploadInput>,
    ) -> Answer<CreateMultipartUploadOutput> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        request.input.key = flat(&key);
        let begun = self.files.create_multipart_upload(request).await?;
        if let Some(upload_id) = &begun.output.upload_id {
            self.uploads().insert(upload_id.clone(), (bucket, key));
        }
        Ok(begun)
    }

    async fn upload_part(&self, mut request: S3Request<UploadPartInput>) -> Answer<UploadPartOutput> {
        self.assert_begun(&request.input.upload_id)?;
        request.input.key = flat(&request.input.key);
        self.files.upload_part(request).await
    }

    async fn upload_part_copy(
        &self,
        mut request: S3Request<UploadPartCopyInput>,
    ) -> Answer<UploadPartCopyOutput> {
        self.assert_begun(&request.input.upload_id)?;
        request.input.key = flat(&request.input.key);
        request.input.copy_source = source(request.input.copy_source);
        self.files.upload_part_copy(request).await
    }

    async fn list_parts(&self, mut request: S3Request<ListPartsInput>) -> Answer<ListPartsOutput> {
        self.assert_begun(&request.input.upload_id)?;
        request.input.key = flat(&request.input.key);
        self.files.list_parts(request).await
    }

    async fn complete_multipart_upload(
        &self,
        mut request: S3Request<CompleteMultipartUploadInput>,
    ) -> Answer<CompleteMultipartUploadOutput> {
        let upload_id = request.input.upload_id.clone();
        self.assert_begun(&upload_id)?;
        request.input.key = flat(&request.input.key);
        let _held = self.conditions.lock().await;
        let completed = self.files.complete_multipart_upload(request).await?;
        self.uploads().remove(&upload_id);
        Ok(completed)
    }

    async fn abort_multipart_upload(
        &self,
        mut request: S3Request<AbortMultipartUploadInput>,
    ) -> Answer<AbortMultipartUploadOutput> {
        let upload_id = request.input.upload_id.clone();
        self.assert_begun(&upload_id)?;
        request.input.key = flat(&request.input.key);
        let aborted = self.files.abort_multipart_upload(request).await?;
        self.uploads().remove(&upload_id);
        Ok(aborted)
    }

    async fn list_multipart_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> Answer<ListMultipartUploadsOutput> {
        let ListMultipartUploadsInput { bucket, prefix, key_marker, upload_id_marker, .. } = request.input;
        let prefix = prefix.unwrap_or_default();
        let after = (key_marker.unwrap_or_default(), upload_id_marker.unwrap_or_default());
        let begun = self.uploads().clone();
        let begun = begun.into_iter().filter(|(_, (of, key))| *of == bucket && key.starts_with(&prefix));
        let mut begun = begun.map(|(upload_id, (_, key))| (key, upload_id)).collect::<Vec<_>>();
        begun.sort();
        begun.retain(|upload| *upload > after);
        let is_truncated = begun.len() > PAGE;
        begun.truncate(PAGE);
        let (next_key_marker, next_upload_id_marker) = begun.last().filter(|_| is_truncated).cloned().unzip();
        let uploads = begun.into_iter().map(|(key, upload_id)| MultipartUpload {
            initiated: self.begun_at(&upload_id),
            key: Some(key),
            upload_id: Some(upload_id),
            ..MultipartUpload::default()
        });
        Ok(S3Response::new(ListMultipartUploadsOutput {
            uploads: Some(uploads.collect()),
            is_truncated: Some(is_truncated),
            next_key_marker,
            next_upload_id_marker,
            ..ListMultipartUploadsOutput::default()
        }))
    }
}
