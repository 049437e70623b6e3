//! How occurrences are stored: nodes of different versions read each other's, and what is on its way outlives an upgrade.

use adstead_domain::{
    AdChange, AdGroupChange, AssetChange, CampaignChange, Currency, Decision, Occurrence, OptimizationRun,
    Review, Subscription,
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
    let converted = build::conversion(&ad, 9);
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
        (
            converted.conversion(Some(Currency::USD)).expect("it is a conversion"),
            "conversion.recorded",
            json!({
                "subject": "conversion", "id": converted.id, "ad_id": ad.id,
                "revenue": { "micros": 9, "currency": "USD" }, "country": "US", "device": "mobile",
                "placement": "search_top",
            })
            .to_string(),
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

#[test]
fn conversions_alone_are_told_of_and_without_an_amount_where_they_earned_nothing() {
    let user = build::user(&build::account());
    let campaign = build::campaign(&user);
    let ad = build::ad(&build::ad_group(&campaign), &campaign);
    assert_eq!(build::event(&ad).conversion(Some(Currency::USD)), None);
    for (revenue, currency) in [(0, Some(Currency::USD)), (9, None)] {
        let told = build::conversion(&ad, revenue).conversion(currency);
        assert!(matches!(told, Some(Occurrence::Conversion { revenue: None, .. })), "{told:?}");
    }
}

#[test]
fn nobody_subscribes_to_conversions_alone() {
    let user = build::user(&build::account());
    let of = |patterns: &[&str]| {
        let events = patterns.iter().map(|pattern| build::parsed(pattern)).collect();
        Subscription { events, ..build::subscription(&user) }.checked()
    };
    assert!(of(&["*", "ad.*", "budget.reached"]).is_ok());
    for pattern in ["conversion.*", "conversion.recorded"] {
        let refused = of(&["ad.*", pattern]).unwrap_err().to_string();
        assert!(refused.contains("nobody is told of") && refused.contains("reports"), "{refused}");
    }
}
