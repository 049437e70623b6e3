//! Creative files: over a kill, in every place that the settings can name, and as the operator looks after them.

mod faults;
mod local;
mod places;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use adstead_backends::S3Bucket;
use serde_json::{Value, json};

use crate::http::{Answer, Request, succeed};
use crate::server::adstead;

/// Every file below `folder` that is somebody's.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { files_below(&path) } else { vec![path] }).collect()
}

/// A server, and somebody who uploads to it.
struct Uploader {
    address: SocketAddr,
    key: String,
}

impl Uploader {
    fn try_upload(&self, name: &str, content_type: &str, file: &[u8]) -> Answer {
        let line = format!("POST /v1/assets?name={name}");
        let mut request = Request::begin(self.address, &line, &self.key, content_type, file.len()).unwrap();
        // A refusal may come before all was sent.
        let _ = request.send(file);
        request.finish().unwrap()
    }

    /// Uploads a picture; its id.
    fn upload(&self, name: &str, file: &[u8]) -> String {
        let answer = self.try_upload(name, "image/png", file);
        assert_eq!(answer.status, 201, "{answer:?}");
        id(&answer.json())
    }

    fn download(&self, id: &str) -> Vec<u8> {
        self.try_download(id).unwrap()
    }

    fn try_download(&self, id: &str) -> io::Result<Vec<u8>> {
        let line = format!("GET /v1/assets/{id}/content");
        let mut request = Request::begin(self.address, &line, &self.key, "image/png", 0).unwrap();
        request.send(&[]).unwrap();
        request.finish_in_bytes()
    }

    fn storage(&self) -> Value {
        succeed(self.address, "GET /v1/system/status", &self.key, None)["storage"].clone()
    }

    fn count(&self, operation: &str) -> u64 {
        let storage = self.storage();
        let operations = storage["operations"].as_array().unwrap();
        let operation = operations.iter().find(|it| it["name"] == operation).unwrap();
        operation["times"]["count"].as_u64().unwrap()
    }
}

fn id(answer: &Value) -> String {
    answer["id"].as_str().unwrap().to_owned()
}

/// `adstead`, keeping its files in the bucket, below what no other folder has.
fn on(bucket: &S3Bucket, folder: &Path, arguments: &[&str]) -> Command {
    let prefix = folder.file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_ascii_lowercase();
    let mut command = adstead(folder, arguments);
    command
        .envs(bucket.variables())
        .env("ADSTEAD__STORAGE__S3__PREFIX", prefix)
        .env("ADSTEAD__STORAGE__S3__CONDITIONAL_WRITES", "false");
    command
}

/// What a command that succeeds prints as JSON.
fn told(mut command: Command) -> Value {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn no_faults() -> Value {
    json!([])
}
