//! Who is told of what, where, and when.

mod destination;
mod secret;
mod subscription;
mod timing;

pub use destination::{Channel, Destination, WebhookSecrets, WebhookUrl};
pub use secret::WebhookSecret;
pub use subscription::{Line, Subscription, Suspension, SuspensionReason};
pub use timing::{Cadence, QuietHours, Timing};
