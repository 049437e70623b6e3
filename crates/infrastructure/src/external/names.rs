//! The names by which the register knows services that are not named in the settings.

/// The built-in writer of ad copy.
pub(super) const OFFLINE: &str = "offline";

/// The server that mails are given to.
pub(super) const SMTP: &str = "smtp";

/// All chats and webhooks together.
pub(super) const WEBHOOKS: &str = "webhooks";

/// Names that nobody else may have.
pub(super) const RESERVED: [&str; 3] = [OFFLINE, SMTP, WEBHOOKS];
