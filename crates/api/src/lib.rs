//! The HTTP API: routes, DTOs, problem details, authentication, OpenAPI.
//!
//! A request takes one way through this crate, and each station is one module:
//!
//! ```text
//! request ─ observe ─ shed ─ idempotency ─ time-out ─ caller ─ input ─ handler (one file per noun) ─ use case
//! answer  ─ observe ─ gzip ─ idempotency ─────────────────────────── dto or problem ────────────────┘
//! ```
//!
//! - [`router`] puts the stations together from an [`ApiState`].
//! - `observe` gives each request an id and a span, and renders each problem: no handler knows the request's id.
//! - `idempotency` runs a call that its client named once, and answers it as often as it is sent.
//! - `caller` turns a bearer key into an actor before the body is read.
//! - `strays` notes what an endpoint does not take, for `caller` to refuse.
//! - `input` turns JSON and query parameters into values of the domain and finds every fault at once.
//! - `dto` holds the shapes of the API; each is mapped by exhaustive destructuring.
//! - `problem` is the one place where errors of use cases become HTTP.

mod ad_groups;
mod ads;
mod age;
mod analyses;
mod assets;
mod caller;
mod campaigns;
mod dto;
mod events;
mod generations;
mod health;
mod idempotency;
mod input;
mod inspections;
mod me;
mod observe;
mod openapi;
mod optimizations;
mod paging;
mod path;
mod platforms;
mod problem;
mod range;
mod rates;
mod reports;
mod router;
mod state;
mod strays;
mod subscriptions;
mod system;
mod versions;

pub use assets::GRANTED_FILES;
pub use openapi::openapi;
pub use router::router;
pub use state::{Answering, ApiLimits, ApiState, Within};
