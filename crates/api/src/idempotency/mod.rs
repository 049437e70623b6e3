//! Calls that their client named, so that they can be sent twice and are carried out once: `Idempotency-Key`
//! (draft-ietf-httpapi-idempotency-key-header).
//!
//! The station stands before the handlers of POST, outside their time limit. A request that names no key passes it
//! untouched. One that does is handed to a task of its own: it claims the key, runs the handler, and keeps the answer,
//! whether its client is still there or not. Whoever comes second waits for that answer, sends the same request to its
//! end to show that it is the same, and gets the answer again.

mod answer;
mod body;
mod call;
mod fingerprint;
mod layer;

pub(crate) use call::IDEMPOTENCY_KEY;
pub(crate) use layer::{IdempotencyLayer, Places};
