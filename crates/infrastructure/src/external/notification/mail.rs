use std::fs;
use std::sync::Arc;

use adstead_domain::port::{News, PortError, PortErrorKind, Reception};
use adstead_domain::{Email, Sha256Digest};
use futures::FutureExt;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::response::{Category, Severity};
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use secrecy::ExposeSecret;

use super::config::{MailConfig, MailTls, NotificationConfigError};
use super::service::{CHECK, NOTIFY};
use super::templates::{HTML, SUBJECT, TEXT, Templates};
use crate::external::names::SMTP;
use crate::external::{Call, ExternalServiceManager, Probe};
use crate::resilience::Deadline;

/// Gives mails to a server, each over a connection of its own: one that is given up at a deadline while the server still thinks
/// would answer the next mail with what it says of the last.
pub(super) struct Mailer {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
    services: Arc<ExternalServiceManager>,
}

impl Mailer {
    pub(super) fn new(
        config: &MailConfig,
        services: &Arc<ExternalServiceManager>,
    ) -> Result<Self, NotificationConfigError> {
        let MailConfig { from, host, port, tls: _, ca_certificates: _, login, policy } = config;
        let from =
            from.parse().map_err(|cause| NotificationConfigError::From { from: from.clone(), cause })?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(*port)
            .tls(tls(config)?)
            .timeout(Some(policy.attempt_timeout));
        if let Some((user, password)) = login {
            builder =
                builder.credentials(Credentials::new(user.clone(), password.expose_secret().to_owned()));
        }
        let transport = builder.build();
        services.register_probed(SMTP, policy.clone(), probe(transport.clone()));
        Ok(Self { from, transport, services: Arc::clone(services) })
    }

    pub(super) async fn send(
        &self,
        templates: &Templates,
        news: &News<'_>,
        to: &Email,
        deadline: Deadline,
    ) -> Result<Reception, PortError> {
        let message = self.message(templates, news, to)?;
        let attempt = async || match self.transport.send(message.clone()).await {
            Ok(_) => Ok(Ok(Reception::Taken)),
            // It says nothing of the server, which others' mails go on being given to.
            Err(error) if is_of_mailbox(&error) => Ok(received(error)),
            Err(error) => Err(of_server(NOTIFY, error)),
        };
        let call = Call { is_patient: false, ..Call::new(NOTIFY, deadline) };
        self.services.call(SMTP, call, attempt).await?
    }

    fn message(&self, templates: &Templates, news: &News<'_>, to: &Email) -> Result<Message, PortError> {
        let unexpected = |error: Box<dyn std::error::Error + Send + Sync>| {
            PortError::new(PortErrorKind::Unexpected, NOTIFY).with_source(error)
        };
        let to: Mailbox = to.as_str().parse().map_err(|error| unexpected(Box::new(error)))?;
        // One line, whatever stands in a name.
        let subject = templates.render(SUBJECT, news)?.split_whitespace().collect::<Vec<_>>().join(" ");
        let (text, html) = (templates.render(TEXT, news)?, templates.render(HTML, news)?);
        // The same each time, so that a mailbox shows it once.
        let ids: Vec<_> = news.events.iter().map(|event| event.id.to_string()).collect();
        let id = Sha256Digest::of(format!("{} {}", news.subscription, ids.join(" ")).as_bytes()).uuid();
        let auto =
            HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned());
        let message = Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(format!("<{id}@{}>", self.from.email.domain())))
            .raw_header(auto)
            .multipart(MultiPart::alternative_plain_html(text, html));
        message.map_err(|error| unexpected(Box::new(error)))
    }
}

fn tls(config: &MailConfig) -> Result<Tls, NotificationConfigError> {
    if config.tls == MailTls::None {
        return Ok(Tls::None);
    }
    let mut parameters = TlsParameters::builder(config.host.clone());
    if let Some(path) = &config.ca_certificates {
        let file = |cause| NotificationConfigError::File { path: path.clone(), cause };
        let pem = fs::read(path).map_err(file)?;
        let certificate = Certificate::from_pem(&pem).map_err(NotificationConfigError::MailTls)?;
        parameters = parameters.add_root_certificate(certificate);
    }
    let parameters = parameters.build().map_err(NotificationConfigError::MailTls)?;
    Ok(match config.tls {
        MailTls::Wrapped => Tls::Wrapper(parameters),
        MailTls::StartTls | MailTls::None => Tls::Required(parameters),
    })
}

/// Whether the server answers a greeting.
fn probe(transport: AsyncSmtpTransport<Tokio1Executor>) -> Probe {
    Arc::new(move || {
        let transport = transport.clone();
        async move {
            let is_alive = transport.test_connection().await.map_err(|error| of_server(CHECK, error))?;
            if is_alive { Ok(()) } else { Err(PortError::new(PortErrorKind::Unavailable, CHECK)) }
        }
        .boxed()
    })
}

/// Whether the answer is about the mailbox or the message (RFC 5321, section 4.2.1: `x5z`, and 501 for an address that it cannot read).
fn is_of_mailbox(error: &Error) -> bool {
    error.status().is_some_and(|code| code.category == Category::MailSystem || u16::from(code) == 501)
}

/// What an answer about the mailbox or the message means.
///
/// Only where the server says that there is no such mailbox, by 551 or 553 (RFC 5321, section 4.2.3) or by a status code
/// (RFC 3463: `5.1.z` the address is bad, `5.2.1` the mailbox is disabled), is nobody there: 550 alone is as often a matter of policy.
/// What is too large, or refused for its content, may come in smaller parts.
fn received(error: Error) -> Result<Reception, PortError> {
    let code = error.status().map(u16::from).unwrap_or_default();
    let words = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
    let is_nobody =
        matches!(code, 551 | 553) || (code == 550 && NOBODY.iter().any(|it| words.starts_with(it)));
    if is_nobody {
        return Ok(Reception::Gone);
    }
    let kind = match code {
        552 | 554 => PortErrorKind::Rejected,
        400..500 => PortErrorKind::Unavailable,
        _ => PortErrorKind::Unexpected,
    };
    Err(PortError::new(kind, NOTIFY).with_source(error))
}

const NOBODY: [&str; 2] = ["5.1.", "5.2.1"];

/// What the server's answer means: a login that is refused (530 to 535), or that cannot be tried, is for the operator to mend.
fn of_server(operation: &'static str, error: Error) -> PortError {
    let kind = match error.status() {
        _ if error.is_timeout() => PortErrorKind::Timeout,
        Some(code) if code.severity == Severity::PermanentNegativeCompletion => PortErrorKind::Denied,
        _ if error.is_client() => PortErrorKind::Denied,
        _ => PortErrorKind::Unavailable,
    };
    PortError::new(kind, operation).with_source(error)
}
