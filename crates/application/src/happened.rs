use adstead_domain::port::IdGenerator;
use adstead_domain::{Actor, DomainEvent, DomainEventId, Occurrence};
use jiff::Timestamp;

/// What `actor` did, as others are told of it.
pub(crate) fn happened(
    ids: &dyn IdGenerator,
    actor: &Actor,
    occurrence: Occurrence,
    at: Timestamp,
) -> DomainEvent {
    DomainEvent::new(DomainEventId::new(ids.next()), actor, occurrence, at)
}
