use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;

use adstead_domain::{AssetName, ContentType};
use anyhow::{Context, Result, ensure};
use futures::StreamExt;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use reqwest::Body;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use super::{advise, print, print_json};
use crate::cli::UploadArgs;
use crate::client::Client;

/// What became of all files.
#[derive(Serialize)]
struct Uploaded {
    assets: Vec<Value>,
    failures: Vec<Failure>,
}

#[derive(Serialize)]
struct Failure {
    file: String,
    fault: String,
}

/// Uploads one file after the other; one that is not taken in keeps none of the others.
pub(super) async fn upload(args: UploadArgs) -> Result<ExitCode> {
    let UploadArgs { files, server, key, name, direct, content_type, output } = args;
    ensure!(name.is_none() || files.len() == 1, "--name is for one file, and {} are given", files.len());
    let client = Client::new(server.trim_end_matches('/'), &key)?;
    let mut uploaded = Uploaded { assets: Vec::new(), failures: Vec::new() };
    for path in &files {
        let sent = async {
            let plan = Plan::of(path, name.clone(), content_type).await?;
            if direct { plan.send_past(&client).await } else { plan.send(&client).await }
        };
        match sent.await {
            Ok(asset) => {
                if !output.json {
                    print(&line(path, &asset))?;
                }
                uploaded.assets.push(asset);
            }
            Err(error) => {
                let (file, fault) = (path.display().to_string(), format!("{error:#}"));
                if !output.json {
                    advise(&format!("{file} was not uploaded: {fault}"));
                }
                uploaded.failures.push(Failure { file, fault });
            }
        }
    }
    if output.json {
        print_json(&uploaded)?;
    }
    Ok(if uploaded.failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn line(path: &Path, asset: &Value) -> String {
    let word = |field: &str| asset[field].as_str().unwrap_or_default().to_owned();
    format!("{}  {}  {}\n", word("id"), word("content_type"), path.display())
}

/// A file that is about to be sent.
struct Plan<'a> {
    path: &'a Path,
    file: File,
    size: u64,
    name: AssetName,
    content_type: Option<ContentType>,
}

/// What begins an upload past the API.
#[derive(Deserialize)]
struct Begun {
    id: String,
    request: Request,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    url: String,
    headers: BTreeMap<String, String>,
}

impl<'a> Plan<'a> {
    async fn of(path: &'a Path, name: Option<AssetName>, declared: Option<ContentType>) -> Result<Self> {
        let file = File::open(path).await.context("the file cannot be opened")?;
        let metadata = file.metadata().await.context("the file cannot be looked at")?;
        ensure!(metadata.is_file(), "it is no file");
        let name = match name {
            Some(name) => name,
            None => AssetName::sanitised(
                path.file_name()
                    .and_then(|name| name.to_str())
                    .context("the name of the file is no text: give one by --name")?,
            ),
        };
        let content_type = declared.or_else(|| by_extension(path));
        Ok(Self { path, file, size: metadata.len(), name, content_type })
    }

    async fn send(self, client: &Client) -> Result<Value> {
        let declared = self.content_type.map_or("application/octet-stream", ContentType::as_str);
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("name", self.name.as_str())
            .finish();
        let path = format!("/v1/assets?{query}");
        let size = self.size;
        client.upload(&path, declared, size, self.body()).await
    }

    async fn send_past(self, client: &Client) -> Result<Value> {
        let content_type =
            self.content_type.context("its type is not known from its name: give it by --type")?;
        let planned = json!({
            "name": self.name.as_str(),
            "content_type": content_type.as_str(),
            "size_bytes": self.size,
        });
        let begun = client.post("/v1/uploads", &planned).await?;
        let Begun { id, request } =
            serde_json::from_value(begun).context("the answer is not that of an upload")?;
        let size = self.size;
        client.store(&request.method, &request.url, &request.headers, size, self.body()).await?;
        client.step(&format!("/v1/uploads/{id}/complete")).await
    }

    /// The file as it is sent, which moves a bar on.
    fn body(self) -> Body {
        let bar = bar(self.size, &self.path.display().to_string());
        let pieces = ReaderStream::with_capacity(self.file, 128 << 10);
        Body::wrap_stream(pieces.inspect(move |piece| {
            if let Ok(piece) = piece {
                bar.inc(piece.len() as u64);
            }
        }))
    }
}

fn by_extension(path: &Path) -> Option<ContentType> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Some(match &*extension {
        "png" => ContentType::Png,
        "jpg" | "jpeg" => ContentType::Jpeg,
        "gif" => ContentType::Gif,
        "webp" => ContentType::Webp,
        "mp4" | "m4v" => ContentType::Mp4,
        "mov" => ContentType::Quicktime,
        "webm" => ContentType::Webm,
        _ => return None,
    })
}

/// A bar of that many bytes, which only a terminal shows.
fn bar(bytes: u64, message: &str) -> ProgressBar {
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr());
    let template = "{wide_bar:.cyan/dim} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
    bar.set_message(message.to_owned());
    bar
}
