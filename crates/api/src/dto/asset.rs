use adstead_domain as domain;
use domain::{AssetName, ContentType, Violations};
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
