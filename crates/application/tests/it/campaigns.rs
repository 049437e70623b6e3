use adstead_application::campaigns::EditCampaign;
use adstead_domain::{AdGroup, CampaignEdit, Version};
use adstead_testkit::build;

use crate::desk::Desk;

#[tokio::test]
async fn an_edit_that_would_leave_an_ad_group_outside_writes_nothing() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let budget = Some(build::dollars(800));
    let oldest = AdGroup { name: build::parsed("Oldest"), budget, ..build::ad_group(&campaign) };
    desk.world.ad_groups.insert(&oldest, &[]).await.unwrap();
    for _ in 0..60 {
        desk.ad_group(&campaign).await;
    }
    let edit = EditCampaign {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        groups: desk.world.ad_groups.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    };
    let to = |dollars| CampaignEdit { budget: Some(build::dollars(dollars)), ..CampaignEdit::default() };

    let refused = edit.execute(&desk.actor, campaign.id, to(799), None).await.unwrap_err();
    assert!(refused.to_string().contains("\"Oldest\""), "{refused}");
    let kept = desk.world.campaigns.get(desk.account.id, campaign.id).await.unwrap().unwrap();
    assert_eq!((kept.budget, kept.version), (campaign.budget, Version::FIRST));

    let edited = edit.execute(&desk.actor, campaign.id, to(800), None).await.unwrap();
    assert_eq!(edited.budget, build::dollars(800));
}
