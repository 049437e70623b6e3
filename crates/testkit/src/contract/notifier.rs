//! The contract of [`Notifier`].

use std::sync::Arc;

use adstead_domain::port::{DELIVERY_PATIENCE, News, Notifier, PortErrorKind, Reception};
use adstead_domain::{AdChange, Destination, SubscriptionId, Zone};
use tokio::time::Instant;

use super::Case;
use crate::{build, cases};

/// Who brings news, and where to.
pub struct Bringing {
    /// Who brings them.
    pub notifier: Arc<dyn Notifier>,
    /// Where they are taken.
    pub open: Vec<Destination>,
    /// Where they may not go.
    pub forbidden: Vec<Destination>,
    /// Where nobody takes them.
    pub shut: Vec<Destination>,
}

/// What every `Notifier` must do.
pub const CASES: &[Case<Bringing>] = cases![
    news_are_brought_where_they_may_go,
    news_can_be_brought_again,
    what_may_not_be_brought_anything_is_refused_with_a_reason,
    where_nobody_takes_them_it_fails_in_time_and_tells_no_secret,
];

async fn notify(
    bringing: &Bringing,
    destination: &Destination,
) -> Result<Reception, adstead_domain::port::PortError> {
    let event = build::happened(AdChange::Approved);
    let events = [&event];
    let zone = Zone::utc();
    let subscription = SubscriptionId::new(build::id());
    bringing.notifier.notify(&News { subscription, destination, events: &events, time_zone: &zone }).await
}

async fn news_are_brought_where_they_may_go(bringing: &Bringing) {
    for destination in &bringing.open {
        bringing.notifier.check(destination).await.expect("it may go there");
        assert_eq!(
            notify(bringing, destination).await.expect("it is taken"),
            Reception::Taken,
            "{destination:?}"
        );
    }
}

async fn news_can_be_brought_again(bringing: &Bringing) {
    for destination in bringing.open.iter().flat_map(|destination| [destination; 3]) {
        assert_eq!(
            notify(bringing, destination).await.expect("it is taken"),
            Reception::Taken,
            "{destination:?}"
        );
    }
}

async fn what_may_not_be_brought_anything_is_refused_with_a_reason(bringing: &Bringing) {
    for destination in &bringing.forbidden {
        let error = bringing.notifier.check(destination).await.expect_err("it may not go there");
        assert_eq!(error.kind, PortErrorKind::Rejected, "{destination:?}");
        assert!(error.source.is_some_and(|why| !why.to_string().is_empty()), "{destination:?}");
    }
}

async fn where_nobody_takes_them_it_fails_in_time_and_tells_no_secret(bringing: &Bringing) {
    for destination in &bringing.shut {
        let started = Instant::now();
        let error = notify(bringing, destination).await.expect_err("nobody takes it");
        assert!(started.elapsed() <= DELIVERY_PATIENCE, "{destination:?}");
        let words = adstead_domain::port::Chain(&error).to_string();
        if let Destination::Slack { url } | Destination::Webhook { url, .. } = destination {
            assert!(!words.contains(url.reveal().path()), "{words}");
        }
    }
}
