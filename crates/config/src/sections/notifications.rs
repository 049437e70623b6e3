use std::path::PathBuf;
use std::time::Duration;

use secrecy::SecretString;
use serde::{Deserialize, Deserializer};

use super::{check_rates, hours, ms, secs};
use crate::check::Check;
use crate::values::{duration, optional_secret, unless, unless_none};

/// `[notifications]`: how people and programs are told of what happens.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotificationSettings {
    /// Whom mails come from; nothing sends no mail.
    #[serde(deserialize_with = "unless_none")]
    pub from: Option<String>,
    /// The folder of templates that take the place of the built-in ones.
    #[serde(deserialize_with = "path_unless_built_in")]
    pub templates: Option<PathBuf>,
    /// How long one message to a chat or a webhook may take, 100 ms to 9 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Messages to chats and webhooks that may be under way at once, 1 to 10,000.
    pub concurrency: u32,
    /// Messages a minute that may be sent to chats and webhooks, up to 1,000,000; 0 for as many as there are.
    pub requests_per_minute: u32,
    /// How often a node looks whether budgets were reached or clicks broke down, 10 s to 1 h.
    #[serde(deserialize_with = "duration::deserialize")]
    pub watch_interval: Duration,
    /// The server that mails are given to.
    pub smtp: SmtpSettings,
}

/// `[notifications.smtp]`: the server that mails are given to.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpSettings {
    /// Its name or address.
    pub host: String,
    /// Its port, 1 to 65,535.
    pub port: u32,
    /// How the connection is secured.
    pub tls: SmtpTls,
    /// A file with the certificates of the authorities that are trusted; nothing is those of the system.
    #[serde(deserialize_with = "path_unless_system")]
    pub ca_certificates: Option<PathBuf>,
    /// The user to log in as; nothing does not log in.
    #[serde(deserialize_with = "unless_none")]
    pub username: Option<String>,
    /// The user's password.
    #[serde(deserialize_with = "optional_secret")]
    pub password: Option<SecretString>,
    /// How long giving one mail may take, 100 ms to 9 s.
    #[serde(deserialize_with = "duration::deserialize")]
    pub timeout: Duration,
    /// Mails that may be under way at once, 1 to 10,000.
    pub concurrency: u32,
    /// Mails a minute that may be given to it, up to 1,000,000; 0 for as many as there are.
    pub requests_per_minute: u32,
}

/// How a connection to a mail server is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmtpTls {
    /// By STARTTLS, or not at all.
    Starttls,
    /// From the first byte on.
    Wrapped,
    /// Not at all.
    None,
}

impl NotificationSettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        check.within("notifications.timeout", self.timeout, ms(100)..=secs(9));
        check.within("notifications.watch_interval", self.watch_interval, secs(10)..=hours(1));
        check_rates("notifications", self.concurrency, self.requests_per_minute, check);
        let SmtpSettings {
            host,
            port,
            tls,
            ca_certificates: _,
            username,
            password,
            timeout,
            concurrency,
            requests_per_minute,
        } = &self.smtp;
        if host.is_empty() {
            check.fault("notifications.smtp.host", "no host is given; name one, such as localhost");
        }
        check.within("notifications.smtp.port", *port, 1..=65_535);
        check.within("notifications.smtp.timeout", *timeout, ms(100)..=secs(9));
        check_rates("notifications.smtp", *concurrency, *requests_per_minute, check);
        if username.is_some() != password.is_some() {
            let why = "a user and a password belong together; give both, or neither";
            check.fault("notifications.smtp.password", why);
        }
        if username.is_some() && *tls == SmtpTls::None && !is_this_machine(host) {
            let why = "the password would go over the network in the clear; use starttls or wrapped";
            check.fault("notifications.smtp.tls", why);
        }
    }
}

fn is_this_machine(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1")
}

fn path_unless_built_in<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(unless(deserializer, "built-in")?.map(PathBuf::from))
}

fn path_unless_system<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<PathBuf>, D::Error> {
    Ok(unless(deserializer, "system")?.map(PathBuf::from))
}
