use std::collections::BTreeSet;

use adstead_application::Error as UseCaseError;
use adstead_domain::Violations;
use adstead_domain::port::{Chain, PortErrorKind};

use super::*;

fn port_error(kind: PortErrorKind) -> PortError {
    PortError::new(kind, "ads.update").with_source("secret: disk /dev/sda1 is full")
}

#[test]
fn a_failure_of_a_port_has_a_status_by_what_the_caller_can_do() {
    let cases = [
        (PortErrorKind::Conflict, 409),
        (PortErrorKind::Stale, 409),
        (PortErrorKind::RateLimited, 503),
        (PortErrorKind::Unavailable, 503),
        (PortErrorKind::Full, 503),
        (PortErrorKind::Timeout, 504),
        (PortErrorKind::Rejected, 500),
        (PortErrorKind::Denied, 500),
        (PortErrorKind::Corrupt, 500),
        (PortErrorKind::Unexpected, 500),
    ];
    for (kind, status) in cases {
        let problem = Problem::from(UseCaseError::Port(port_error(kind)));
        assert_eq!(problem.kind.status(), status, "{kind:?}");
        assert_eq!(problem.retry_after.is_some(), status == 503, "{kind:?}");
    }
}

#[test]
fn the_cause_of_a_failure_is_logged_and_never_sent() {
    let problem = Problem::from(UseCaseError::Port(port_error(PortErrorKind::Unexpected)));
    let sent = serde_json::to_string(&ProblemBody::new(&problem, "7")).unwrap();
    assert!(!sent.contains("secret") && !sent.contains("ads.update"), "{sent}");
    let logged = Chain(problem.cause.unwrap().as_ref()).to_string();
    assert_eq!(logged, "ads.update failed: an unexpected fault: secret: disk /dev/sda1 is full");
}

#[test]
fn somebody_else_was_faster_is_a_failed_precondition_for_who_named_one() {
    let problem = Problem::from(UseCaseError::Port(port_error(PortErrorKind::Stale)));
    assert_eq!(problem.clone().for_precondition().kind, ProblemKind::Stale);
    let other = Problem::from(UseCaseError::Port(port_error(PortErrorKind::Conflict)));
    assert_eq!(other.for_precondition().kind, ProblemKind::Conflict);
}

#[test]
fn broken_rules_have_a_status_by_the_gravest_of_them() {
    let cases = [
        (Violation::invalid("too long"), ProblemKind::Invalid, 1),
        (Violation::state("archived"), ProblemKind::WrongState, 0),
        (Violation::forbidden("not yours"), ProblemKind::Forbidden, 0),
    ];
    for (violation, kind, faults) in cases {
        let problem = Problem::from(Violations::from(violation.clone()));
        assert_eq!((problem.kind, problem.faults.len()), (kind, faults));
        assert_eq!(problem.detail, violation.message());
    }
}

#[test]
fn a_fraction_of_a_second_is_rounded_up() {
    let mut problem = Problem::new(ProblemKind::Unavailable, "");
    problem.retry_after = Some(Duration::from_millis(2_001));
    assert_eq!(problem.into_response().headers()[header::RETRY_AFTER], "3");
}

#[test]
fn every_kind_has_a_type_of_its_own() {
    let types: BTreeSet<_> = ProblemKind::ALL.iter().map(|kind| kind.uri()).collect();
    assert_eq!(types.len(), ProblemKind::ALL.len());
    assert!(types.iter().all(|uri| uri.starts_with("urn:adstead:problem:")));
}
