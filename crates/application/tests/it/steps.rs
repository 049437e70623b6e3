use adstead_application::Error;
use adstead_application::ads::StepAd;
use adstead_application::campaigns::StepCampaign;
use adstead_domain::{Ad, AdStatus, AdStep, CampaignStatus, CampaignStep};
use adstead_testkit::build;

use crate::desk::Desk;

fn step_ad(desk: &Desk) -> StepAd {
    StepAd {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        groups: desk.world.ad_groups.clone(),
        ads: desk.world.ads.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    }
}

#[tokio::test]
async fn only_the_activation_of_an_ad_looks_at_its_campaign_and_group() {
    let desk = Desk::new().await;
    // Neither of them is stored.
    let campaign = build::campaign(&desk.user);
    let group = build::ad_group(&campaign);
    for (step, from, to) in [
        (AdStep::Submit, AdStatus::Draft, AdStatus::PendingReview),
        (AdStep::Revise, AdStatus::Rejected, AdStatus::Draft),
        (AdStep::Pause, AdStatus::Active, AdStatus::Paused),
        (AdStep::Archive, AdStatus::Paused, AdStatus::Archived),
    ] {
        let ad = Ad { status: from, ..build::ad(&group, &campaign) };
        desk.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
        let stepped = step_ad(&desk).execute(&desk.actor, ad.id, step, Some(ad.version)).await.unwrap();
        assert_eq!((stepped.status, stepped.version), (to, ad.version.next()));
    }
    let ad = Ad { status: AdStatus::Approved, ..build::ad(&group, &campaign) };
    desk.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
    let missing = step_ad(&desk).activate(&desk.actor, ad.id, None).await;
    assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
}

#[tokio::test]
async fn a_campaign_is_activated_paused_and_completed() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let step = StepCampaign {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        analytics: desk.world.analytics.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    };
    let active = step.activate(&desk.actor, campaign.id, Some(campaign.version)).await.unwrap();
    assert_eq!(active.status, CampaignStatus::Active);
    for (next, to) in [
        (CampaignStep::Pause, CampaignStatus::Paused),
        (CampaignStep::Complete, CampaignStatus::Completed),
        (CampaignStep::Archive, CampaignStatus::Archived),
    ] {
        assert_eq!(step.execute(&desk.actor, campaign.id, next, None).await.unwrap().status, to);
    }
}
