//! What only a database does with the outbox: messages that cannot be read, the wake after a commit, and who is waited for.

use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{MessageClaim, MessageState, OutboxSelection, Settlement};
use adstead_domain::{AdChange, CampaignChange, ClaimId, DomainEvent};
use adstead_infrastructure::database::{DatabaseError, DatabaseManager, Engine};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::contract::Repositories;
use adstead_testkit::contract::outbox::{OF_CONVERSIONS, SUBSCRIBERS, interests};
use adstead_testkit::{TestClock, build};
use sea_orm::{ConnectionTrait, Statement};

use super::{Databases, repositories};

/// Stores two events of one ad.
async fn two_events(world: &Repositories) -> [DomainEvent; 2] {
    let tenant = world.tenant().await;
    let event = || build::told(&tenant.user, tenant.ad.occurrence(AdChange::Edited));
    let events = [event(), event()];
    world.ads.update(&tenant.ad, &events).await.expect("an ad can be updated");
    events
}

fn claim() -> MessageClaim {
    MessageClaim {
        id: ClaimId::new(build::id()),
        subscriber: "first".to_owned(),
        ends_at: TestClock::START + Duration::from_secs(60),
    }
}

async fn execute(database: &DatabaseManager, sql: &str) {
    let executed = database.transaction(async |tx| {
        tx.execute_unprepared(sql).await?;
        Ok::<_, DatabaseError>(())
    });
    executed.await.expect("a table can be written to");
}

#[tokio::test]
async fn a_message_that_cannot_be_read_becomes_a_dead_letter_and_holds_up_nothing() {
    for databases in Databases::on_each_engine() {
        let database = databases.migrated().await;
        let world = repositories(Arc::clone(&database));
        let [_, second] = two_events(&world).await;
        let broken = "UPDATE outbox SET occurrence = '{\"subject\":\"comet\"}' WHERE id = (SELECT first FROM \
                      (SELECT MIN(id) AS first FROM outbox WHERE subscriber = 'first') AS messages)";
        execute(&database, broken).await;
        let claimed = world.outbox.claim(&claim(), 10, TestClock::START).await.expect("a claim");
        let told: Vec<_> = claimed.iter().map(|message| message.event.id).collect();
        assert_eq!(told, [second.id], "{}", databases.label());
        let dead = OutboxSelection { state: Some(MessageState::Dead), ..OutboxSelection::default() };
        let dead = world.outbox.list(&dead, None, 10).await.expect("a list");
        let failures: Vec<_> = dead.iter().map(|entry| entry.failure.clone().unwrap_or_default()).collect();
        assert_eq!(failures.len(), 1);
        assert!(failures[0].contains("outbox.occurrence"), "{failures:?}");
    }
}

#[tokio::test]
async fn a_claim_does_not_wait_for_whoever_settles_or_claims() {
    for databases in Databases::on_each_engine().filter(|it| it.engine != Engine::Sqlite) {
        let database = databases.migrated().await;
        let world = repositories(Arc::clone(&database));
        two_events(&world).await;
        let [_, theirs] = [two_events(&world).await, two_events(&world).await];
        let to_first = OutboxSelection { subscriber: Some("first".to_owned()), ..OutboxSelection::default() };
        let stored = world.outbox.list(&to_first, None, 3).await.expect("a list");
        let claimed = database
            .transaction(async |tx| {
                for entry in &stored {
                    // One at a time: MariaDB would look for several by another index, and lock all that it meets.
                    let lock = format!("SELECT id FROM outbox WHERE id = {} FOR UPDATE", entry.id);
                    tx.query_one_raw(Statement::from_string(tx.get_database_backend(), lock)).await?;
                }
                let claim = claim();
                let claiming = world.outbox.claim(&claim, 10, TestClock::START);
                let claimed = tokio::time::timeout(Duration::from_secs(10), claiming).await;
                Ok::<_, DatabaseError>(claimed.expect("nobody is waited for").expect("a claim"))
            })
            .await
            .expect("a transaction");
        let told: Vec<_> = claimed.iter().map(|message| message.event.id).collect();
        let expected: Vec<_> = theirs.iter().map(|event| event.id).collect();
        assert_eq!(told, expected, "{}: the fourth waits for the third, of its subject", databases.label());
    }
}

#[tokio::test]
async fn whoever_delivers_is_woken_by_a_commit_and_by_nothing_else() {
    let databases = Databases::new();
    let factory = RepositoryFactory::publishing(databases.migrated().await, interests());
    let mut committed = factory.clone().events_committed();
    let account = build::account();
    factory.accounts().insert(&account).await.expect("an account can be stored");
    let user = build::user(&account);
    let campaign = build::campaign(&user);
    let event = build::told(&user, campaign.occurrence(CampaignChange::Created));
    let campaigns = factory.campaigns();
    campaigns.insert(&campaign, &[]).await.expect("a campaign can be stored");
    campaigns.insert(&campaign, std::slice::from_ref(&event)).await.expect_err("it is stored already");
    assert!(!committed.has_changed().expect("the factory lives"));
    campaigns.update(&campaign, &[event]).await.expect("a campaign can be updated");
    assert!(committed.has_changed().expect("the factory lives"));
    committed.changed().await.expect("the factory lives");
}

#[tokio::test]
async fn where_nobody_wants_to_be_told_nothing_is_kept() {
    let databases = Databases::new();
    let factory = RepositoryFactory::new(databases.migrated().await);
    let account = build::account();
    factory.accounts().insert(&account).await.expect("an account can be stored");
    let user = build::user(&account);
    let campaign = build::campaign(&user);
    let event = build::told(&user, campaign.occurrence(CampaignChange::Created));
    factory.campaigns().insert(&campaign, &[event]).await.expect("a campaign can be stored");
    let kept = factory.outbox().list(&OutboxSelection::default(), None, 10).await.expect("a list");
    assert_eq!(kept, []);
}

#[tokio::test]
async fn what_was_delivered_is_counted_for_each_subscriber() {
    let databases = Databases::new();
    let factory = RepositoryFactory::publishing(databases.migrated().await, interests());
    let account = build::account();
    factory.accounts().insert(&account).await.expect("an account can be stored");
    let user = build::user(&account);
    let event = || build::told(&user, build::campaign(&user).occurrence(CampaignChange::Created));
    let events = [event(), event(), event(), event()];
    factory.campaigns().insert(&build::campaign(&user), &events).await.expect("a campaign can be stored");
    let (claim, outbox, failure) = (claim(), factory.outbox(), "gone".to_owned());
    let messages =
        outbox.claim(&claim, 10, build::CREATED_AT + Duration::from_secs(7)).await.expect("a claim");
    let settlements = [
        Settlement::Delivered,
        Settlement::Postponed { until: TestClock::START, failure: failure.clone() },
        Settlement::Dead { failure },
        Settlement::Left,
    ];
    let settlements: Vec<_> = messages.iter().map(|it| it.id).zip(settlements).collect();
    outbox.settle(&claim, &settlements, TestClock::START).await.expect("a settlement");
    let counted: Vec<_> = factory
        .deliveries()
        .into_iter()
        .map(|it| (it.subscriber, [it.delivered, it.postponed, it.dead, it.lag.as_secs()]))
        .collect();
    let nothing = [0; 4];
    let [first, second] = SUBSCRIBERS;
    let expected = [(first, [1, 1, 1, 7]), (OF_CONVERSIONS, nothing), (second, nothing)];
    assert_eq!(counted, expected.map(|(name, counts)| (name.to_owned(), counts)));
}
