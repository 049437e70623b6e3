//! Who is told of what happens, and who finds out what nobody did.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use adstead_application::alerts::{ForgetAlerts, ToldServices, WatchBudgets, WatchClicks, WatchServices};
use adstead_application::notifications::{
    FanOut, ManageSubscriptions, NotifySubscribers, RestingLines, Subscribe,
};
use adstead_application::outbox::{DeliverEvents, Undeliverable};
use adstead_config::Settings;
use adstead_domain::Redelivery;
use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, CampaignRepository, Clock, EventSubscriber,
    IdGenerator, Notifier,
};
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::system::OsEntropy;

use crate::background::Job;
use crate::jobs;

/// What telling needs of the rest.
pub(super) struct Told<'a> {
    pub(super) settings: &'a Settings,
    pub(super) repositories: &'a RepositoryFactory,
    pub(super) accounts: &'a Arc<dyn AccountRepository>,
    pub(super) campaigns: &'a Arc<dyn CampaignRepository>,
    pub(super) ads: &'a Arc<dyn AdRepository>,
    pub(super) analytics: &'a Arc<dyn AnalyticsRepository>,
    pub(super) notifier: &'a Arc<dyn Notifier>,
    pub(super) services: &'a Arc<ExternalServiceManager>,
    pub(super) clock: &'a Arc<dyn Clock>,
    pub(super) ids: &'a Arc<dyn IdGenerator>,
    pub(super) redelivery: Redelivery,
    pub(super) is_stopping: &'a Arc<AtomicBool>,
}

impl Told<'_> {
    pub(super) fn subscribe(&self) -> Subscribe {
        Subscribe {
            accounts: Arc::clone(self.accounts),
            subscriptions: self.repositories.subscriptions(),
            notifier: Arc::clone(self.notifier),
            clock: Arc::clone(self.clock),
            ids: Arc::clone(self.ids),
            entropy: Arc::new(OsEntropy),
        }
    }

    pub(super) fn manage_subscriptions(&self) -> ManageSubscriptions {
        ManageSubscriptions {
            subscriptions: self.repositories.subscriptions(),
            outbox: self.repositories.outbox(),
            clock: Arc::clone(self.clock),
            ids: Arc::clone(self.ids),
            entropy: Arc::new(OsEntropy),
        }
    }

    /// What a node does so that the subscribers, and those who subscribed, are told.
    pub(super) fn jobs(&self, subscribers: Vec<Arc<dyn EventSubscriber>>) -> Vec<Job> {
        let fan_out = FanOut {
            subscriptions: self.repositories.subscriptions(),
            outbox: self.repositories.outbox(),
            clock: Arc::clone(self.clock),
        };
        let poll = self.settings.outbox.poll_interval;
        let woken = |job: Job| job.woken_by(self.repositories.events_committed());
        let subscribers = subscribers.into_iter().chain([Arc::new(fan_out) as Arc<dyn EventSubscriber>]);
        let delivered =
            subscribers.map(|subscriber| woken(jobs::deliver_events(self.deliver(subscriber), poll)));
        let notify = NotifySubscribers {
            subscriptions: self.repositories.subscriptions(),
            outbox: self.repositories.outbox(),
            notifier: Arc::clone(self.notifier),
            clock: Arc::clone(self.clock),
            ids: Arc::clone(self.ids),
            redelivery: self.redelivery,
            undeliverable: Some(self.undeliverable()),
            is_stopping: Arc::clone(self.is_stopping),
            resting: RestingLines::default(),
        };
        let notify = woken(jobs::notify_subscribers(notify, poll));
        delivered.chain([notify]).chain(self.watches()).collect()
    }

    fn deliver(&self, subscriber: Arc<dyn EventSubscriber>) -> DeliverEvents {
        DeliverEvents {
            outbox: self.repositories.outbox(),
            subscriber,
            clock: Arc::clone(self.clock),
            ids: Arc::clone(self.ids),
            redelivery: self.redelivery,
            at_once: DeliverEvents::AT_ONCE,
            undeliverable: Some(self.undeliverable()),
            is_stopping: Arc::clone(self.is_stopping),
            was_out_of_reach: AtomicBool::new(false),
        }
    }

    fn undeliverable(&self) -> Undeliverable {
        Undeliverable { alerts: self.repositories.alerts(), clock: Arc::clone(self.clock) }
    }

    fn watches(&self) -> [Job; 4] {
        let every = self.settings.notifications.watch_interval;
        let budgets = WatchBudgets {
            accounts: Arc::clone(self.accounts),
            campaigns: Arc::clone(self.campaigns),
            analytics: Arc::clone(self.analytics),
            alerts: self.repositories.alerts(),
            clock: Arc::clone(self.clock),
            every_seconds: every.as_secs().try_into().expect("settings allow an hour at most"),
        };
        let clicks = WatchClicks {
            accounts: Arc::clone(self.accounts),
            ads: Arc::clone(self.ads),
            analytics: Arc::clone(self.analytics),
            alerts: self.repositories.alerts(),
            clock: Arc::clone(self.clock),
        };
        let seen = WatchServices {
            subscriptions: self.repositories.subscriptions(),
            alerts: self.repositories.alerts(),
            clock: Arc::clone(self.clock),
            told: ToldServices::default(),
        };
        let services = Arc::clone(self.services);
        [
            jobs::watch_budgets(budgets, every),
            jobs::watch_clicks(clicks, every),
            jobs::watch_services(seen, Duration::from_secs(2), move || services.statistics()),
            jobs::forget_alerts(ForgetAlerts {
                alerts: self.repositories.alerts(),
                clock: Arc::clone(self.clock),
            }),
        ]
    }
}
