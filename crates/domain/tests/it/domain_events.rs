//! How occurrences are stored: nodes of different versions read each other's, and what is on its way outlives an upgrade.

use adstead_domain::{
    AdChange, AdGroupChange, AssetChange, CampaignChange, Decision, Occurrence, OptimizationRun, Review,
};
use adstead_testkit::build;
use serde_json::json;

/// One of each, with what is stored of it.
fn occurrences() -> Vec<(Occurrence, &'static str, String)> {
    let user = build::user(&build::account());
    let campaign = build::campaign(&user);
    let group = build::ad_group(&campaign);
    let mut ad = build::ad(&group, &campaign);
    let notes = Some(build::parsed("Too loud"));
    ad.reviews.push(Review { reviewer: user.id, decision: Decision::Rejected, notes, at: build::CREATED_AT });
    let (asset, generation) = (build::asset(&user), build::generation(&user));
    let run: OptimizationRun = build::optimization_run(&ad);
    vec![
        (
            campaign.occurrence(CampaignChange::Paused),
            "campaign.paused",
            json!({
                "subject": "campaign", "change": "paused", "id": campaign.id, "name": campaign.name,
                "platform": campaign.platform, "status": campaign.status,
            })
            .to_string(),
        ),
        (
            group.occurrence(AdGroupChange::Created),
            "ad_group.created",
            json!({
                "subject": "ad_group", "change": "created", "id": group.id, "campaign_id": campaign.id,
                "name": group.name,
            })
            .to_string(),
        ),
        (
            ad.occurrence(AdChange::Rejected),
            "ad.rejected",
            json!({
                "subject": "ad", "change": "rejected", "id": ad.id, "campaign_id": campaign.id,
                "ad_group_id": group.id, "name": ad.name, "platform": ad.platform, "ad_type": "text",
                "status": "draft", "notes": "Too loud",
            })
            .to_string(),
        ),
        (
            asset.occurrence(AssetChange::Uploaded),
            "asset.uploaded",
            json!({
                "subject": "asset", "change": "uploaded", "id": asset.id, "name": "hero.png",
                "content_type": "image/png", "size_bytes": 48_213,
            })
            .to_string(),
        ),
        (
            generation.occurrence(),
            "generation.written",
            json!({
                "subject": "generation", "id": generation.id, "platform": generation.brief.platform,
                "provider": "scripted", "variants": 2,
            })
            .to_string(),
        ),
        (
            run.occurrence(),
            "optimization.applied",
            json!({ "subject": "optimization", "id": run.id, "ad_id": ad.id }).to_string(),
        ),
    ]
}

#[test]
fn what_is_stored_of_an_occurrence_stays_the_same() {
    for (occurrence, name, stored) in occurrences() {
        assert_eq!(occurrence.name().to_string(), name);
        assert_eq!(json!(occurrence).to_string(), stored, "{name}");
        assert_eq!(serde_json::from_str::<Occurrence>(&stored).unwrap(), occurrence, "{name}");
    }
}

#[test]
fn notes_of_an_earlier_review_are_not_told_again() {
    let (occurrence, ..) = occurrences().swap_remove(2);
    assert!(matches!(occurrence, Occurrence::Ad { notes: Some(_), .. }));
    let user = build::user(&build::account());
    let campaign = build::campaign(&user);
    let mut ad = build::ad(&build::ad_group(&campaign), &campaign);
    let notes = Some(build::parsed("Too loud"));
    ad.reviews.push(Review { reviewer: user.id, decision: Decision::Rejected, notes, at: build::CREATED_AT });
    assert!(matches!(ad.occurrence(AdChange::Edited), Occurrence::Ad { notes: None, .. }));
}
