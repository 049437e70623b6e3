//! Who is told of what happens, and how.

use std::collections::BTreeMap;

use adstead_config::{
    AnalyticsSettings, ExternalSettings, NotificationSettings, SinkConsent, SinkKind, SinkSettings,
    SmtpSettings, SmtpTls,
};
use adstead_domain::{OccurrencePattern, Violation};
use adstead_infrastructure::external::analytics::{Consent, SinkConfig, SinkProtocol, SinkTarget};
use adstead_infrastructure::external::notification::{MailConfig, MailTls, NotificationConfig};
use adstead_infrastructure::external::{AddressGuard, IpNet};
use anyhow::{Context, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::service_policy;

/// The sinks for analysis.
///
/// # Errors
/// Events that nobody knows; a secret that is none.
pub(crate) fn sinks(settings: &AnalyticsSettings) -> Result<BTreeMap<String, SinkConfig>> {
    let config = |(name, sink): (&String, &SinkSettings)| {
        let config = sink_config(sink).with_context(|| format!("analytics.sinks.{name} cannot be used"))?;
        Ok((name.clone(), config))
    };
    settings.sinks.iter().map(config).collect()
}

fn sink_config(settings: &SinkSettings) -> Result<SinkConfig> {
    let SinkSettings { kind, url, key, measurement_id, path, events, omit, consent, timeout } = settings;
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
        timeout: *timeout,
    })
}

/// How news are brought.
///
/// # Errors
/// A network that is none.
pub(crate) fn notification_config(
    settings: &NotificationSettings,
    external: &ExternalSettings,
) -> Result<NotificationConfig> {
    let NotificationSettings { from, templates, timeout, watch_interval: _, smtp } = settings;
    Ok(NotificationConfig {
        mail: from.as_ref().map(|from| mail_config(from, smtp)),
        templates: templates.clone(),
        timeout: *timeout,
        guard: address_guard(external)?,
        policy: service_policy(external),
    })
}

fn mail_config(from: &str, settings: &SmtpSettings) -> MailConfig {
    let SmtpSettings { host, port, tls, ca_certificates, username, password, timeout } = settings;
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
        timeout: *timeout,
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
