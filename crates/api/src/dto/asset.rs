use std::collections::BTreeMap;
use std::time::Duration;

use adstead_application::assets::{BegunUpload, PlannedAsset, ShareAsset, SharedAsset};
use adstead_domain as domain;
use domain::port::SignedRequest;
use domain::{AssetName, ContentType, Platform, Violation, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::words;
use crate::input::{Field, FromJson, object};

/// A creative file that ads may show.
#[derive(Serialize, ToSchema)]
pub(crate) struct Asset {
    id: Uuid,
    account_id: Uuid,
    #[schema(example = "hero.png")]
    name: String,
    #[schema(value_type = words::ContentType)]
    content_type: ContentType,
    size_bytes: u64,
    /// The digest of its content, 64 hexadecimal digits; also the `ETag` of the content.
    sha256: String,
    /// Pixels from left to right; `null` where it is no image.
    #[schema(required)]
    width: Option<u32>,
    /// Pixels from top to bottom; `null` where it is no image.
    #[schema(required)]
    height: Option<u32>,
    /// The user who uploaded it.
    uploaded_by: Uuid,
    created_at: Timestamp,
}

impl From<domain::Asset> for Asset {
    fn from(asset: domain::Asset) -> Self {
        let domain::Asset {
            id,
            account_id,
            name,
            content_type,
            size_bytes,
            sha256,
            dimensions,
            uploaded_by,
            created_at,
        } = asset;
        let (width, height) = dimensions.map(|domain::Dimensions { width, height }| (width, height)).unzip();
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            name: name.to_string(),
            content_type,
            size_bytes,
            sha256: sha256.to_string(),
            width,
            height,
            uploaded_by: uploaded_by.uuid(),
            created_at,
        }
    }
}

/// How the file is called.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct UploadParams {
    /// What people call the file: no folders. A form may leave it out: then the part's file name is taken.
    #[param(value_type = Option<String>, min_length = 1, max_length = 200, example = "hero.png")]
    name: Field<AssetName>,
}

impl FromJson for UploadParams {
    type Value = Option<AssetName>;

    fn from_json(json: Value) -> Result<Option<AssetName>, Violations> {
        let (Self { name }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.optional());
        faults.finish(|| name)
    }
}

/// A file that will be stored past the API.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewUpload)]
pub(crate) struct UploadInput {
    /// What people call the file: no folders.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "hero.png")]
    name: Field<AssetName>,
    /// Its type; what it holds must agree.
    #[schema(value_type = words::ContentType, required)]
    content_type: Field<ContentType>,
    /// Its size in bytes, exactly.
    #[schema(value_type = u64, required, minimum = 1, example = 48_213)]
    size_bytes: Field<i64>,
}

impl FromJson for UploadInput {
    type Value = PlannedAsset;

    fn from_json(json: Value) -> Result<PlannedAsset, Violations> {
        let (Self { name, content_type, size_bytes }, mut faults) = object::<Self>(json)?;
        let name = faults.at("/name", name.required());
        let content_type = faults.at("/content_type", content_type.required());
        let size_bytes = faults.at("/size_bytes", size_bytes.required().and_then(size));
        faults.finish(|| {
            Some(PlannedAsset { name: name?, content_type: content_type?, size_bytes: size_bytes? })
        })
    }
}

fn size(bytes: i64) -> Result<u64, Violations> {
    let size = u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    size.ok_or_else(|| Violation::invalid(format!("is {bytes}: a file has at least one byte")).into())
}

/// An upload that may begin.
#[derive(Serialize, ToSchema)]
pub(crate) struct Upload {
    /// Names the upload in paths. It is long, and safe in a URL.
    id: String,
    /// Send this with the file as its body, then complete the upload.
    request: UploadRequest,
    /// The moment from which the request is worth nothing.
    expires_at: Timestamp,
}

/// A request that stores a file. It needs no key.
#[derive(Serialize, ToSchema)]
pub(crate) struct UploadRequest {
    #[schema(example = "PUT")]
    method: &'static str,
    /// Where to: an address, or a path of this API.
    url: String,
    /// The headers that it must carry, with just these values.
    headers: BTreeMap<String, String>,
}

impl From<BegunUpload> for Upload {
    fn from(upload: BegunUpload) -> Self {
        let BegunUpload { ticket, request, expires_at } = upload;
        let SignedRequest { method, url, headers } = request;
        let request = UploadRequest { method, url, headers: headers.into_iter().collect() };
        Self { id: ticket, request, expires_at }
    }
}

/// For how long a link is good.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAssetLink)]
pub(crate) struct AssetLinkInput {
    /// Seconds until it expires: an hour where left out, 7 days at most.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 604_800, example = 3_600)]
    expires_in_seconds: Field<i64>,
}

impl FromJson for AssetLinkInput {
    type Value = Duration;

    fn from_json(json: Value) -> Result<Duration, Violations> {
        let (Self { expires_in_seconds }, mut faults) = object::<Self>(json)?;
        let given = expires_in_seconds.optional().and_then(|seconds| link_time(seconds.unwrap_or(3_600)));
        let time = faults.at("/expires_in_seconds", given);
        faults.finish(|| time)
    }
}

fn link_time(seconds: i64) -> Result<Duration, Violations> {
    let time = u64::try_from(seconds).map(Duration::from_secs).ok();
    time.filter(|time| !time.is_zero() && *time <= ShareAsset::MAX_TIME).ok_or_else(|| {
        let most = ShareAsset::MAX_TIME.as_secs();
        Violation::invalid(format!("is {seconds}: a link is good for 1 to {most} seconds")).into()
    })
}

/// Where an asset's content can be read without a key.
#[derive(Serialize, ToSchema)]
pub(crate) struct AssetLink {
    /// An address, or a path of this API.
    url: String,
    /// The moment from which it is worth nothing.
    expires_at: Timestamp,
}

impl From<SharedAsset> for AssetLink {
    fn from(shared: SharedAsset) -> Self {
        let SharedAsset { url, expires_at } = shared;
        Self { url, expires_at }
    }
}

/// The sizes that an image can be had in.
#[derive(Serialize, ToSchema)]
pub(crate) struct Renditions {
    items: Vec<Rendition>,
}

/// An image in one size.
#[derive(Serialize, ToSchema)]
pub(crate) struct Rendition {
    /// The name of the size.
    #[schema(example = "instagram-square")]
    name: &'static str,
    /// The platform that asks for it; `null` for what is no platform's.
    #[schema(required, value_type = Option<words::Platform>)]
    platform: Option<Platform>,
    #[schema(value_type = words::ContentType)]
    content_type: ContentType,
    width: u32,
    height: u32,
    /// The path of the image in this API.
    path: String,
    /// Where the platform tells the size.
    #[schema(required)]
    source: Option<&'static str>,
}

impl Renditions {
    pub(crate) fn of(asset: &domain::Asset, renditions: Vec<domain::Rendition>) -> Self {
        let id = asset.id;
        let item = |domain::Rendition { of, content_type, dimensions }: domain::Rendition| Rendition {
            name: of.name,
            platform: of.platform,
            content_type,
            width: dimensions.width,
            height: dimensions.height,
            path: format!("/v1/assets/{id}/renditions/{}", of.name),
            source: of.source,
        };
        Self { items: renditions.into_iter().map(item).collect() }
    }
}
