use adstead_domain::{AccountId, Asset, AssetId, AssetName, ContentType, Dimensions, UserId};
use sea_orm::entity::prelude::*;

use super::value::{instant, micros, parsed, signed, unsigned};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assets")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    pub content_type: String,
    pub size_bytes: i64,
    pub sha256: String,
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub uploaded_by: Uuid,
    pub created_at: i64,
    /// As `sha256`; nothing in a row from before an account could have a content only once, if another had it already.
    pub unique_sha256: Option<String>,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Asset> for Model {
    fn from(asset: &Asset) -> Self {
        let Asset {
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
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            name: name.as_str().to_owned(),
            content_type: content_type.as_str().to_owned(),
            size_bytes: signed(*size_bytes),
            sha256: sha256.to_string(),
            width: dimensions.map(|Dimensions { width, .. }| width.into()),
            height: dimensions.map(|Dimensions { height, .. }| height.into()),
            uploaded_by: uploaded_by.uuid(),
            created_at: micros(*created_at),
            unique_sha256: Some(sha256.to_string()),
        }
    }
}

impl TryFrom<Model> for Asset {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            name,
            content_type,
            size_bytes,
            sha256,
            width,
            height,
            uploaded_by,
            created_at,
            unique_sha256: _,
        } = row;
        let dimensions = match (width, height) {
            (Some(width), Some(height)) => Some(Dimensions {
                width: unsigned("assets.width", width)?,
                height: unsigned("assets.height", height)?,
            }),
            (None, None) => None,
            _ => return Err(DatabaseError::corrupt("assets.width", "one of two dimensions")),
        };
        Ok(Self {
            id: AssetId::new(id),
            account_id: AccountId::new(account_id),
            // What was a name when it was stored may be none by the rules of today.
            name: AssetName::sanitised(&name),
            content_type: parsed::<ContentType>("assets.content_type", &content_type)?,
            size_bytes: unsigned("assets.size_bytes", size_bytes)?,
            sha256: parsed("assets.sha256", &sha256)?,
            dimensions,
            uploaded_by: UserId::new(uploaded_by),
            created_at: instant("assets.created_at", created_at)?,
        })
    }
}
