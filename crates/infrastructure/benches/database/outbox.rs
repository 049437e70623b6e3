//! How many events a node can have delivered in a second: claimed, handed over, and settled.

use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::port::{EventSubscriber, Interest, MessageClaim, Outbox, Settlement};
use adstead_domain::{AdChange, ClaimId, DomainEvent, User};
use adstead_infrastructure::event_log::EventLog;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::bench::{Bench, Better, FEW_ROUNDS, Row};
use adstead_testkit::build;
use tokio::runtime::Runtime;

use crate::site::Site;

/// What is to be done in a second.
const WANTED: f64 = 10_000.0;

/// Events of one round, each two of one ad.
const EVENTS: usize = 20_000;

/// Messages of one claim, as a server's jobs take.
const BATCH: u32 = 500;

pub(crate) fn bench(name: &'static str) -> Bench {
    Bench { name, unit: "jobs/s", baseline_name: "10,000 jobs/s", target: 1.0, better: Better::Higher }
}

pub(crate) fn compare(runtime: &Runtime, site: &Site, bench: Bench) -> Row {
    let database = runtime.block_on(site.database());
    let subscriber = EventLog;
    let interests = vec![Interest::of(&subscriber)];
    let repositories = RepositoryFactory::publishing(Arc::clone(&database.manager), interests);
    let user = build::user(&runtime.block_on(database.tenant()).account);
    let outbox = repositories.outbox();
    let ours = || {
        runtime.block_on(fill(&repositories, &user));
        let start = Instant::now();
        let delivered = runtime.block_on(deliver_all(outbox.as_ref(), &subscriber));
        let took = start.elapsed();
        assert_eq!(delivered, EVENTS);
        EVENTS as f64 / took.as_secs_f64()
    };
    let note = "20,000 events of 10,000 ads, claimed 500 at a time by one carrier, handed to the log, and settled; each claim and \
                settlement is a commit that waits for the disk";
    bench.compare_rounds(FEW_ROUNDS, ours, || WANTED).with_note(note)
}

async fn fill(repositories: &RepositoryFactory, user: &User) {
    let campaign = build::campaign(user);
    let group = build::ad_group(&campaign);
    let events: Vec<DomainEvent> = (0..EVENTS / 2)
        .flat_map(|_| {
            let ad = build::ad(&group, &campaign);
            [AdChange::Created, AdChange::Submitted].map(|change| build::told(user, ad.occurrence(change)))
        })
        .collect();
    repositories.campaigns().insert(&campaign, &events).await.expect("a campaign");
}

async fn deliver_all(outbox: &dyn Outbox, subscriber: &dyn EventSubscriber) -> usize {
    let mut delivered = 0;
    loop {
        let now = build::CREATED_AT + Duration::from_secs(1);
        let claim = MessageClaim {
            id: ClaimId::new(build::id()),
            subscriber: subscriber.name().to_owned(),
            ends_at: now + Duration::from_secs(30),
        };
        let messages = outbox.claim(&claim, BATCH, now).await.expect("messages");
        if messages.is_empty() {
            return delivered;
        }
        let mut settlements = Vec::with_capacity(messages.len());
        for message in &messages {
            subscriber.deliver(&[&message.event]).await.expect("a delivery");
            settlements.push((message.id, Settlement::Delivered));
        }
        outbox.settle(&claim, &settlements, now).await.expect("a settlement");
        delivered += messages.len();
    }
}
