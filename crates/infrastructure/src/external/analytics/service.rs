use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use adstead_domain::port::{Clock, EventSubscriber};
use secrecy::ExposeSecret;
use url::Url;

use super::config::{AnalyticsConfigError, SinkConfig, SinkProtocol, SinkTarget};
use super::envelope::Envelope;
use super::ga4::Ga4;
use super::posthog::PostHog;
use super::segment::Segment;
use super::sink::{AnalyticsSink, Way};
use super::webhook::Webhook;
use crate::external::ExternalServiceManager;
use crate::external::outgoing::Outgoing;

/// Tells sinks what happens.
///
/// ```
/// use std::collections::BTreeMap;
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use adstead_infrastructure::external::ExternalServiceManager;
/// use adstead_infrastructure::external::analytics::{AnalyticsService, Consent, SinkConfig, SinkTarget};
/// use adstead_infrastructure::external::ServicePolicy;
/// use adstead_infrastructure::system::SystemClock;
///
/// # rustls::crypto::ring::default_provider().install_default().unwrap();
/// let sink = SinkConfig {
///     target: SinkTarget::File { path: "events.ndjson".into() },
///     events: vec!["ad.*".parse().unwrap()],
///     omit: ["notes".to_owned()].into(),
///     consent: Consent::Denied,
///     policy: ServicePolicy::default().once_within(Duration::from_secs(5)),
/// };
/// let services = Arc::new(ExternalServiceManager::new());
/// let sinks = BTreeMap::from([("archive".to_owned(), sink)]);
/// let analytics = AnalyticsService::new(&sinks, &services, &(Arc::new(SystemClock) as _)).unwrap();
/// assert_eq!(analytics.subscribers()[0].name(), "analytics-archive");
/// ```
pub struct AnalyticsService {
    sinks: Vec<Arc<AnalyticsSink>>,
}

impl AnalyticsService {
    /// A service with these sinks, each registered with `services` as `analytics-NAME` where it is reached over HTTP. What
    /// failed is tried again by the outbox, so that one attempt suffices ([`ServicePolicy::once_within`](crate::external::ServicePolicy::once_within)).
    ///
    /// A process-wide TLS provider (`rustls::crypto::CryptoProvider::install_default`) must stand before.
    ///
    /// # Errors
    /// What is wrong with a sink.
    pub fn new(
        sinks: &BTreeMap<String, SinkConfig>,
        services: &Arc<ExternalServiceManager>,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, AnalyticsConfigError> {
        let outgoing = Outgoing::trusted().map_err(AnalyticsConfigError::HttpClient)?;
        let open = |(name, config): (&String, &SinkConfig)| {
            let service = format!("analytics-{name}");
            let way = match &config.target {
                SinkTarget::File { path } => Way::File(path.clone()),
                SinkTarget::Http { url, protocol } => {
                    services.register(&service, config.policy.clone());
                    Way::Http {
                        envelope: envelope(name, url, protocol, clock)?,
                        outgoing: outgoing.clone(),
                        services: Arc::clone(services),
                    }
                }
            };
            Ok(Arc::new(AnalyticsSink {
                name: service,
                short_name: name.clone(),
                config: config.clone(),
                way,
            }))
        };
        Ok(Self { sinks: sinks.iter().map(open).collect::<Result<_, _>>()? })
    }

    /// The sinks, as the outbox tells them.
    pub fn subscribers(&self) -> Vec<Arc<dyn EventSubscriber>> {
        self.sinks.iter().map(|sink| Arc::clone(sink) as _).collect()
    }
}

fn envelope(
    name: &str,
    url: &Url,
    protocol: &SinkProtocol,
    clock: &Arc<dyn Clock>,
) -> Result<Box<dyn Envelope>, AnalyticsConfigError> {
    let below = |path: &[&str]| {
        let mut url = url.clone();
        url.path_segments_mut()
            .map_err(|()| AnalyticsConfigError::InvalidUrl { name: name.to_owned() })?
            .pop_if_empty()
            .extend(path);
        Ok(url)
    };
    Ok(match protocol {
        SinkProtocol::Segment { write_key } => {
            let segment = Segment::new(below(&["v1", "batch"])?, write_key);
            Box::new(segment.ok_or_else(|| AnalyticsConfigError::InvalidKey { name: name.to_owned() })?)
        }
        SinkProtocol::PostHog { project_key } => {
            Box::new(PostHog { url: below(&["batch", ""])?, project_key: project_key.clone() })
        }
        SinkProtocol::Ga4 { measurement_id, api_secret } => {
            let mut url = below(&["mp", "collect"])?;
            url.query_pairs_mut()
                .append_pair("measurement_id", measurement_id)
                .append_pair("api_secret", api_secret.expose_secret());
            Box::new(Ga4 { url })
        }
        SinkProtocol::Webhook { secret } => {
            Box::new(Webhook { url: url.clone(), secret: secret.clone(), clock: Arc::clone(clock) })
        }
    })
}

impl fmt::Debug for AnalyticsService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.sinks.iter().map(|sink| sink.short_name.as_str());
        f.debug_struct("AnalyticsService").field("sinks", &names.collect::<Vec<_>>()).finish()
    }
}
