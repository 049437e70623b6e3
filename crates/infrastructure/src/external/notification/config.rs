use std::path::PathBuf;

use secrecy::SecretString;

use crate::external::{AddressGuard, ServicePolicy};

/// How news are brought.
#[derive(Debug, Clone)]
pub struct NotificationConfig {
    /// How mails are sent; nothing sends none.
    pub mail: Option<MailConfig>,
    /// A folder of templates that take the place of the built-in ones: `mail.subject`, `mail.txt`, `mail.html`, `chat.txt`.
    pub templates: Option<PathBuf>,
    /// Which addresses chats and webhooks may have.
    pub guard: AddressGuard,
    /// What messages to chats and webhooks are held to, all of them together. There is no breaker: one receiver that fails says
    /// nothing of the others.
    pub policy: ServicePolicy,
}

/// The server that mails are given to, and whom they come from.
#[derive(Debug, Clone)]
pub struct MailConfig {
    /// Whom they come from, such as `Adstead <ads@example.com>`.
    pub from: String,
    /// The server's name or address.
    pub host: String,
    /// The server's port.
    pub port: u16,
    /// How the connection is secured.
    pub tls: MailTls,
    /// A file with the certificates of the authorities that are trusted, as PEM; nothing is those of the system.
    pub ca_certificates: Option<PathBuf>,
    /// The user and the password to log in with.
    pub login: Option<(String, SecretString)>,
    /// What mails are held to.
    pub policy: ServicePolicy,
}

/// How the connection to a mail server is secured (RFC 8314).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTls {
    /// By STARTTLS, or no mail.
    StartTls,
    /// From the first byte on.
    Wrapped,
    /// Not at all.
    None,
}

/// Settings by which no news can be brought.
#[derive(Debug, thiserror::Error)]
pub enum NotificationConfigError {
    /// No client for HTTP can be made.
    #[error("the HTTP client cannot be made")]
    HttpClient(#[source] reqwest::Error),
    /// It is no mailbox.
    #[error("{from:?} is nobody whom mail can come from: write it as \"Adstead <ads@example.com>\"")]
    From {
        /// What was given.
        from: String,
        /// Why not.
        #[source]
        cause: lettre::address::AddressError,
    },
    /// The mail server cannot be spoken to in the way that is wanted.
    #[error("the connection to the mail server cannot be secured")]
    MailTls(#[source] lettre::transport::smtp::Error),
    /// A file cannot be read.
    #[error("{} cannot be read", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        cause: std::io::Error,
    },
    /// A template cannot be filled in.
    #[error("the template {name} cannot be filled in: {detail}")]
    Template {
        /// Which.
        name: String,
        /// What is wrong, and in which line.
        detail: String,
    },
}
