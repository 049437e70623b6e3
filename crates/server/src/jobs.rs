//! What a node does that no request asks for, as [`background`](crate::background) runs it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use adstead_application::alerts::{ForgetAlerts, SeenService, WatchBudgets, WatchClicks, WatchServices};
use adstead_application::events::ExpireEvents;
use adstead_application::files::{CollectGarbage, Collected, SurveyFiles};
use adstead_application::idempotency::PurgeIdempotencyKeys;
use adstead_application::notifications::NotifySubscribers;
use adstead_application::outbox::{DeliverEvents, NextRound};
use adstead_application::services::SwitchServices;
use adstead_domain::ServiceChange;
use adstead_domain::port::{AssetTotal, Chain, DisabledService, Expired, ServiceHealth, ServiceStatistics};
use anyhow::Result;
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use tokio::time::sleep;

use crate::background::{Job, Progress};

/// `run`, with what it works on, `every` time.
fn job<T, F>(
    name: impl Into<String>,
    every: Duration,
    work: T,
    run: impl Fn(Arc<T>) -> F + Send + Sync + 'static,
) -> Job
where
    T: Send + Sync + 'static,
    F: Future<Output = Result<Progress>> + Send + 'static,
{
    let work = Arc::new(work);
    Job::new(name, every, move || run(Arc::clone(&work)))
}

/// Raw events go once they are old; a node that starts looks at once, and then every six hours.
pub(crate) fn expire_events(expire_events: ExpireEvents) -> Job {
    job("expire events", Duration::from_secs(6 * 3600), expire_events, |expire| async move {
        let Expired { events, rejected } = expire.execute().await?;
        if events + rejected > 0 {
            tracing::info!(events, rejected, "deleted raw events that were older than their retention");
        }
        Ok(Progress::Done)
    })
}

/// Files that belong to nothing go once they are old; a node that starts looks at once, and then every six hours.
pub(crate) fn collect_garbage(collect: CollectGarbage) -> Job {
    let name = "collect files that belong to nothing";
    job(name, Duration::from_secs(6 * 3600), collect, |collect| async move {
        let Collected { orphans, quarantine, unfinished } = collect.execute(false).await?;
        let files = orphans.files + quarantine.files + unfinished.files;
        if files > 0 {
            let bytes = orphans.bytes + quarantine.bytes + unfinished.bytes;
            tracing::info!(files, bytes, "removed files that belonged to nothing");
        }
        Ok(Progress::Done)
    })
}

/// What there is of assets is counted every five minutes, for whoever asks how the storage is.
pub(crate) fn count_assets(
    survey: SurveyFiles,
    note: impl Fn(Vec<AssetTotal>) + Send + Sync + 'static,
) -> Job {
    job("count assets", Duration::from_secs(300), (survey, note), |work| async move {
        let (survey, note) = &*work;
        note(survey.assets().await?);
        Ok(Progress::Done)
    })
}

/// The operator's word on external services is followed within `every`.
pub(crate) fn follow_switches(
    services: SwitchServices,
    every: Duration,
    follow: impl Fn(Vec<DisabledService>) + Send + Sync + 'static,
) -> Job {
    job("follow which services are disabled", every, (services, follow), |work| async move {
        let (services, follow) = &*work;
        follow(services.disabled().await?);
        Ok(Progress::Done)
    })
}

/// Keys of calls that are over count as free already: this only makes room.
pub(crate) fn purge_idempotency_keys(purge: PurgeIdempotencyKeys) -> Job {
    job("purge idempotency keys", Duration::from_secs(3600), purge, |purge| async move {
        purge.execute().await?;
        Ok(Progress::Done)
    })
}

/// Events of this node are delivered as soon as they are committed, those of others and those that are due again after
/// `every` at most. A subscriber that fails delays nobody else.
pub(crate) fn deliver_events(deliver: DeliverEvents, every: Duration) -> Job {
    let name = format!("deliver events to {}", deliver.subscriber.name());
    job(name, every, deliver, |deliver| async move {
        Ok(match deliver.execute().await?.next {
            NextRound::AtOnce => Progress::More,
            NextRound::WhenSomethingHappens => Progress::Done,
            NextRound::Later => Progress::Stuck,
        })
    })
    // What is not settled by then is somebody else's.
    .no_longer_than(DeliverEvents::LEASE)
}

/// Those who subscribed are told as soon as there is something, each by a line of their own: while some take their time, others
/// go on being looked for.
pub(crate) fn notify_subscribers(notify: NotifySubscribers, every: Duration) -> Job {
    job("tell those who subscribed", every, notify, move |notify| async move {
        let (mut busy, mut lines) = (BTreeSet::new(), FuturesUnordered::new());
        loop {
            let due = match notify.due().await {
                Ok(due) => due,
                Err(error) => {
                    // What is under way comes to its end, and is settled.
                    while lines.next().await.is_some() {}
                    return Err(error.into());
                }
            };
            for name in due {
                if busy.insert(name.clone()) {
                    lines.push(tell(Arc::clone(&notify), name));
                }
            }
            tokio::select! {
                done = lines.next() => match done {
                    Some(name) => drop(busy.remove(&name)),
                    None => return Ok(Progress::Done),
                },
                () = sleep(every) => {}
            }
        }
    })
}

/// Tells what is due of a line, and answers its name.
async fn tell(notify: Arc<NotifySubscribers>, name: String) -> String {
    if let Err(error) = notify.deliver(&name).await {
        tracing::error!(line = name, error = %Chain(&error), "somebody who subscribed could not be told");
    }
    name
}

/// Budgets are looked at `every` so often, by one of the nodes.
pub(crate) fn watch_budgets(watch: WatchBudgets, every: Duration) -> Job {
    job("look at budgets", every, watch, |watch| async move {
        watch.execute().await?;
        Ok(Progress::Done)
    })
}

/// Clicks are looked at every hour, by one of the nodes.
pub(crate) fn watch_clicks(watch: WatchClicks, every: Duration) -> Job {
    job("look at clicks", every, watch, |watch| async move {
        watch.execute().await?;
        Ok(Progress::Done)
    })
}

/// External services that this node stops or begins to call are told of.
pub(crate) fn watch_services(
    watch: WatchServices,
    every: Duration,
    statistics: impl Fn() -> Vec<ServiceStatistics> + Send + Sync + 'static,
) -> Job {
    job("look at external services", every, (watch, statistics), |work| async move {
        let (watch, statistics) = &*work;
        let seen: Vec<_> = statistics().into_iter().filter_map(seen).collect();
        watch.execute(&seen).await?;
        Ok(Progress::Done)
    })
}

/// Whether a service is up or down; nothing where it is being tried again, is held back, or is not to be called at all.
fn seen(service: ServiceStatistics) -> Option<SeenService> {
    let change = match service.health {
        ServiceHealth::Open => ServiceChange::Down,
        ServiceHealth::Active => ServiceChange::Up,
        ServiceHealth::Degraded | ServiceHealth::RateLimited | ServiceHealth::Disabled => return None,
    };
    Some(SeenService { name: service.name, change })
}

/// What was told long ago is forgotten once a day.
pub(crate) fn forget_alerts(forget: ForgetAlerts) -> Job {
    job("forget what was told long ago", Duration::from_secs(24 * 3600), forget, |forget| async move {
        forget.execute().await?;
        Ok(Progress::Done)
    })
}
