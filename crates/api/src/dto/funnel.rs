use adstead_application::reports::ReportDays;
use adstead_domain as domain;
use domain::report;
use domain::{AdGroupId, AdId, AdType, CampaignId, EventKind, Platform, ReportFilter, Violations};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::report::ReportEnd;
use super::words;
use crate::input::{Field, FromJson, object};

/// How people came from seeing ads to doing what these are for.
#[derive(Serialize, ToSchema)]
pub(crate) struct Funnel {
    /// Its first instant, on a quarter of an hour.
    from: Timestamp,
    /// The first instant after it, on a quarter of an hour.
    to: Timestamp,
    /// Impressions, clicks, conversions. A conversion needs no click, so a stage can be larger than the one before.
    stages: Vec<FunnelStage>,
    /// When the figures were read: as long ago as `Age` says.
    computed_at: Timestamp,
}

/// One stage of a funnel.
#[derive(Serialize, ToSchema)]
pub(crate) struct FunnelStage {
    #[schema(value_type = words::EventKind)]
    kind: EventKind,
    count: u64,
    /// This count ÷ that of the stage before; `null` for the first, and where that is zero.
    #[schema(required)]
    of_previous: Option<f64>,
    /// This count ÷ that of the first stage; `null` where that is zero.
    #[schema(required)]
    of_first: Option<f64>,
}

impl From<report::Funnel> for Funnel {
    fn from(funnel: report::Funnel) -> Self {
        let report::Funnel { range, stages, computed_at } = funnel;
        let stages = stages.map(|report::FunnelStage { kind, count, of_previous, of_first }| FunnelStage {
            kind,
            count,
            of_previous,
            of_first,
        });
        Self { from: range.from(), to: range.to(), stages: stages.into(), computed_at }
    }
}

/// Of which ads and which time a funnel is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct FunnelParams {
    /// The beginning: a day of the account's zone (`2026-11-01`), or an RFC 3339 instant. Without it, thirty days.
    #[param(value_type = Option<String>, example = "2026-11-01")]
    from: Field<ReportEnd>,
    /// The end: a day, which is part of the report, or an instant, which is not. Without it, today.
    #[param(value_type = Option<String>, example = "2026-11-30")]
    to: Field<ReportEnd>,
    /// Only ads of one campaign.
    #[param(value_type = Option<Uuid>)]
    campaign_id: Field<CampaignId>,
    /// Only ads of one group.
    #[param(value_type = Option<Uuid>)]
    ad_group_id: Field<AdGroupId>,
    /// Only one ad.
    #[param(value_type = Option<Uuid>)]
    ad_id: Field<AdId>,
    /// Only ads of one platform.
    #[param(value_type = Option<words::Platform>)]
    platform: Field<Platform>,
    /// Only ads of one type.
    #[param(value_type = Option<words::AdType>)]
    ad_type: Field<AdType>,
}

/// The ends of a funnel, and the ads that it is about.
pub(crate) struct FunnelRequest {
    pub(crate) from: Option<ReportDays>,
    pub(crate) to: Option<ReportDays>,
    pub(crate) filter: ReportFilter,
}

impl FromJson for FunnelParams {
    type Value = FunnelRequest;

    fn from_json(json: Value) -> Result<FunnelRequest, Violations> {
        let (fields, mut faults) = object::<Self>(json)?;
        let Self { from, to, campaign_id, ad_group_id, ad_id, platform, ad_type } = fields;
        let from = faults.at("/from", from.optional());
        let to = faults.at("/to", to.optional());
        let campaign_id = faults.at("/campaign_id", campaign_id.optional());
        let ad_group_id = faults.at("/ad_group_id", ad_group_id.optional());
        let ad_id = faults.at("/ad_id", ad_id.optional());
        let platform = faults.at("/platform", platform.optional());
        let ad_type = faults.at("/ad_type", ad_type.optional());
        faults.finish(|| {
            Some(FunnelRequest {
                from: from?.map(|ReportEnd(end)| end),
                to: to?.map(|ReportEnd(end)| end),
                filter: ReportFilter {
                    campaign_id: campaign_id?,
                    ad_group_id: ad_group_id?,
                    ad_id: ad_id?,
                    platform: platform?,
                    ad_type: ad_type?,
                },
            })
        })
    }
}
