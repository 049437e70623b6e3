use std::fmt;
use std::sync::Arc;

use adstead_domain::Destination;
use adstead_domain::port::{Clock, News, Notifier, PortError, PortErrorKind, Reception};
use async_trait::async_trait;

use super::config::{NotificationConfig, NotificationConfigError};
use super::mail::Mailer;
use super::templates::{CHAT, Templates};
use super::webhook::Webhooks;
use crate::external::outgoing::DELIVERY_TIME;
use crate::external::{AddressGuard, ExternalServiceManager};
use crate::resilience::Deadline;

/// What errors call the two things that it does.
pub(super) const CHECK: &str = "notifier.check";
pub(super) const NOTIFY: &str = "notifier.notify";

/// Brings news: by mail, to chats, and to programs.
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use adstead_domain::Destination;
/// use adstead_domain::port::Notifier;
/// use adstead_infrastructure::external::notification::{NotificationConfig, NotificationService};
/// use adstead_infrastructure::external::{AddressGuard, ExternalServiceManager, ServicePolicy};
/// use adstead_infrastructure::system::SystemClock;
///
/// # rustls::crypto::ring::default_provider().install_default().unwrap();
/// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
/// # runtime.block_on(async {
/// let config = NotificationConfig {
///     mail: None,
///     templates: None,
///     guard: AddressGuard::new(Vec::new()),
///     policy: ServicePolicy::default().once_within(Duration::from_secs(5)),
/// };
/// let services = Arc::new(ExternalServiceManager::new());
/// let notifier = NotificationService::new(&config, &services, &(Arc::new(SystemClock) as _)).unwrap();
///
/// let url = "http://169.254.169.254/latest/meta-data".parse().unwrap();
/// assert!(notifier.check(&Destination::Slack { url }).await.is_err());
/// # });
/// ```
pub struct NotificationService {
    templates: Templates,
    mailer: Option<Mailer>,
    webhooks: Webhooks,
    guard: AddressGuard,
}

impl NotificationService {
    /// A service that is registered with `services` as `smtp`, where it sends mail, and `webhooks`. What failed is tried again by
    /// whoever delivers.
    ///
    /// A process-wide TLS provider (`rustls::crypto::CryptoProvider::install_default`) must stand before.
    ///
    /// # Errors
    /// What is wrong with `config`.
    pub fn new(
        config: &NotificationConfig,
        services: &Arc<ExternalServiceManager>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, NotificationConfigError> {
        let mailer = config.mail.as_ref().map(|mail| Mailer::new(mail, services));
        Ok(Self {
            templates: Templates::open(config.templates.as_deref())?,
            mailer: mailer.transpose()?,
            webhooks: Webhooks::new(config, clock, services)?,
            guard: config.guard.clone(),
        })
    }

    fn mailer(&self, operation: &'static str) -> Result<&Mailer, PortError> {
        self.mailer.as_ref().ok_or_else(|| {
            PortError::new(PortErrorKind::Rejected, operation).with_source(
                "no mail is sent from here: the operator can say from whom, in notifications.from",
            )
        })
    }
}

#[async_trait]
impl Notifier for NotificationService {
    async fn check(&self, destination: &Destination) -> Result<(), PortError> {
        match destination {
            Destination::Email { .. } => self.mailer(CHECK).map(drop),
            Destination::Slack { url } | Destination::Webhook { url, .. } => {
                let refused = |refusal| PortError::new(PortErrorKind::Rejected, CHECK).with_source(refusal);
                self.guard.check_with_names(url.reveal()).await.map_err(refused)
            }
        }
    }

    async fn notify(&self, news: &News<'_>) -> Result<Reception, PortError> {
        let deadline = Deadline::after(DELIVERY_TIME);
        match news.destination {
            Destination::Email { address } => {
                let mailer = self.mailer(NOTIFY)?;
                mailer.send(&self.templates, news, address, deadline).await
            }
            Destination::Slack { url } => {
                let text = self.templates.render(CHAT, news)?;
                self.webhooks.chat(&text, url, deadline).await
            }
            Destination::Webhook { url, secrets } => {
                for event in news.events {
                    let reception = self.webhooks.tell(event, url, secrets, deadline).await?;
                    if reception == Reception::Gone {
                        return Ok(reception);
                    }
                }
                Ok(Reception::Taken)
            }
        }
    }
}

impl fmt::Debug for NotificationService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NotificationService")
            .field("sends_mail", &self.mailer.is_some())
            .finish_non_exhaustive()
    }
}
