use adstead_application::Error;
use adstead_application::accounts::{
    Authenticate, CreateAccount, CreateKey, FoundFirstAccount, ManageKeys, NewAccount, NewKey,
};
use adstead_domain::{Role, Zone};
use adstead_testkit::{CountingEntropy, build};
use jiff::SignedDuration;
use std::sync::Arc;

use crate::desk::Desk;

fn create_key(desk: &Desk) -> CreateKey {
    CreateKey {
        accounts: desk.world.accounts.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
        entropy: Arc::new(CountingEntropy::default()),
    }
}

fn authenticate(desk: &Desk) -> Authenticate {
    Authenticate { accounts: desk.world.accounts.clone(), clock: desk.clock() }
}

fn editor(desk: &Desk) -> NewKey {
    NewKey {
        account: desk.account.name.to_string(),
        email: build::parsed("ada@example.com"),
        role: Role::Editor,
    }
}

#[tokio::test]
async fn a_key_lets_its_bearer_act_until_it_is_revoked() {
    let desk = Desk::new().await;
    let issued = create_key(&desk).execute(editor(&desk)).await.unwrap();
    let authenticate = authenticate(&desk);
    let actor = authenticate.execute(issued.secret.reveal()).await.unwrap();
    assert_eq!(
        (actor.account_id, actor.user_id, actor.role),
        (desk.account.id, issued.user.id, Role::Editor)
    );

    let keys = ManageKeys { accounts: desk.world.accounts.clone(), clock: desk.clock() };
    keys.revoke(&desk.account.id.to_string(), issued.key.id).await.unwrap();
    let refused = authenticate.execute(issued.secret.reveal()).await.unwrap_err();
    assert!(matches!(refused, Error::Unauthenticated), "{refused}");
}

#[tokio::test]
async fn the_last_use_of_a_key_is_kept_to_within_a_minute() {
    let desk = Desk::new().await;
    let issued = create_key(&desk).execute(editor(&desk)).await.unwrap();
    let authenticate = authenticate(&desk);
    let last_use = async || desk.world.accounts.keys(desk.account.id).await.unwrap()[0].last_used_at.unwrap();
    authenticate.execute(issued.secret.reveal()).await.unwrap();
    let first = last_use().await;
    desk.clock.advance(SignedDuration::from_secs(59));
    authenticate.execute(issued.secret.reveal()).await.unwrap();
    assert_eq!(last_use().await, first);
    desk.clock.advance(SignedDuration::from_secs(1));
    authenticate.execute(issued.secret.reveal()).await.unwrap();
    assert_eq!(last_use().await.duration_since(first), SignedDuration::from_secs(60));
}

#[tokio::test]
async fn a_second_key_for_the_same_address_is_for_the_same_user() {
    let desk = Desk::new().await;
    let create = create_key(&desk);
    let first = create.execute(editor(&desk)).await.unwrap();
    let second = create.execute(NewKey { role: Role::Viewer, ..editor(&desk) }).await.unwrap();
    assert_eq!(first.user, second.user);
    assert_ne!(first.secret.digest(), second.secret.digest());
}

#[tokio::test]
async fn nobody_gets_in_with_what_is_no_key_or_unknown() {
    let desk = Desk::new().await;
    for text in ["", "adstead_", "Bearer x", &format!("adstead_{}", "0".repeat(64))] {
        assert!(matches!(authenticate(&desk).execute(text).await, Err(Error::Unauthenticated)), "{text}");
    }
}

#[tokio::test]
async fn a_key_for_an_unknown_account_is_refused() {
    let desk = Desk::new().await;
    for account in ["nobody", &build::id().to_string()] {
        let refused =
            create_key(&desk).execute(NewKey { account: account.to_owned(), ..editor(&desk) }).await;
        assert!(matches!(refused, Err(Error::NotFound { what: "account", .. })));
    }
}

#[tokio::test]
async fn the_name_of_an_account_is_given_once() {
    let desk = Desk::new().await;
    let create =
        CreateAccount { accounts: desk.world.accounts.clone(), clock: desk.clock(), ids: desk.ids() };
    let new = NewAccount {
        name: desk.account.name.clone(),
        time_zone: Zone::utc(),
        currency: None,
        second_reviewer: true,
    };
    let refused = create.execute(new.clone()).await.unwrap_err();
    assert!(matches!(refused, Error::Taken { .. }), "{refused}");
    create.execute(NewAccount { name: build::parsed("Another"), ..new }).await.unwrap();
}

#[tokio::test]
async fn a_first_account_is_founded_once_and_its_admin_reviews_alone() {
    let desk = Desk::new().await;
    let elsewhere = adstead_testkit::memory::repositories();
    let found =
        FoundFirstAccount { keys: CreateKey { accounts: elsewhere.accounts.clone(), ..create_key(&desk) } };
    let first = found.execute().await.unwrap().unwrap();
    assert!(!first.account.second_reviewer);
    assert!(found.execute().await.unwrap().is_none());
    let authenticate = Authenticate { accounts: elsewhere.accounts.clone(), clock: desk.clock() };
    assert_eq!(authenticate.execute(first.secret.reveal()).await.unwrap().role, Role::Admin);
}
