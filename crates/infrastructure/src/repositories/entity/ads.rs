use adstead_domain::{AccountId, Ad, AdContent, AdGroupId, AdId, CampaignId, UserId};
use sea_orm::entity::prelude::*;

use super::value::{from_json, instant, json, micros, number, parsed, version};
use crate::database::DatabaseError;

#[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ads")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub campaign_id: Uuid,
    pub ad_group_id: Uuid,
    pub platform: String,
    pub ad_type: String,
    pub status: String,
    pub name: String,
    pub created_by: Uuid,
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i32,
    pub final_url: String,
    pub copy: String,
    pub asset_ids: String,
    pub editors: String,
    pub reviews: String,
}

#[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl From<&Ad> for Model {
    fn from(ad: &Ad) -> Self {
        let Ad {
            id,
            account_id,
            campaign_id,
            ad_group_id,
            platform,
            ad_type,
            name,
            content: AdContent { copy, final_url, assets },
            status,
            reviews,
            editors,
            created_by,
            created_at,
            updated_at,
            version,
        } = ad;
        Self {
            account_id: account_id.uuid(),
            id: id.uuid(),
            campaign_id: campaign_id.uuid(),
            ad_group_id: ad_group_id.uuid(),
            platform: platform.as_str().to_owned(),
            ad_type: ad_type.as_str().to_owned(),
            status: status.as_str().to_owned(),
            name: name.as_str().to_owned(),
            created_by: created_by.uuid(),
            created_at: micros(*created_at),
            updated_at: micros(*updated_at),
            version: number(*version),
            final_url: final_url.as_str().to_owned(),
            copy: json(copy),
            asset_ids: json(assets),
            editors: json(editors),
            reviews: json(reviews),
        }
    }
}

impl TryFrom<Model> for Ad {
    type Error = DatabaseError;

    fn try_from(row: Model) -> Result<Self, Self::Error> {
        let Model {
            account_id,
            id,
            campaign_id,
            ad_group_id,
            platform,
            ad_type,
            status,
            name,
            created_by,
            created_at,
            updated_at,
            version: changes,
            final_url,
            copy,
            asset_ids,
            editors,
            reviews,
        } = row;
        Ok(Self {
            id: AdId::new(id),
            account_id: AccountId::new(account_id),
            campaign_id: CampaignId::new(campaign_id),
            ad_group_id: AdGroupId::new(ad_group_id),
            platform: parsed("ads.platform", &platform)?,
            ad_type: parsed("ads.ad_type", &ad_type)?,
            name: parsed("ads.name", &name)?,
            content: AdContent {
                copy: from_json("ads.copy", &copy)?,
                final_url: parsed("ads.final_url", &final_url)?,
                assets: from_json("ads.asset_ids", &asset_ids)?,
            },
            status: parsed("ads.status", &status)?,
            reviews: from_json("ads.reviews", &reviews)?,
            editors: from_json("ads.editors", &editors)?,
            created_by: UserId::new(created_by),
            created_at: instant("ads.created_at", created_at)?,
            updated_at: instant("ads.updated_at", updated_at)?,
            version: version(changes),
        })
    }
}
