//! Who is told of what happens, and how.

use std::collections::BTreeMap;
use std::time::Duration;

use adstead_config::{
    AnalyticsSettings, ExternalSettings, NotificationSettings, SinkConsent, SinkKind, SinkSettings,
    SmtpSettings, SmtpTls,
};
use adstead_domain::{OccurrencePattern, Violation};
use adstead_infrastructure::external::analytics::{Consent, SinkConfig, SinkProtocol, SinkTarget};
use adstead_infrastructure::external::notification::{MailConfig, MailTls, NotificationConfig};
use adstead_infrastructure::external::{AddressGuard, IpNet, ServicePolicy};
use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::{per_minute, service_policy};

/// The sinks for analysis.
///
/// # Errors
/// Events that nobody knows; a secret that is none.
pub(crate) fn sinks(
    settings: &AnalyticsSettings,
    external: &ExternalSettings,
) -> Result<BTreeMap<String, SinkConfig>> {
    let config = |(name, sink): (&String, &SinkSettings)| {
        let config =
            sink_config(sink, external).with_context(|| format!("analytics.sinks.{name} cannot be used"))?;
        Ok((name.clone(), config))
    };
    settings.sinks.iter().map(config).collect()
}

fn sink_config(settings: &SinkSettings, external: &ExternalSettings) -> Result<SinkConfig> {
    let SinkSettings {
        kind,
        url,
        key,
        measurement_id,
        path,
        events,
        omit,
        consent,
        timeout,
        concurrency,
        requests_per_minute,
    } = settings;
    let at = |cloud: &str| url.as_ref().map_or(cloud, |url| url.expose()).parse::<Url>();
    let key = || key.clone().unwrap_or_else(|| SecretString::from(String::new()));
    let target = match kind {
        SinkKind::Segment => SinkTarget::Http {
            url: at("https://api.segment.io")?,
            protocol: SinkProtocol::Segment { write_key: key() },
        },
        SinkKind::PostHog => SinkTarget::Http {
            url: at("https://us.i.posthog.com")?,
            protocol: SinkProtocol::PostHog { project_key: key() },
        },
        SinkKind::Ga4 => SinkTarget::Http {
            url: at("https://www.google-analytics.com")?,
            protocol: SinkProtocol::Ga4 {
                measurement_id: measurement_id.clone().unwrap_or_default(),
                api_secret: key(),
            },
        },
        SinkKind::Webhook => SinkTarget::Http {
            url: at("")?,
            protocol: SinkProtocol::Webhook { secret: Some(key().expose_secret().parse()?) },
        },
        SinkKind::File => SinkTarget::File { path: path.clone().unwrap_or_default() },
    };
    let events = events.iter().map(|pattern| pattern.parse::<OccurrencePattern>());
    Ok(SinkConfig {
        target,
        events: events.collect::<Result<_, Violation>>()?,
        omit: omit.iter().cloned().collect(),
        consent: match consent {
            SinkConsent::Granted => Consent::Granted,
            SinkConsent::Denied => Consent::Denied,
        },
        policy: told_once(external, *timeout, *concurrency, *requests_per_minute),
    })
}

/// What is held to it who is told by the outbox, which tells again what failed.
fn told_once(
    external: &ExternalSettings,
    timeout: Duration,
    concurrency: u32,
    requests_per_minute: u32,
) -> ServicePolicy {
    let common = service_policy(external).once_within(timeout);
    ServicePolicy { concurrency, rate_limit: per_minute(requests_per_minute), ..common }
}

/// How news are brought.
///
/// # Errors
/// A network that is none.
pub(crate) fn notification_config(
    settings: &NotificationSettings,
    external: &ExternalSettings,
) -> Result<NotificationConfig> {
    let NotificationSettings {
        from,
        templates,
        timeout,
        concurrency,
        requests_per_minute,
        watch_interval: _,
        smtp,
    } = settings;
    Ok(NotificationConfig {
        mail: from.as_ref().map(|from| mail_config(from, smtp, external)),
        templates: templates.clone(),
        guard: address_guard(external)?,
        policy: told_once(external, *timeout, *concurrency, *requests_per_minute),
    })
}

fn mail_config(from: &str, settings: &SmtpSettings, external: &ExternalSettings) -> MailConfig {
    let SmtpSettings {
        host,
        port,
        tls,
        ca_certificates,
        username,
        password,
        timeout,
        concurrency,
        requests_per_minute,
    } = settings;
    MailConfig {
        from: from.to_owned(),
        host: host.clone(),
        port: u16::try_from(*port).expect("settings allow no greater port"),
        tls: match tls {
            SmtpTls::Starttls => MailTls::StartTls,
            SmtpTls::Wrapped => MailTls::Wrapped,
            SmtpTls::None => MailTls::None,
        },
        ca_certificates: ca_certificates.clone(),
        login: username.clone().zip(password.clone()),
        policy: told_once(external, *timeout, *concurrency, *requests_per_minute),
    }
}

/// What keeps messages from machines that users have no business with.
fn address_guard(settings: &ExternalSettings) -> Result<AddressGuard> {
    let parse = |network: &String| {
        network.parse::<IpNet>().with_context(|| {
            format!("external.allowed_networks: {network:?} is no network: write one such as 10.0.0.0/8 or fd00::/8")
        })
    };
    Ok(AddressGuard::new(settings.allowed_networks.iter().map(parse).collect::<Result<_>>()?))
}
