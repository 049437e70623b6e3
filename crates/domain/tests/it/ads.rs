//! The life of an ad and its review.

use adstead_domain::ad::Delivery;
use adstead_domain::{
    Account, Ad, AdChange, AdEdit, AdGroup, AdStatus, AdStep, Budget, Campaign, CampaignStatus, Currency,
    Decision, Schedule, Spend, User, Violation, ViolationKind, Violations,
};
use adstead_testkit::TestClock;
use adstead_testkit::build;
use jiff::SignedDuration;

const NOW: jiff::Timestamp = TestClock::START;
const UNSPENT: Spend = Spend { today_micros: 0, lifetime_micros: 0 };

struct World {
    account: Account,
    editor: User,
    reviewer: User,
    campaign: Campaign,
    group: AdGroup,
    ad: Ad,
}

fn world(status: AdStatus) -> World {
    let account = Account { second_reviewer: true, ..build::account() };
    let (editor, reviewer) = (build::user(&account), build::user(&account));
    let campaign = build::campaign(&editor);
    let group = build::ad_group(&campaign);
    let ad = Ad { status, ..build::ad(&group, &campaign) };
    World { account, editor, reviewer, campaign, group, ad }
}

impl World {
    fn step(&mut self, step: AdStep) -> Result<AdChange, Violations> {
        self.ad.step(step, NOW)
    }

    fn activate(&mut self, spend: Spend) -> Result<AdChange, Violation> {
        let Self { campaign, group, ad, .. } = self;
        let delivery = Delivery { campaign, campaign_spend: spend, group, group_spend: spend };
        ad.activate(delivery, NOW)
    }

    fn review(&mut self, decision: Decision, reviewer: &User) -> Result<AdChange, Violation> {
        self.ad.review(decision, None, reviewer.id, &self.account, NOW)
    }
}

#[test]
fn each_step_is_taken_from_the_right_states_and_from_no_other() {
    use AdStatus::{Active, Approved, Archived, Draft, Paused, PendingReview, Rejected};
    let ways = [
        (AdStep::Submit, &[Draft][..], PendingReview),
        (AdStep::Revise, &[Rejected], Draft),
        (AdStep::Pause, &[Active], Paused),
        (AdStep::Archive, &[Draft, Rejected, Approved, Paused], Archived),
    ];
    for (step, from, to) in ways {
        for &status in AdStatus::ALL {
            let mut world = world(status);
            let taken = world.step(step);
            assert_eq!(taken.is_ok(), from.contains(&status), "{step:?} from {status}: {taken:?}");
            assert_eq!(world.ad.status, if taken.is_ok() { to } else { status }, "{step:?} from {status}");
            if let Err(refused) = taken {
                assert_eq!(refused.kind(), ViolationKind::State);
                assert!(refused.to_string().contains(&format!("the ad is {status}")), "{refused}");
            }
        }
    }
}

#[test]
fn an_approved_or_paused_ad_is_activated_and_no_other() {
    for &status in AdStatus::ALL {
        let mut world = world(status);
        let taken = world.activate(UNSPENT);
        let allowed = matches!(status, AdStatus::Approved | AdStatus::Paused);
        assert_eq!(taken.is_ok(), allowed, "from {status}: {taken:?}");
        assert_eq!(world.ad.status, if allowed { AdStatus::Active } else { status });
        if let Err(refused) = taken {
            assert_eq!(refused.kind(), ViolationKind::State);
            assert!(refused.message().starts_with(&format!("the ad is {status} and cannot be activated")));
        }
    }
}

#[test]
fn only_an_ad_that_waits_for_review_is_reviewed() {
    for &status in AdStatus::ALL {
        let mut world = world(status);
        let reviewer = world.reviewer.clone();
        let reviewed = world.review(Decision::Approved, &reviewer);
        assert_eq!(reviewed.is_ok(), status == AdStatus::PendingReview, "{status}");
    }
}

#[test]
fn a_second_approval_is_refused() {
    let mut world = world(AdStatus::PendingReview);
    let reviewer = world.reviewer.clone();
    world.review(Decision::Approved, &reviewer).unwrap();
    let refused = world.review(Decision::Approved, &reviewer).unwrap_err();
    assert_eq!(
        refused.message(),
        "the ad is approved and cannot be approved: that takes one that is pending_review"
    );
    assert_eq!(world.ad.reviews.len(), 1);
}

#[test]
fn who_edited_an_ad_cannot_approve_it_but_may_reject_it() {
    let mut world = world(AdStatus::PendingReview);
    let editor = world.editor.clone();
    let refused = world.review(Decision::Approved, &editor).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::Forbidden);
    assert!(world.ad.reviews.is_empty());
    world.review(Decision::Rejected, &editor).unwrap();
    assert_eq!(world.ad.status, AdStatus::Rejected);
}

#[test]
fn who_edited_an_ad_long_ago_cannot_approve_it_either() {
    let mut world = world(AdStatus::Draft);
    let (editor, reviewer) = (world.editor.clone(), world.reviewer.clone());
    let edit =
        AdEdit { headlines: Some(vec!["One".into(), "Two".into(), "Three".into()]), ..AdEdit::default() };
    world.ad.edit(edit, reviewer.id, NOW).unwrap();
    world.step(AdStep::Submit).unwrap();
    for person in [editor, reviewer] {
        assert_eq!(world.review(Decision::Approved, &person).unwrap_err().kind(), ViolationKind::Forbidden);
    }
}

#[test]
fn where_one_person_does_everything_they_approve_their_own() {
    let mut world = world(AdStatus::PendingReview);
    world.account.second_reviewer = false;
    let editor = world.editor.clone();
    world.review(Decision::Approved, &editor).unwrap();
    let [review] = &world.ad.reviews[..] else { panic!("{:?}", world.ad.reviews) };
    assert_eq!((review.reviewer, review.decision, review.at), (editor.id, Decision::Approved, NOW));
}

#[test]
fn other_content_sends_an_ad_back_to_draft_wherever_it_stands() {
    for &status in AdStatus::ALL.iter().filter(|&&status| status != AdStatus::Archived) {
        let mut world = world(status);
        let edit =
            AdEdit { final_url: Some("https://example.com/other".parse().unwrap()), ..AdEdit::default() };
        world.ad.edit(edit, world.reviewer.id, NOW).unwrap();
        assert_eq!(world.ad.status, AdStatus::Draft, "from {status}");
        assert!(world.ad.editors.contains(&world.reviewer.id));
    }
}

#[test]
fn another_name_needs_no_new_review() {
    let mut world = world(AdStatus::Active);
    let edit = AdEdit {
        name: Some("Second try".parse().unwrap()),
        headlines: Some(world.ad.content.copy.headlines.clone()),
        ..AdEdit::default()
    };
    world.ad.edit(edit, world.reviewer.id, NOW).unwrap();
    assert_eq!((world.ad.status, world.ad.name.as_str()), (AdStatus::Active, "Second try"));
    assert!(!world.ad.editors.contains(&world.reviewer.id));
}

#[test]
fn an_archived_ad_is_not_edited() {
    let mut world = world(AdStatus::Archived);
    let edit = AdEdit { name: Some("Second try".parse().unwrap()), ..AdEdit::default() };
    let refused = world.ad.edit(edit, world.editor.id, NOW).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::State);
}

#[test]
fn a_refused_edit_leaves_the_ad_as_it_was_and_names_every_line() {
    let mut world = world(AdStatus::Approved);
    let before = world.ad.clone();
    let (long, file) = ("x".repeat(31), adstead_domain::AssetId::new(build::id()));
    let edit = AdEdit {
        headlines: Some(vec![long.clone(), "fine".into(), long]),
        assets: Some(vec![file, file]),
        ..AdEdit::default()
    };
    let refused = world.ad.edit(edit, world.editor.id, NOW).unwrap_err();
    let pointers: Vec<_> = refused.iter().map(|fault| fault.pointer().to_owned()).collect();
    assert_eq!(pointers, ["/headlines/0", "/headlines/2", "/headlines/2", "/asset_ids"]);
    assert_eq!(world.ad, before);
}

#[test]
fn an_unfinished_draft_is_kept_but_not_submitted() {
    let mut world = world(AdStatus::Draft);
    world.ad.content.copy.headlines.truncate(1);
    world.ad.check_draft().unwrap();
    let refused = world.step(AdStep::Submit).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::Invalid);
    assert_eq!(refused.iter().next().unwrap().pointer(), "/headlines");
    assert_eq!(world.ad.status, AdStatus::Draft);
}

#[test]
fn an_ad_type_that_the_platform_does_not_offer_is_named() {
    let mut world = world(AdStatus::Draft);
    world.ad.ad_type = adstead_domain::AdType::Reels;
    let refused = world.ad.check_draft().unwrap_err();
    let fault = refused.iter().next().unwrap();
    assert_eq!(fault.pointer(), "/type");
    assert!(fault.message().starts_with("google offers no reels ads: use one of text"), "{fault}");
}

#[test]
fn an_ad_is_not_activated_outside_its_campaigns_flight() {
    let (hour, zone) = (SignedDuration::from_hours(1), adstead_domain::Zone::utc());
    let ahead = Schedule::new(NOW + hour, None, zone.clone(), Vec::new()).unwrap();
    let over = Schedule::new(NOW - hour - hour, Some(NOW - hour), zone.clone(), Vec::new()).unwrap();
    let running = Schedule::new(NOW - hour, Some(NOW + hour), zone, Vec::new()).unwrap();
    for (schedule, admitted) in [(ahead, false), (over, false), (running, true)] {
        let mut world = world(AdStatus::Approved);
        world.campaign.schedule = Some(schedule);
        let taken = world.activate(UNSPENT);
        assert_eq!(taken.is_ok(), admitted, "{taken:?}");
    }
}

#[test]
fn an_ad_is_not_activated_over_its_campaigns_or_its_groups_budget() {
    let budget = |limit| Budget::new(Currency::USD, 900, Some(limit), None).unwrap();
    let spend = Spend { today_micros: 100, lifetime_micros: 100 };
    for (campaign, group, admitted) in [
        (budget(101), Some(budget(101)), true),
        (budget(100), None, false),
        (budget(101), Some(budget(100)), false),
    ] {
        let mut world = world(AdStatus::Paused);
        world.campaign.budget = campaign;
        world.group.budget = group;
        let taken = world.activate(spend);
        assert_eq!(taken.is_ok(), admitted, "{taken:?}");
    }
}

#[test]
fn an_ad_of_a_finished_campaign_is_not_activated() {
    for status in [CampaignStatus::Completed, CampaignStatus::Archived] {
        let mut world = world(AdStatus::Approved);
        world.campaign.status = status;
        assert_eq!(world.activate(UNSPENT).unwrap_err().kind(), ViolationKind::State);
    }
}

#[test]
fn a_landing_page_is_an_absolute_web_address_without_a_login() {
    use adstead_domain::FinalUrl;
    for good in ["https://example.com", "http://example.com/a?b=c#d", "https://münchen.example/ü"] {
        assert!(good.parse::<FinalUrl>().is_ok(), "{good}");
    }
    let long = format!("https://example.com/{}", "x".repeat(2048));
    for bad in [
        "",
        "example.com",
        "/spring",
        "ftp://example.com",
        "javascript:alert(1)",
        "https://",
        "https://a:b@c.de",
        &long,
    ] {
        assert!(bad.parse::<FinalUrl>().is_err(), "{bad}");
    }
}
