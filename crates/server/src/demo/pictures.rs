//! Pictures: uploaded through the API and past it, linked, and made in the sizes that platforms ask for.

use adstead_domain::port::FileRules;
use adstead_domain::{ContentType, Dimensions, Inspection, Sha256Digest};
use anyhow::{Result, ensure};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::outcome::{UploadedAsset, UploadedPast};
use super::picture::{self, Light};
use crate::client::{Client, field};

/// Uploads a picture, downloads it again, and compares all that is known of it.
pub(super) async fn upload(editor: &Client) -> Result<(Uuid, UploadedAsset)> {
    let file = picture::png(Light::Morning)?;
    let sent = Sha256Digest::of(&file).to_string();
    let asset = editor.send("/v1/assets?name=alba.png", "image/png", file).await?;
    let id: Uuid = field(&asset, "/id")?;
    let sha256: String = field(&asset, "/sha256")?;
    let (width, height): (u32, u32) = (field(&asset, "/width")?, field(&asset, "/height")?);
    ensure!(
        (width, height) == (picture::WIDTH, picture::HEIGHT),
        "the picture is told as {width} × {height}"
    );
    let content = editor.download(&format!("/v1/assets/{id}/content")).await?;
    let verified = sha256 == sent && Sha256Digest::of(&content).to_string() == sent;
    ensure!(verified, "the file came back as another: {sent} was sent, {sha256} was told");
    Ok((id, UploadedAsset { sha256, verified }))
}

/// Stores another picture where the files are kept, past the API, and reads it by a link that needs no key.
pub(super) async fn upload_past(editor: &Client) -> Result<UploadedPast> {
    let file = picture::png(Light::Evening)?;
    let sent = Sha256Digest::of(&file).to_string();
    let size = file.len() as u64;
    let planned = json!({ "name": "alba-evening.png", "content_type": "image/png", "size_bytes": size });
    let upload = editor.post("/v1/uploads", &planned).await?;
    let (method, url): (String, String) =
        (field(&upload, "/request/method")?, field(&upload, "/request/url")?);
    editor.store(&method, &url, &field(&upload, "/request/headers")?, size, file.into()).await?;
    let id: String = field(&upload, "/id")?;
    let asset = editor.step(&format!("/v1/uploads/{id}/complete")).await?;
    let id: Uuid = field(&asset, "/id")?;
    let link = editor.post(&format!("/v1/assets/{id}/links"), &json!({})).await?;
    let content = editor.fetch(&field::<String>(&link, "/url")?).await?;
    let verified =
        field::<String>(&asset, "/sha256")? == sent && Sha256Digest::of(&content).to_string() == sent;
    ensure!(verified, "the file that was stored past the API came back as another");
    Ok(UploadedPast { by_the_storage: !url.starts_with('/'), verified })
}

/// A size in which a picture can be had.
#[derive(Deserialize)]
pub(super) struct Size {
    pub(super) name: String,
    width: u32,
    height: u32,
    path: String,
}

/// Has a picture made in each size that it can be had in, and looks at what comes.
pub(super) async fn renditions(editor: &Client, asset: Uuid) -> Result<Vec<Size>> {
    let told: Value = editor.get(&format!("/v1/assets/{asset}/renditions")).await?;
    let sizes: Vec<Size> = field(&told, "/items")?;
    ensure!(!sizes.is_empty(), "the picture can be had in no size: {told}");
    for Size { name, width, height, path } in &sizes {
        let image = editor.download(path).await?;
        let rules =
            FileRules { declared: None, allowed: ContentType::ALL.to_vec(), max_bytes: image.len() as u64 };
        let mut inspection = Inspection::new(rules);
        inspection.look_at(&image)?;
        let made = inspection.finish()?.dimensions;
        let told = Some(Dimensions { width: *width, height: *height });
        ensure!(made == told, "{name} is told as {told:?} and is {made:?}");
    }
    Ok(sizes)
}
