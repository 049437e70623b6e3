//! Who may do what, and how they prove who they are.

use adstead_domain::{Actor, ApiKeySecret, Email, Permission, Role, ViolationKind};
use adstead_testkit::{CountingEntropy, TestClock, build};
use jiff::SignedDuration;

#[test]
fn each_role_may_do_its_own_and_no_more() {
    use Permission::{Administer, Read, Review, Write};
    let may = [
        (Role::Viewer, &[Read][..]),
        (Role::Editor, &[Read, Write]),
        (Role::Reviewer, &[Read, Review]),
        (Role::Admin, &[Read, Write, Review, Administer]),
    ];
    for (role, permissions) in may {
        for &permission in Permission::ALL {
            assert_eq!(role.allows(permission), permissions.contains(&permission), "{role} {permission}");
        }
    }
}

#[test]
fn who_may_not_is_told_who_may() {
    let user = build::user(&build::account());
    let actor = Actor { account_id: user.account_id, user_id: user.id, role: Role::Viewer };
    let refused = actor.must(Permission::Review).unwrap_err();
    assert_eq!(refused.kind(), ViolationKind::Forbidden);
    assert_eq!(
        refused.message(),
        "a key with the role viewer may not review: use a key with the role reviewer or admin"
    );
}

#[test]
fn a_revoked_key_acts_for_nobody() {
    let mut key = build::api_key(&build::user(&build::account()), Role::Admin);
    assert_eq!(key.actor().map(|actor| actor.user_id), Some(key.user_id));
    key.revoked_at = Some(TestClock::START);
    assert_eq!(key.actor(), None);
}

#[test]
fn the_use_of_a_key_is_noted_once_a_minute() {
    let mut key = build::api_key(&build::user(&build::account()), Role::Admin);
    let now = TestClock::START;
    assert!(key.use_is_worth_noting(now));
    key.last_used_at = Some(now);
    assert!(!key.use_is_worth_noting(now + SignedDuration::from_secs(59)));
    assert!(key.use_is_worth_noting(now + SignedDuration::from_secs(60)));
}

#[test]
fn a_secret_reads_back_as_itself_and_never_shows_itself() {
    let secret = ApiKeySecret::generate(&CountingEntropy::default());
    let again: ApiKeySecret = secret.reveal().parse().unwrap();
    assert_eq!(again.digest(), secret.digest());
    assert_eq!(secret.reveal().len(), "adstead_".len() + 64);
    assert!(!format!("{secret:?}").contains(&secret.reveal()[8..]));
}

#[test]
fn what_is_no_key_is_refused() {
    for text in ["", "adstead_", "adstead_12", &"0".repeat(72), &format!("adstead_{}", "g".repeat(64))] {
        assert!(text.parse::<ApiKeySecret>().is_err(), "{text}");
    }
}

#[test]
fn addresses_are_kept_in_lower_case_and_checked() {
    assert_eq!(" Ada@Example.COM ".parse::<Email>().unwrap().as_str(), "ada@example.com");
    assert!("admin@localhost".parse::<Email>().is_ok());
    for bad in
        ["", "ada", "@example.com", "ada@", "a b@example.com", "ada@exa mple.com", "ada@-x.com", "ada@x..com"]
    {
        assert!(bad.parse::<Email>().is_err(), "{bad}");
    }
}
