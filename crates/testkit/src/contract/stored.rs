//! What a cache outside the process keeps comes back as it was: as MessagePack with named fields.

use std::fmt::Debug;

use adstead_domain::{
    Ad, AdContent, AdCopy, AdStatus, AdType, AssetId, Campaign, CampaignStatus, Decision, Figures, Metrics,
    Objective, Period, Platform, ReportRow, Review, UserId, Version,
};
use jiff::Timestamp;
use jiff::civil::{Date, date};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::samples::{budgets, instants, schedules, targetings, texts};
use crate::build::{self, parsed};

/// Instants to the nanosecond, and the first and the last that there are.
fn all_instants() -> Vec<Timestamp> {
    let fine = "2026-11-01T05:59:59.123456789Z".parse().expect("an instant");
    [instants(), vec![Timestamp::MIN, fine, Timestamp::MAX]].concat()
}

/// That the thing is the same once it was written and read.
#[track_caller]
fn assert_comes_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(thing: &T) {
    let bytes = rmp_serde::to_vec_named(thing).expect("a thing of the domain can be written");
    assert_eq!(rmp_serde::from_slice::<T>(&bytes).as_ref().ok(), Some(thing));
}

fn campaign() -> Campaign {
    build::campaign(&build::user(&build::account()))
}

fn ad() -> Ad {
    let campaign = campaign();
    build::ad(&build::ad_group(&campaign), &campaign)
}

#[test]
fn campaigns_come_back_as_they_were() {
    for text in texts() {
        assert_comes_back(&Campaign { name: parsed(&text), ..campaign() });
    }
    for budget in budgets() {
        assert_comes_back(&Campaign { budget, ..campaign() });
    }
    for schedule in schedules() {
        assert_comes_back(&Campaign { schedule, ..campaign() });
    }
    for targeting in targetings() {
        assert_comes_back(&Campaign { targeting, ..campaign() });
    }
    for instant in all_instants() {
        assert_comes_back(&Campaign { created_at: instant, updated_at: instant, ..campaign() });
    }
    for &objective in Objective::ALL {
        assert_comes_back(&Campaign { objective, ..campaign() });
    }
    for &status in CampaignStatus::ALL {
        assert_comes_back(&Campaign { status, version: Version::new(u32::MAX), ..campaign() });
    }
}

#[test]
fn ads_come_back_as_they_were() {
    for text in texts() {
        let copy = AdCopy {
            headlines: vec![text.clone(), String::new()],
            descriptions: vec![text.clone()],
            call_to_action: None,
        };
        let content = AdContent { copy, assets: vec![AssetId::new(build::id()); 2], ..ad().content };
        let review = |decision, at| Review {
            reviewer: UserId::new(build::id()),
            decision,
            notes: (decision == Decision::Rejected).then(|| parsed(&text)),
            at,
        };
        let decisions = all_instants().into_iter().zip(Decision::ALL.iter().cycle());
        let reviews = decisions.map(|(at, &decision)| review(decision, at)).collect();
        let editors = (0..3).map(|_| UserId::new(build::id())).collect();
        assert_comes_back(&Ad { name: parsed(&text), content, reviews, editors, ..ad() });
    }
    for instant in all_instants() {
        assert_comes_back(&Ad { created_at: instant, updated_at: instant, ..ad() });
    }
    for &status in AdStatus::ALL {
        assert_comes_back(&Ad { status, editors: [].into(), ..ad() });
    }
    for &platform in Platform::ALL {
        for &ad_type in AdType::ALL {
            assert_comes_back(&Ad { platform, ad_type, ..ad() });
        }
    }
}

#[test]
fn figures_come_back_as_they_were() {
    let most = Metrics {
        impressions: u64::MAX,
        clicks: 1 << 53,
        conversions: 0,
        spend_micros: i64::MAX,
        revenue_micros: i64::MIN,
    };
    let days = [Date::MIN, date(2026, 3, 8), Date::MAX].map(Period::Day);
    let hours = all_instants().into_iter().map(Period::Hour);
    let periods: Vec<_> = hours.chain(days).chain([Period::Total]).collect();
    let row = |period: &Period, key: &String| ReportRow { period: *period, key: key.clone(), metrics: most };
    let rows: Vec<_> = texts().iter().flat_map(|key| periods.iter().map(|period| row(period, key))).collect();
    for read_at in all_instants() {
        assert_comes_back(&Figures { rows: rows.clone(), read_at });
        assert_comes_back(&Figures { rows: Vec::new(), read_at });
    }
}

#[test]
fn what_nobody_can_have_kept_is_refused() {
    /// As a campaign or an ad, with one thing that the domain does not have.
    #[derive(Serialize)]
    struct Harmed<'a, T> {
        #[serde(flatten)]
        thing: &'a T,
        stray: bool,
    }

    #[derive(Serialize)]
    struct Budget {
        currency: &'static str,
        amount_micros: i64,
        daily_limit_micros: Option<i64>,
        lifetime_limit_micros: Option<i64>,
    }

    let stray = rmp_serde::to_vec_named(&Harmed { thing: &campaign(), stray: true }).expect("a map");
    assert!(rmp_serde::from_slice::<Campaign>(&stray).is_err());
    let stray = rmp_serde::to_vec_named(&Harmed { thing: &ad(), stray: true }).expect("a map");
    assert!(rmp_serde::from_slice::<Ad>(&stray).is_err());

    let budget = |daily| {
        let budget = Budget {
            currency: "USD",
            amount_micros: 5,
            daily_limit_micros: Some(daily),
            lifetime_limit_micros: Some(2),
        };
        let bytes = rmp_serde::to_vec_named(&budget).expect("a map");
        rmp_serde::from_slice::<adstead_domain::Budget>(&bytes)
    };
    assert!(budget(2).is_ok());
    assert!(budget(3).is_err());
}
