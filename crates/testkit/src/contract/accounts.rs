//! The contract of [`AccountRepository`](adstead_domain::port::AccountRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{Account, ApiKey, ApiKeyId, Currency, Page, PageRequest, Role, Sha256Digest, User};
use futures::future::join_all;
use jiff::{SignedDuration, Timestamp};

use super::paging::assert_lists;
use super::samples::{instants, texts};
use super::world::failure;
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::{TestClock, cases};

/// What every `AccountRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    an_account_is_found_as_it_was_stored,
    what_was_never_stored_is_absent,
    a_taken_name_conflicts,
    a_taken_address_conflicts_within_its_account,
    a_user_is_found_in_their_account_only,
    the_first_account_is_founded_with_user_and_key,
    nothing_is_founded_where_an_account_exists,
    of_concurrent_foundings_one_succeeds,
    accounts_are_listed_newest_first,
    the_first_currency_stays,
    concurrent_currencies_settle_on_one,
    a_key_is_found_by_its_digest,
    a_revoked_key_is_still_found,
    keys_are_listed_newest_first,
    keys_of_another_account_are_not_listed,
    the_last_use_never_moves_backwards,
    the_first_revocation_stays,
    a_key_of_another_account_cannot_be_revoked,
];

fn euro() -> Currency {
    parsed("EUR")
}

fn later(minutes: i64) -> Timestamp {
    TestClock::START + SignedDuration::from_mins(minutes)
}

async fn store(world: &Repositories, account: &Account) {
    world.accounts.insert(account).await.expect("an account can be stored");
}

async fn stored_key(world: &Repositories, user: &User) -> ApiKey {
    let key = build::api_key(user, Role::Editor);
    world.accounts.insert_key(&key).await.expect("a key can be stored");
    key
}

async fn assert_found(world: &Repositories, account: &Account) {
    let by_id = world.accounts.get(account.id).await.expect("an account can be read");
    assert_eq!(by_id.as_ref(), Some(account));
    let by_name = world.accounts.by_name(&account.name).await.expect("an account can be read");
    assert_eq!(by_name.as_ref(), Some(account));
}

async fn assert_absent(world: &Repositories, account: &Account) {
    assert_eq!(world.accounts.get(account.id).await.expect("an id can be looked up"), None);
    assert_eq!(world.accounts.by_name(&account.name).await.expect("a name can be looked up"), None);
}

async fn assert_user_found(world: &Repositories, user: &User) {
    let found = world.accounts.user_by_email(user.account_id, &user.email).await.expect("a user can be read");
    assert_eq!(found.as_ref(), Some(user));
}

async fn assert_user_absent(world: &Repositories, user: &User) {
    let found = world.accounts.user_by_email(user.account_id, &user.email).await;
    assert_eq!(found.expect("an address can be looked up"), None);
}

async fn by_digest(world: &Repositories, digest: &Sha256Digest) -> Option<ApiKey> {
    world.accounts.key_by_digest(digest).await.expect("a digest can be looked up")
}

async fn an_account_is_found_as_it_was_stored(world: &Repositories) {
    let mut accounts: Vec<Account> =
        texts().iter().map(|text| Account { name: parsed(text), ..build::account() }).collect();
    accounts.extend(instants().into_iter().map(|created_at| Account { created_at, ..build::account() }));
    accounts.push(Account {
        time_zone: parsed("America/New_York"),
        currency: Some(parsed("JPY")),
        second_reviewer: true,
        ..build::account()
    });
    for account in &accounts {
        store(world, account).await;
    }
    for account in &accounts {
        assert_found(world, account).await;
    }
}

async fn what_was_never_stored_is_absent(world: &Repositories) {
    let known = world.account().await;
    let stranger = build::account();
    assert_absent(world, &stranger).await;
    assert_user_absent(world, &build::user(&known)).await;
    let key = build::api_key(&build::user(&known), Role::Viewer);
    assert_eq!(by_digest(world, &key.digest).await, None);
    assert_eq!(world.accounts.keys(known.id).await.expect("keys can be listed"), []);
    assert_eq!(world.accounts.keys(stranger.id).await.expect("keys can be listed"), []);
}

async fn a_taken_name_conflicts(world: &Repositories) {
    let first = world.account().await;
    let second = Account { name: first.name.clone(), ..build::account() };
    assert_eq!(failure(world.accounts.insert(&second).await), PortErrorKind::Conflict);
    assert_found(world, &first).await;
    assert_eq!(world.accounts.get(second.id).await.expect("an id can be looked up"), None);
}

async fn a_taken_address_conflicts_within_its_account(world: &Repositories) {
    let first = world.newcomer().await;
    let second =
        User { account_id: first.account_id, email: first.email.clone(), ..build::user(&build::account()) };
    assert_eq!(failure(world.accounts.insert_user(&second).await), PortErrorKind::Conflict);
    assert_user_found(world, &first).await;
}

async fn a_user_is_found_in_their_account_only(world: &Repositories) {
    let (here, there) = (world.account().await, world.account().await);
    let ada =
        User { created_at: instants()[1], email: parsed("o'ada+ads@example.com"), ..build::user(&here) };
    world.accounts.insert_user(&ada).await.expect("a user can be stored");
    let namesake = User { email: ada.email.clone(), ..build::user(&there) };
    assert_user_absent(world, &namesake).await;
    world.accounts.insert_user(&namesake).await.expect("the address is free in another account");
    assert_user_found(world, &ada).await;
    assert_user_found(world, &namesake).await;
}

async fn the_first_account_is_founded_with_user_and_key(world: &Repositories) {
    let account = build::account();
    let user = build::user(&account);
    let key = build::api_key(&user, Role::Admin);
    assert!(world.accounts.found(&account, &user, &key).await.expect("an account can be founded"));
    assert_found(world, &account).await;
    assert_user_found(world, &user).await;
    assert_eq!(by_digest(world, &key.digest).await, Some(key));
}

async fn nothing_is_founded_where_an_account_exists(world: &Repositories) {
    world.account().await;
    let account = build::account();
    let user = build::user(&account);
    let key = build::api_key(&user, Role::Admin);
    assert!(!world.accounts.found(&account, &user, &key).await.expect("founding can be tried"));
    assert_absent(world, &account).await;
    assert_user_absent(world, &user).await;
    assert_eq!(by_digest(world, &key.digest).await, None);
}

async fn of_concurrent_foundings_one_succeeds(world: &Repositories) {
    let candidates = [(); 8].map(|()| {
        let account = build::account();
        let user = build::user(&account);
        let key = build::api_key(&user, Role::Admin);
        (account, user, key)
    });
    let attempts = candidates.iter().map(|(account, user, key)| world.accounts.found(account, user, key));
    let founded: Vec<bool> =
        join_all(attempts).await.into_iter().map(|attempt| attempt.expect("founding can be tried")).collect();
    assert_eq!(founded.iter().filter(|founded| **founded).count(), 1, "{founded:?}");
    for ((account, user, key), founded) in candidates.iter().zip(founded) {
        if founded {
            assert_found(world, account).await;
            assert_user_found(world, user).await;
            assert_eq!(by_digest(world, &key.digest).await.as_ref(), Some(key));
        } else {
            assert_absent(world, account).await;
            assert_user_absent(world, user).await;
            assert_eq!(by_digest(world, &key.digest).await, None);
        }
    }
}

async fn accounts_are_listed_newest_first(world: &Repositories) {
    let list = async |request| world.accounts.list(request).await.expect("accounts can be listed");
    assert_eq!(list(PageRequest::default()).await, Page { items: Vec::new(), next: None });
    let [a, b, c, d, e, f] = [(); 6].map(|()| build::account());
    for account in [&d, &a, &f, &c, &b, &e] {
        store(world, account).await;
    }
    assert_eq!(list(PageRequest::default()).await.items[0], f);
    let ids = [&a, &b, &c, &d, &e, &f].map(|account| account.id.uuid()).into();
    assert_lists(ids, list, |account| account.id.uuid()).await;
}

async fn the_first_currency_stays(world: &Repositories) {
    let (account, other) = (world.account().await, world.account().await);
    let fix = |currency| world.accounts.fix_currency(account.id, currency);
    assert_eq!(fix(euro()).await.expect("a currency can be set"), euro());
    assert_eq!(fix(Currency::USD).await.expect("a currency can be asked for"), euro());
    assert_found(world, &Account { currency: Some(euro()), ..account }).await;
    assert_found(world, &other).await;
}

async fn concurrent_currencies_settle_on_one(world: &Repositories) {
    let account = world.account().await;
    let currencies = ["EUR", "USD", "JPY", "GBP", "INR"].map(parsed::<Currency>);
    let attempts = currencies.map(|currency| world.accounts.fix_currency(account.id, currency));
    let answers: Vec<Currency> =
        join_all(attempts).await.into_iter().map(|answer| answer.expect("a currency can be set")).collect();
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_found(world, &Account { currency: Some(answers[0]), ..account }).await;
}

async fn a_key_is_found_by_its_digest(world: &Repositories) {
    let user = world.newcomer().await;
    for (role, at) in Role::ALL.iter().zip(instants().into_iter().cycle()) {
        let key = ApiKey { created_at: at, last_used_at: Some(at), ..build::api_key(&user, *role) };
        world.accounts.insert_key(&key).await.expect("a key can be stored");
        assert_eq!(by_digest(world, &key.digest).await, Some(key));
    }
    let unused = stored_key(world, &user).await;
    assert_eq!(by_digest(world, &unused.digest).await, Some(unused));
}

async fn a_revoked_key_is_still_found(world: &Repositories) {
    let user = world.newcomer().await;
    let key = stored_key(world, &user).await;
    assert_eq!(by_digest(world, &key.digest).await.as_ref(), Some(&key));
    let revoked = world.accounts.revoke_key(user.account_id, key.id, later(1)).await;
    assert!(revoked.expect("a key can be revoked"));
    let expected = ApiKey { revoked_at: Some(later(1)), ..key };
    assert_eq!(by_digest(world, &expected.digest).await.as_ref(), Some(&expected));
    assert_eq!(world.accounts.keys(user.account_id).await.expect("keys can be listed"), [expected]);
}

async fn keys_are_listed_newest_first(world: &Repositories) {
    let user = world.newcomer().await;
    let keys = [(); 3].map(|()| build::api_key(&user, Role::Viewer));
    for key in [&keys[1], &keys[2], &keys[0]] {
        world.accounts.insert_key(key).await.expect("a key can be stored");
    }
    let [oldest, middle, newest] = keys;
    let listed = world.accounts.keys(user.account_id).await.expect("keys can be listed");
    assert_eq!(listed, [newest, middle, oldest]);
}

async fn keys_of_another_account_are_not_listed(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let key = stored_key(world, &user).await;
    stored_key(world, &other).await;
    assert_eq!(world.accounts.keys(user.account_id).await.expect("keys can be listed"), [key]);
}

async fn the_last_use_never_moves_backwards(world: &Repositories) {
    let user = world.newcomer().await;
    let (key, other) = (stored_key(world, &user).await, stored_key(world, &user).await);
    for (noted, expected) in [(later(1), later(1)), (later(5), later(5)), (later(3), later(5))] {
        world.accounts.note_key_use(key.id, noted).await.expect("a use can be noted");
        let found = by_digest(world, &key.digest).await.expect("the key is there");
        assert_eq!(found.last_used_at, Some(expected));
    }
    assert_eq!(by_digest(world, &other.digest).await, Some(other));
}

async fn the_first_revocation_stays(world: &Repositories) {
    let user = world.newcomer().await;
    let (key, other) = (stored_key(world, &user).await, stored_key(world, &user).await);
    for at in [later(2), later(9), later(1)] {
        let revoked = world.accounts.revoke_key(user.account_id, key.id, at).await;
        assert!(revoked.expect("a key can be revoked"), "the account has the key");
        let found = by_digest(world, &key.digest).await.expect("the key is there");
        assert_eq!(found.revoked_at, Some(later(2)));
    }
    assert_eq!(by_digest(world, &other.digest).await, Some(other));
}

async fn a_key_of_another_account_cannot_be_revoked(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let key = stored_key(world, &user).await;
    for (account, id) in [(other.account_id, key.id), (user.account_id, ApiKeyId::new(build::id()))] {
        let revoked = world.accounts.revoke_key(account, id, later(1)).await;
        assert!(!revoked.expect("revoking can be tried"));
    }
    assert_eq!(by_digest(world, &key.digest).await, Some(key));
}
