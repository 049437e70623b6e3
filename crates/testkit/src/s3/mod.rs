//! A server that speaks S3 over real HTTP, in this process: `s3s-fs` on a temporary folder.

mod flat;

use std::path::PathBuf;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use s3s_fs::FileSystem;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use flat::Flat;

/// A server on a free port of this machine, which stops when it is dropped, and whose files go then.
///
/// It verifies signatures. What `s3s-fs` by itself does otherwise than S3 does is mended here: a name may go on where
/// another ends, of several requests under a condition one wins, and uploads that were begun can be listed, in pages of
/// two.
#[derive(Debug)]
pub struct S3Server {
    endpoint: String,
    root: TempDir,
    server: JoinHandle<()>,
}

impl S3Server {
    /// The id of the only access key.
    pub const ACCESS_KEY_ID: &str = "adstead";

    /// The secret of the access key.
    pub const SECRET_ACCESS_KEY: &str = "only-for-tests";

    /// Starts a server without buckets.
    ///
    /// # Panics
    /// Where no port or temporary folder can be had.
    pub async fn start() -> Self {
        let root = tempfile::tempdir().expect("a temporary folder");
        let files = FileSystem::new(root.path()).expect("a folder that is there");
        let mut builder = S3ServiceBuilder::new(Flat::new(files, root.path()));
        builder.set_auth(SimpleAuth::from_single(Self::ACCESS_KEY_ID, Self::SECRET_ACCESS_KEY));
        let service = builder.build();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port of this machine");
        let address = listener.local_addr().expect("a bound listener has an address");
        let router = Router::new().fallback(move |request| answer(service.clone(), request));
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("a server of axum never ends by itself");
        });
        Self { endpoint: format!("http://{address}"), root, server }
    }

    /// Where it is.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Makes a bucket.
    ///
    /// # Panics
    /// Where it is there already.
    pub fn create_bucket(&self, name: &str) {
        std::fs::create_dir(self.root.path().join(name)).expect("a new bucket");
    }

    /// Puts a file of a few bytes under any name.
    ///
    /// # Panics
    /// Where there is no such bucket.
    pub fn plant(&self, bucket: &str, name: &str) {
        std::fs::write(self.root.path().join(bucket).join(flat::flat(name)), "planted").expect("a bucket");
    }

    /// The files that are kept for uploads that were begun: their parts.
    ///
    /// # Panics
    /// Where the folder cannot be read.
    pub fn parts(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.root.path()).expect("a readable folder");
        let paths = entries.map(|entry| entry.expect("a readable entry").path());
        paths.filter(|path| path.to_string_lossy().contains(".upload_id-")).collect()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn answer(service: S3Service, request: Request) -> Response {
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => response.map(Body::new),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
