//! What a run of advice does when it is applied.

use adstead_domain::optimization::{Action, Recommendation};
use adstead_domain::{OptimizationRun, ViolationKind};
use adstead_testkit::build;

fn run(actions: &[Action]) -> OptimizationRun {
    let campaign = build::campaign(&build::user(&build::account()));
    let run = build::optimization_run(&build::ad(&build::ad_group(&campaign), &campaign));
    let advice = &run.recommendations[0];
    let recommendations = actions.iter().map(|&action| Recommendation { action, ..advice.clone() }).collect();
    OptimizationRun { recommendations, ..run }
}

#[test]
fn what_several_rules_advise_is_done_once() {
    let raise = Action::SetDailyLimit { from_micros: 100, micros: 120 };
    let run = run(&[Action::PauseAd, raise, Action::PauseAd, Action::RefreshCopy, raise]);
    assert_eq!(run.actions_to_apply().unwrap(), [Action::PauseAd, raise]);
}

#[test]
fn advice_for_a_person_is_not_applied() {
    let refused = run(&[Action::RefreshCopy]).actions_to_apply().unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::State);
}
