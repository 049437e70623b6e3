use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use adstead_domain::MessageId;
use adstead_domain::port::{DeliveryStatistics, MessageClaim, Settlement};
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

    /// Notes a claim: when the oldest event happened that the subscriber has not been told of, in microseconds since 1970,
    /// and how many messages could not be read.
    pub(super) fn claimed(
        &self,
        claim: &MessageClaim,
        oldest: Option<i64>,
        unreadable: usize,
        now: Timestamp,
    ) {
        let lag_micros = oldest.map_or(0, |oldest| now.as_microsecond().saturating_sub(oldest));
        if let Some(counted) = self.counted().get_mut(&claim.subscriber) {
            counted.lag = Duration::from_micros(u64::try_from(lag_micros).unwrap_or_default());
            counted.dead += unreadable as u64;
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
