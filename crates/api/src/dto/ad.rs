use adstead_application::ads::NewAd;
use adstead_domain as domain;
use domain::ad::ReviewNotes;
use domain::port::AdFilter;
use domain::{
    AdContent, AdCopy, AdEdit, AdGroupId, AdName, AdStatus, AdType, AssetId, CallToAction, CampaignId,
    Decision, FinalUrl, Platform, Violations,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{Warning, words};
use crate::input::{Field, FromJson, List, object};
use crate::paging::{Asked, Limit};
use crate::versions::Versioned;

/// Something that is shown to people.
#[derive(Serialize, ToSchema)]
pub(crate) struct Ad {
    id: Uuid,
    account_id: Uuid,
    campaign_id: Uuid,
    ad_group_id: Uuid,
    /// Its campaign's platform.
    #[schema(value_type = words::Platform)]
    platform: Platform,
    #[serde(rename = "type")]
    #[schema(value_type = words::AdType)]
    ad_type: AdType,
    name: String,
    headlines: Vec<String>,
    descriptions: Vec<String>,
    /// What the button says.
    #[schema(required)]
    call_to_action: Option<String>,
    /// Where a click leads.
    final_url: String,
    /// The files that it shows, in order.
    asset_ids: Vec<Uuid>,
    #[schema(value_type = words::AdStatus)]
    status: AdStatus,
    /// What reviewers decided, the latest last.
    reviews: Vec<Review>,
    /// The users who wrote or changed its content.
    editors: Vec<Uuid>,
    /// Soft limits of the platform that it passes.
    warnings: Vec<Warning>,
    /// The user who made it.
    created_by: Uuid,
    created_at: Timestamp,
    updated_at: Timestamp,
    /// Counts the changes; the same number is in `ETag`.
    version: u32,
}

/// A reviewer's decision.
#[derive(Serialize, ToSchema)]
pub(crate) struct Review {
    /// The user who decided.
    reviewer: Uuid,
    #[schema(value_type = words::Decision)]
    decision: Decision,
    /// Why.
    #[schema(required)]
    notes: Option<String>,
    at: Timestamp,
}

impl From<domain::Ad> for Ad {
    fn from(ad: domain::Ad) -> Self {
        let warnings = ad.warnings().into_iter().map(Warning::from).collect();
        let domain::Ad {
            id,
            account_id,
            campaign_id,
            ad_group_id,
            platform,
            ad_type,
            name,
            content: AdContent { copy: AdCopy { headlines, descriptions, call_to_action }, final_url, assets },
            status,
            reviews,
            editors,
            created_by,
            created_at,
            updated_at,
            version,
        } = ad;
        Self {
            id: id.uuid(),
            account_id: account_id.uuid(),
            campaign_id: campaign_id.uuid(),
            ad_group_id: ad_group_id.uuid(),
            platform,
            ad_type,
            name: name.into(),
            headlines,
            descriptions,
            call_to_action: call_to_action.map(String::from),
            final_url: final_url.into(),
            asset_ids: assets.into_iter().map(AssetId::uuid).collect(),
            status,
            reviews: reviews.into_iter().map(Review::from).collect(),
            editors: editors.into_iter().map(domain::UserId::uuid).collect(),
            warnings,
            created_by: created_by.uuid(),
            created_at,
            updated_at,
            version: version.number(),
        }
    }
}

impl From<domain::Review> for Review {
    fn from(review: domain::Review) -> Self {
        let domain::Review { reviewer, decision, notes, at } = review;
        Self { reviewer: reviewer.uuid(), decision, notes: notes.map(String::from), at }
    }
}

impl From<domain::Ad> for Versioned<Ad> {
    fn from(ad: domain::Ad) -> Self {
        Self { version: ad.version.number(), body: ad.into() }
    }
}

/// An ad to be made. It begins as a draft, so that lines may still be missing; those that are there keep the hard
/// limits of its campaign's platform (`GET /v1/platforms`).
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewAd)]
pub(crate) struct AdInput {
    /// What people call it.
    #[schema(value_type = String, required, min_length = 1, max_length = 200, example = "Shoes, first try")]
    name: Field<AdName>,
    #[schema(value_type = words::AdType, required)]
    r#type: Field<AdType>,
    #[schema(value_type = Vec<String>, required, example = json!(["Shoes that last", "Free returns", "Made in Portugal"]))]
    headlines: Field<List<String>>,
    #[schema(value_type = Vec<String>, required, example = json!(["Hand-stitched leather shoes.", "They fit, or we take them back."]))]
    descriptions: Field<List<String>>,
    /// What the button says.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40, example = "Shop now")]
    call_to_action: Field<CallToAction>,
    /// Where a click leads: an absolute `https` or `http` URL.
    #[schema(value_type = String, format = Uri, required, max_length = 2048, example = "https://example.com/spring")]
    final_url: Field<FinalUrl>,
    /// The files that it shows, in order; each was uploaded before.
    #[schema(value_type = Option<Vec<Uuid>>, max_items = 35)]
    asset_ids: Field<List<AssetId>>,
}

impl FromJson for AdInput {
    type Value = NewAd;

    fn from_json(json: Value) -> Result<NewAd, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { name, r#type, headlines, descriptions, call_to_action, final_url, asset_ids } = fields;
        let name = faults.at("/name", name.required());
        let ad_type = faults.at("/type", r#type.required());
        let headlines = faults.at("/headlines", headlines.required());
        let descriptions = faults.at("/descriptions", descriptions.required());
        let call_to_action = faults.at("/call_to_action", call_to_action.optional());
        let final_url = faults.at("/final_url", final_url.required());
        let assets = faults.at("/asset_ids", asset_ids.optional());
        faults.finish(|| {
            let copy = AdCopy {
                headlines: headlines?,
                descriptions: descriptions?,
                call_to_action: call_to_action?,
            };
            let content = AdContent { copy, final_url: final_url?, assets: assets?.unwrap_or_default() };
            Some(NewAd { name: name?, ad_type: ad_type?, content })
        })
    }
}

/// Changes to an ad; what is left out stays as it is. New content sends the ad back to draft; a new name does not.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AdEdit)]
pub(crate) struct AdEditInput {
    /// A new name.
    #[schema(value_type = String, required = false, min_length = 1, max_length = 200)]
    name: Field<AdName>,
    /// All headlines anew.
    #[schema(value_type = Vec<String>, required = false)]
    headlines: Field<List<String>>,
    /// All descriptions anew.
    #[schema(value_type = Vec<String>, required = false)]
    descriptions: Field<List<String>>,
    /// What the button says; `null` takes it away.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 40)]
    call_to_action: Field<CallToAction>,
    /// A new landing page.
    #[schema(value_type = String, format = Uri, required = false, max_length = 2048)]
    final_url: Field<FinalUrl>,
    /// All files anew, in order.
    #[schema(value_type = Vec<Uuid>, required = false, max_items = 35)]
    asset_ids: Field<List<AssetId>>,
}

impl FromJson for AdEditInput {
    type Value = AdEdit;

    fn from_json(json: Value) -> Result<AdEdit, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { name, headlines, descriptions, call_to_action, final_url, asset_ids } = fields;
        let name = faults.at("/name", name.changed());
        let headlines = faults.at("/headlines", headlines.changed());
        let descriptions = faults.at("/descriptions", descriptions.changed());
        let call_to_action = faults.at("/call_to_action", call_to_action.changed_or_cleared());
        let final_url = faults.at("/final_url", final_url.changed());
        let assets = faults.at("/asset_ids", asset_ids.changed());
        faults.finish(|| {
            Some(AdEdit {
                name: name?,
                headlines: headlines?,
                descriptions: descriptions?,
                call_to_action: call_to_action?,
                final_url: final_url?,
                assets: assets?,
            })
        })
    }
}

/// An approval.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Approval)]
pub(crate) struct ApprovalInput {
    /// What the author should know.
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    notes: Field<ReviewNotes>,
}

impl FromJson for ApprovalInput {
    type Value = Option<ReviewNotes>;

    fn from_json(json: Value) -> Result<Option<ReviewNotes>, Violations> {
        let (Self { notes }, mut faults) = object::<Self>(json)?;
        let notes = faults.at("/notes", notes.optional());
        faults.finish(|| notes)
    }
}

/// A rejection.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Rejection)]
pub(crate) struct RejectionInput {
    /// Why, and what to change.
    #[schema(value_type = String, required, min_length = 1, max_length = 2000, example = "The second headline promises too much.")]
    reason: Field<ReviewNotes>,
}

impl FromJson for RejectionInput {
    type Value = ReviewNotes;

    fn from_json(json: Value) -> Result<ReviewNotes, Violations> {
        let (Self { reason }, mut faults) = object::<Self>(json)?;
        let reason = faults.at("/reason", reason.required());
        faults.finish(|| reason)
    }
}

/// Which ads are wanted; all conditions must hold.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AdParams {
    /// Only those of one campaign.
    #[param(value_type = Option<Uuid>)]
    campaign_id: Field<CampaignId>,
    /// Only those of one ad group.
    #[param(value_type = Option<Uuid>)]
    ad_group_id: Field<AdGroupId>,
    /// Only those of one status.
    #[param(value_type = Option<words::AdStatus>)]
    status: Field<AdStatus>,
    /// How many things a page may have.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 200, default = 50)]
    limit: Field<Limit>,
    /// The `next_cursor` of the page before.
    #[param(value_type = Option<String>)]
    cursor: Field<String>,
}

impl FromJson for AdParams {
    type Value = (AdFilter, Asked);

    fn from_json(json: Value) -> Result<Self::Value, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { campaign_id, ad_group_id, status, limit, cursor } = fields;
        let campaign_id = faults.at("/campaign_id", campaign_id.optional());
        let ad_group_id = faults.at("/ad_group_id", ad_group_id.optional());
        let status = faults.at("/status", status.optional());
        let limit = faults.at("/limit", limit.optional());
        let cursor = faults.at("/cursor", cursor.optional());
        faults.finish(|| {
            let filter = AdFilter { campaign_id: campaign_id?, ad_group_id: ad_group_id?, status: status? };
            Some((filter, Asked { limit: limit?.unwrap_or_default(), cursor: cursor? }))
        })
    }
}
