//! What happened, in words for people.

use adstead_domain::{AdChange, BudgetChange, BudgetLimit, DomainEvent, Occurrence, ServiceChange, Zone};

/// An event as templates see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) at: String,
    pub(super) critical: bool,
}

impl Told {
    pub(super) fn of(event: &DomainEvent, zone: &Zone) -> Self {
        let (title, text) = words(&event.occurrence);
        Self {
            name: event.occurrence.name().to_string(),
            title,
            text,
            at: zone.written(event.occurred_at),
            critical: event.occurrence.is_critical(),
        }
    }
}

/// A headline and a sentence.
fn words(occurrence: &Occurrence) -> (String, String) {
    match occurrence {
        Occurrence::Campaign { change, name, platform, status, .. } => (
            format!("Campaign {change}: {name}"),
            format!("The {platform} campaign “{name}” was {change}; it is {status} now."),
        ),
        Occurrence::AdGroup { change, name, .. } => {
            (format!("Ad group {change}: {name}"), format!("The ad group “{name}” was {change}."))
        }
        Occurrence::Ad { change, name, platform, status, notes, .. } => {
            let title = format!("Ad {change}: {name}");
            let text = match (change, notes) {
                (AdChange::Submitted, _) => format!("The {platform} ad “{name}” waits for a reviewer."),
                (AdChange::Approved | AdChange::Rejected, Some(notes)) => {
                    format!("The {platform} ad “{name}” was {change}: {notes}")
                }
                _ => format!("The {platform} ad “{name}” was {change}; it is {status} now."),
            };
            (title, text)
        }
        Occurrence::Asset { change, name, content_type, size_bytes, .. } => (
            format!("File {change}: {name}"),
            format!("The file “{name}” ({content_type}, {size_bytes} bytes) was {change}."),
        ),
        Occurrence::Generation { platform, provider, variants, .. } => (
            format!("Copy written for {platform}"),
            format!("{provider} wrote {variants} variants of copy for {platform}."),
        ),
        Occurrence::Optimization { ad_id, .. } => {
            ("Advice followed".to_owned(), format!("The advice on the ad {ad_id} was followed."))
        }
        Occurrence::Budget { change, name, limit, spent, of, .. } => {
            let budget = match limit {
                BudgetLimit::Daily => "daily budget",
                BudgetLimit::Lifetime => "budget",
            };
            let title = match change {
                BudgetChange::NearlyReached => format!("80 % of the {budget} spent: {name}"),
                BudgetChange::Reached => format!("The {budget} is spent: {name}"),
            };
            (title, format!("The campaign “{name}” spent {spent} of its {budget} of {of}."))
        }
        Occurrence::ClickThrough { name, ctr, usual_ctr, .. } => (
            format!("Clicks collapsed: {name}"),
            format!(
                "Of those who saw the ad “{name}” in the last day, {:.2} % clicked; in the week before it were {:.2} %.",
                ctr * 100.0,
                usual_ctr * 100.0
            ),
        ),
        Occurrence::Conversion { ad_id, revenue, .. } => {
            let earned = revenue.map(|revenue| format!(" and earned {revenue}")).unwrap_or_default();
            ("A conversion".to_owned(), format!("Somebody did what the ad {ad_id} is for{earned}."))
        }
        Occurrence::Service { change, name } => match change {
            ServiceChange::Down => (
                format!("External service down: {name}"),
                format!("The service “{name}” failed too often and is not called for now."),
            ),
            ServiceChange::Up => {
                (format!("External service up: {name}"), format!("The service “{name}” answers again."))
            }
        },
        Occurrence::Delivery { subscriber, event, event_id, .. } => (
            format!("Not delivered: {event}"),
            format!("{subscriber} could not be told of {event} ({event_id}): see `adstead outbox list`."),
        ),
        Occurrence::Subscription { id, .. } => (
            "A test".to_owned(),
            format!("News of the subscription {id} arrive: somebody asked for this test."),
        ),
    }
}
