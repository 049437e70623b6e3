//! The life of a campaign, and what its ad groups may narrow.

use adstead_domain::{
    AdGroup, AdGroupEdit, Budget, Campaign, CampaignEdit, CampaignStatus, CampaignStep, Currency, Schedule,
    Spend, Targeting, Violation, ViolationKind, Zone,
};
use adstead_testkit::{TestClock, build};
use jiff::SignedDuration;

const NOW: jiff::Timestamp = TestClock::START;
const UNSPENT: Spend = Spend { today_micros: 0, lifetime_micros: 0 };

fn campaign(status: CampaignStatus) -> Campaign {
    Campaign { status, ..build::campaign(&build::user(&build::account())) }
}

#[test]
fn each_step_is_taken_from_the_right_states_and_from_no_other() {
    use CampaignStatus::{Active, Archived, Completed, Draft, Paused};
    let ways = [
        (CampaignStep::Pause, &[Active][..], Paused),
        (CampaignStep::Complete, &[Active, Paused], Completed),
        (CampaignStep::Archive, &[Draft, Paused, Completed], Archived),
    ];
    for (step, from, to) in ways {
        for &status in CampaignStatus::ALL {
            let mut campaign = campaign(status);
            let taken = campaign.step(step, NOW);
            assert_eq!(taken.is_ok(), from.contains(&status), "{step:?} from {status}: {taken:?}");
            assert_eq!(campaign.status, if taken.is_ok() { to } else { status }, "{step:?} from {status}");
        }
    }
}

#[test]
fn a_draft_or_paused_campaign_is_activated_and_no_other() {
    for &status in CampaignStatus::ALL {
        let mut campaign = campaign(status);
        let taken = campaign.activate(UNSPENT, NOW);
        let allowed = matches!(status, CampaignStatus::Draft | CampaignStatus::Paused);
        assert_eq!(taken.is_ok(), allowed, "from {status}: {taken:?}");
        assert_eq!(campaign.status, if allowed { CampaignStatus::Active } else { status });
    }
}

#[test]
fn a_campaign_is_not_activated_outside_its_flight() {
    let hour = SignedDuration::from_hours(1);
    let mut campaign = campaign(CampaignStatus::Draft);
    campaign.schedule = Some(Schedule::new(NOW + hour, None, Zone::utc(), Vec::new()).unwrap());
    assert_eq!(campaign.activate(UNSPENT, NOW).unwrap_err().kind(), ViolationKind::State);
    campaign.activate(UNSPENT, NOW + hour).unwrap();
}

#[test]
fn a_campaign_is_not_activated_over_its_budget() {
    let limits = Budget::new(Currency::USD, 1_000, Some(100), Some(500)).unwrap();
    for (today_micros, lifetime_micros, admitted) in [(99, 499, true), (100, 100, false), (0, 500, false)] {
        let mut campaign = Campaign { budget: limits, ..campaign(CampaignStatus::Paused) };
        let taken = campaign.activate(Spend { today_micros, lifetime_micros }, NOW);
        assert_eq!(taken.is_ok(), admitted, "{taken:?}");
    }
}

#[test]
fn a_daily_limit_is_changed_only_from_what_was_seen() {
    let limited = |daily| Campaign {
        budget: Budget::new(Currency::USD, 1_000, daily, Some(500)).unwrap(),
        ..campaign(CampaignStatus::Active)
    };
    for (present, after) in [(Some(100), Some(120)), (Some(120), Some(120)), (Some(150), None), (None, None)]
    {
        let mut campaign = limited(present);
        let changed = campaign.change_daily_limit(100, 120, NOW);
        assert_eq!(changed.is_ok(), after.is_some(), "from {present:?}: {changed:?}");
        let expected = after.or(present);
        assert_eq!(campaign.budget, limited(expected).budget, "from {present:?}");
    }
}

#[test]
fn a_daily_limit_that_moved_is_named() {
    let budget = Budget::new(Currency::USD, 90_000_000, Some(50_000_000), None).unwrap();
    let mut campaign = Campaign { budget, ..campaign(CampaignStatus::Active) };
    let refused = campaign.change_daily_limit(40_000_000, 48_000_000, NOW).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::State);
    assert_eq!(
        refused.to_string(),
        "the campaign's daily limit was 40.00 USD and is 50.00 USD by now: ask for a new run"
    );
    assert_eq!(campaign.budget, budget);
}

#[test]
fn what_an_edit_does_not_name_stays() {
    let mut edited = campaign(CampaignStatus::Active);
    let before = edited.clone();
    let schedule = Schedule::new(NOW, None, Zone::utc(), Vec::new()).unwrap();
    edited
        .edit(CampaignEdit { schedule: Some(Some(schedule.clone())), ..CampaignEdit::default() }, NOW)
        .unwrap();
    assert_eq!(edited, Campaign { schedule: Some(schedule), updated_at: NOW, ..before.clone() });
    edited.edit(CampaignEdit { schedule: Some(None), ..CampaignEdit::default() }, NOW).unwrap();
    assert_eq!(edited, Campaign { updated_at: NOW, ..before });
}

#[test]
fn a_finished_campaign_is_not_edited() {
    for status in [CampaignStatus::Completed, CampaignStatus::Archived] {
        let mut campaign = campaign(status);
        let refused = campaign.edit(CampaignEdit::default(), NOW).unwrap_err();
        assert_eq!(refused.kind(), ViolationKind::State);
    }
}

#[test]
fn an_ad_group_stays_inside_its_campaign() {
    let mut campaign = campaign(CampaignStatus::Active);
    campaign.targeting = serde_json::from_str::<Targeting>(r#"{"ages":{"min":25,"max":40}}"#).unwrap();
    let mut group = build::ad_group(&campaign);
    let before = group.clone();
    let edit = AdGroupEdit {
        targeting: Some(Some(serde_json::from_str(r#"{"ages":{"min":18,"max":40}}"#).unwrap())),
        budget: Some(Some(build::dollars(1_001))),
        ..AdGroupEdit::default()
    };
    let refused = group.edit(edit, &campaign, NOW).unwrap_err();
    let places: Vec<_> = refused.iter().map(|fault| fault.pointer().split('/').nth(1).unwrap()).collect();
    assert_eq!(places, ["targeting", "budget"], "{refused}");
    assert_eq!(group, before);

    let edit = AdGroupEdit { budget: Some(Some(build::dollars(1_000))), ..AdGroupEdit::default() };
    group.edit(edit, &campaign, NOW).unwrap();
}

#[test]
fn a_finished_campaign_takes_no_changes_to_its_groups() {
    let mut group = build::ad_group(&campaign(CampaignStatus::Active));
    let refused = group.edit(AdGroupEdit::default(), &campaign(CampaignStatus::Archived), NOW).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::State);
}

#[test]
fn a_campaign_keeps_its_ad_groups_inside() {
    let mut campaign = campaign(CampaignStatus::Active);
    let mut groups: Vec<_> = (1..=7)
        .map(|number| AdGroup {
            name: build::parsed(&format!("Group {number}")),
            budget: Some(build::dollars(500)),
            ..build::ad_group(&campaign)
        })
        .collect();
    groups[0].targeting = Some(serde_json::from_str(r#"{"ages":{"min":18,"max":40}}"#).unwrap());
    campaign.keeps(&groups).unwrap();

    campaign.budget = build::dollars(499);
    campaign.targeting = serde_json::from_str(r#"{"ages":{"min":25,"max":40}}"#).unwrap();
    let refused = campaign.keeps(&groups[..1]).unwrap_err();
    let places: Vec<_> = refused.iter().map(Violation::pointer).collect();
    assert_eq!(places, ["/targeting", "/budget"], "{refused}");
    let refused = campaign.keeps(&groups[1..]).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the campaign's ad groups \"Group 2\", \"Group 3\", \"Group 4\", \"Group 5\", \"Group 6\" and 1 more \
         could spend more than it: lower their budgets first"
    );
    campaign.keeps(&[]).unwrap();
}
