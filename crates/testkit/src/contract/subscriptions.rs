//! The contract of [`SubscriptionRepository`](adstead_domain::port::SubscriptionRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    Destination, Subscription, SubscriptionId, Suspension, SuspensionReason, User, Version, WebhookSecrets,
};

use super::{Case, Repositories};
use crate::build::{self, CREATED_AT};
use crate::cases;

/// What every `SubscriptionRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    what_is_stored_is_found_again,
    a_subscription_of_another_account_is_absent,
    an_account_has_no_more_than_its_most,
    an_update_needs_the_version_that_is_stored,
    a_deleted_subscription_is_gone,
    those_of_an_account_come_newest_first,
    accounts_with_subscriptions_are_told_once,
];

/// A subscription of each kind.
fn of_each_kind(user: &User) -> [Subscription; 3] {
    let url = "https://example.com/hooks/7".parse().expect("an address");
    let secret = |letter: &str| format!("whsec_{}", letter.repeat(32)).parse().expect("24 bytes in base64");
    let secrets = WebhookSecrets::new(secret("a")).rotated(secret("b"), CREATED_AT);
    let by_mail = build::subscription(user);
    [
        Subscription { destination: Destination::Slack { url }, ..build::subscription(user) },
        Subscription {
            destination: Destination::Webhook {
                url: "http://10.1.2.3:8080/".parse().expect("an address"),
                secrets,
            },
            suspended: Some(Suspension { reason: SuspensionReason::Gone, since: CREATED_AT }),
            ..build::subscription(user)
        },
        by_mail,
    ]
}

async fn stored(world: &Repositories, subscription: Subscription) -> Subscription {
    world.subscriptions.insert(&subscription).await.expect("a subscription can be stored");
    subscription
}

async fn get(world: &Repositories, of: &User, id: SubscriptionId) -> Option<Subscription> {
    world.subscriptions.get(of.account_id, id).await.expect("subscriptions can be read")
}

async fn all(world: &Repositories, of: &User, user: Option<&User>) -> Vec<Subscription> {
    let user = user.map(|user| user.id);
    world.subscriptions.of_account(of.account_id, user).await.expect("subscriptions can be read")
}

async fn what_is_stored_is_found_again(world: &Repositories) {
    let user = world.newcomer().await;
    for subscription in of_each_kind(&user) {
        let subscription = stored(world, subscription).await;
        assert_eq!(get(world, &user, subscription.id).await.as_ref(), Some(&subscription));
        let found = world.subscriptions.find(subscription.id).await.expect("subscriptions can be read");
        assert_eq!(found, Some(subscription));
    }
}

async fn a_subscription_of_another_account_is_absent(world: &Repositories) {
    let (mine, theirs) = (world.newcomer().await, world.newcomer().await);
    let subscription = stored(world, build::subscription(&theirs)).await;
    assert_eq!(get(world, &mine, subscription.id).await, None);
    assert_eq!(all(world, &mine, None).await, []);
    assert!(!world.subscriptions.delete(mine.account_id, subscription.id).await.expect("an answer"));
    let stolen = Subscription { account_id: mine.account_id, ..subscription.clone() };
    let error = world.subscriptions.update(&stolen).await.expect_err("it is not there");
    assert_eq!(error.kind, PortErrorKind::Stale);
    assert_eq!(get(world, &theirs, subscription.id).await, Some(subscription));
}

async fn an_account_has_no_more_than_its_most(world: &Repositories) {
    let user = world.newcomer().await;
    for _ in 0..Subscription::MOST {
        stored(world, build::subscription(&user)).await;
    }
    let error = world.subscriptions.insert(&build::subscription(&user)).await.expect_err("it is full");
    assert_eq!(error.kind, PortErrorKind::Conflict);
    let another = world.newcomer().await;
    stored(world, build::subscription(&another)).await;
}

async fn an_update_needs_the_version_that_is_stored(world: &Repositories) {
    let user = world.newcomer().await;
    let first = stored(world, build::subscription(&user)).await;
    let events = vec!["ad.*".parse().expect("a pattern")];
    let edited = Subscription { events, ..first.clone() };
    let version = world.subscriptions.update(&edited).await.expect("it is as it was read");
    assert_eq!(version, Version::FIRST.next());
    assert_eq!(get(world, &user, first.id).await, Some(Subscription { version, ..edited.clone() }));
    let error = world.subscriptions.update(&edited).await.expect_err("it was changed");
    assert_eq!(error.kind, PortErrorKind::Stale);
}

async fn a_deleted_subscription_is_gone(world: &Repositories) {
    let user = world.newcomer().await;
    let subscription = stored(world, build::subscription(&user)).await;
    let delete =
        async || world.subscriptions.delete(user.account_id, subscription.id).await.expect("an answer");
    assert!(delete().await);
    assert!(!delete().await);
    assert_eq!(get(world, &user, subscription.id).await, None);
}

async fn those_of_an_account_come_newest_first(world: &Repositories) {
    let user = world.newcomer().await;
    let colleague = User { account_id: user.account_id, ..world.newcomer().await };
    let mut expected = Vec::new();
    for subscription in [&user, &colleague, &user].map(build::subscription) {
        expected.insert(0, stored(world, subscription).await);
    }
    assert_eq!(all(world, &user, None).await, expected);
    assert_eq!(all(world, &user, Some(&colleague)).await, expected[1..2]);
}

async fn accounts_with_subscriptions_are_told_once(world: &Repositories) {
    let users = [world.newcomer().await, world.newcomer().await, world.newcomer().await];
    for user in [&users[2], &users[0], &users[2]] {
        stored(world, build::subscription(user)).await;
    }
    let accounts = world.subscriptions.accounts().await.expect("accounts can be read");
    let mut expected = vec![users[0].account_id, users[2].account_id];
    expected.sort_unstable();
    assert_eq!(accounts, expected);
}
