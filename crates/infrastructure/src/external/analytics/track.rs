use adstead_domain::{DomainEvent, Money, Occurrence, OccurrenceName, Sha256Digest, UserId};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::config::{Consent, SinkConfig};

/// What a conversion earned, in units of `currency`: the names that Segment reserves for both
/// (<https://segment.com/docs/connections/spec/track/#properties>).
pub(super) const REVENUE: &str = "revenue";

/// An event as sinks understand it: Segment's `track` call (<https://segment.com/docs/connections/spec/track/>).
pub(super) struct Track {
    /// The event's id: the same each time it is told.
    pub(super) message_id: Uuid,
    pub(super) name: OccurrenceName,
    /// Its name as Segment writes names, object and action, such as `Ad Approved`.
    pub(super) title: String,
    /// Who did it, where the sink may know.
    pub(super) user_id: Option<Uuid>,
    /// Stands for who did it, at this sink alone; for the account where nobody did.
    pub(super) pseudonym: Uuid,
    /// When it happened (RFC 3339).
    pub(super) timestamp: String,
    pub(super) timestamp_micros: i64,
    pub(super) consent: Consent,
    pub(super) properties: Map<String, Value>,
}

impl Track {
    /// What the sink `name` is told of an event.
    pub(super) fn new(name: &str, config: &SinkConfig, event: &DomainEvent) -> Self {
        let DomainEvent { id, account_id, actor, occurred_at, occurrence } = event;
        let occurrence_name = occurrence.name();
        let mut properties = match serde_json::to_value(occurrence) {
            Ok(Value::Object(fields)) => fields,
            _ => Map::new(),
        };
        // They are in the name already.
        properties.remove("subject");
        properties.remove("change");
        properties.insert("account_id".to_owned(), account_id.to_string().into());
        if let Occurrence::Conversion { revenue: Some(revenue), .. } = occurrence {
            properties.insert(REVENUE.to_owned(), units(*revenue).into());
            properties.insert("currency".to_owned(), revenue.currency().code().into());
        }
        properties.retain(|field, value| !config.omit.contains(field) && !value.is_null());
        let who = actor.map_or(account_id.uuid(), UserId::uuid);
        Self {
            message_id: id.uuid(),
            name: occurrence_name,
            title: title(&occurrence_name.to_string()),
            user_id: actor.filter(|_| config.consent == Consent::Granted).map(UserId::uuid),
            pseudonym: Sha256Digest::of(format!("{name}\n{account_id}\n{who}").as_bytes()).uuid(),
            timestamp: occurred_at.to_string(),
            timestamp_micros: occurred_at.as_microsecond(),
            consent: config.consent,
            properties,
        }
    }

    /// Who did it, as far as the sink may know.
    pub(super) fn identity(&self) -> Uuid {
        self.user_id.unwrap_or(self.pseudonym)
    }
}

/// An amount as the number that sinks expect: they know no micros.
fn units(money: Money) -> f64 {
    money.micros() as f64 / Money::MICROS_PER_UNIT as f64
}

/// `ad_group.created` as `Ad Group Created`.
fn title(name: &str) -> String {
    let capitalised = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str())
    };
    name.split(['.', '_']).filter_map(capitalised).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_are_words() {
        assert_eq!(title("ad_group.created"), "Ad Group Created");
        assert_eq!(title("ctr.collapsed"), "Ctr Collapsed");
    }
}
