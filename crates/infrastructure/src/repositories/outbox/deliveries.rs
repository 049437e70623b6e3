use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use adstead_domain::MessageId;
use adstead_domain::port::{DeliveryStatistics, MessageClaim, OutboxMessage, Settlement};
use jiff::Timestamp;

/// What this node has delivered, for each subscriber.
#[derive(Default)]
pub(in crate::repositories) struct Deliveries {
    by_subscriber: Mutex<BTreeMap<String, DeliveryStatistics>>,
}

impl Deliveries {
    /// Those that nothing was delivered to yet, too.
    pub(in crate::repositories) fn to(subscribers: impl IntoIterator<Item = String>) -> Self {
        let none = |subscriber: String| {
            (subscriber.clone(), DeliveryStatistics { subscriber, ..DeliveryStatistics::default() })
        };
        Self { by_subscriber: Mutex::new(subscribers.into_iter().map(none).collect()) }
    }

    pub(super) fn claimed(&self, claim: &MessageClaim, messages: &[OutboxMessage], now: Timestamp) {
        let oldest = messages.iter().map(|message| message.event.occurred_at).min();
        let lag = oldest.and_then(|oldest| now.duration_since(oldest).try_into().ok()).unwrap_or_default();
        if let Some(counted) = self.counted().get_mut(&claim.subscriber) {
            counted.lag = lag;
        }
    }

    pub(super) fn settled(&self, claim: &MessageClaim, settlements: &[(MessageId, Settlement)]) {
        let mut by_subscriber = self.counted();
        let Some(counted) = by_subscriber.get_mut(&claim.subscriber) else { return };
        for (_, settlement) in settlements {
            match settlement {
                Settlement::Delivered => counted.delivered += 1,
                Settlement::Postponed { .. } => counted.postponed += 1,
                Settlement::Dead { .. } => counted.dead += 1,
                Settlement::Left => {}
            }
        }
    }

    pub(in crate::repositories) fn statistics(&self) -> Vec<DeliveryStatistics> {
        self.counted().values().cloned().collect()
    }

    fn counted(&self) -> MutexGuard<'_, BTreeMap<String, DeliveryStatistics>> {
        self.by_subscriber.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
