//! What the settings mean to the parts that are built from them.

mod telling;

use std::num::NonZeroU32;
use std::time::Duration;

use adstead_api::ApiLimits;
use adstead_config::{
    AiSettings, ApiSettings, ByteSize, CacheSettings, EventSettings, ExternalSettings, OutboxSettings,
    ProviderSettings, RedisSettings, S3Encryption, S3Settings, StorageEncryptionSettings, StorageSettings,
};
use adstead_domain::{ContentType, RateLimit, Redelivery, Retention, Violation};
use adstead_infrastructure::cache::{CacheConfig, RedisConfig};
use adstead_infrastructure::external::ServicePolicy;
use adstead_infrastructure::external::ai::{AiConfig, Prices, ProviderConfig};
use adstead_infrastructure::repositories::cached::CacheTimes;
use adstead_infrastructure::resilience::{BreakerPolicy, RetryPolicy};
use adstead_infrastructure::storage::{
    CloudCredentials, CloudEncryption, CloudStorageConfig, EncryptionKey, EncryptionKeyId, EncryptionKeys,
};
use anyhow::{Context, Result};
use url::Url;

pub(crate) use self::telling::{notification_config, sinks};

/// What is kept in memory and in Redis.
pub(crate) fn cache_config(settings: &CacheSettings) -> CacheConfig {
    let CacheSettings {
        enabled,
        max_bytes,
        max_entry,
        compress_over,
        ads_ttl: _,
        campaigns_ttl: _,
        reports_ttl: _,
        keys_ttl: _,
        redis,
    } = settings;
    CacheConfig {
        enabled: *enabled,
        max_bytes: max_bytes.bytes(),
        max_entry_bytes: max_entry.bytes(),
        compress_over: in_memory(*compress_over),
        redis: redis_config(redis),
    }
}

fn redis_config(settings: &RedisSettings) -> Option<RedisConfig> {
    let RedisSettings {
        url,
        ca_certificates,
        namespace,
        connections,
        timeout,
        connect_timeout,
        replay_entries,
        replay_bytes,
    } = settings;
    Some(RedisConfig {
        url: url.as_ref()?.expose().to_owned().into(),
        ca_file: ca_certificates.clone(),
        namespace: namespace.clone(),
        connections: *connections as usize,
        timeout: *timeout,
        connect_timeout: *connect_timeout,
        replay_entries: *replay_entries as usize,
        replay_bytes: in_memory(*replay_bytes),
    })
}

/// For how long things are cached.
pub(crate) fn cache_times(settings: &CacheSettings) -> CacheTimes {
    CacheTimes {
        keys: settings.keys_ttl,
        campaigns: settings.campaigns_ttl,
        ads: settings.ads_ttl,
        reports: settings.reports_ttl,
    }
}

/// For how long events are kept.
///
/// # Errors
/// A time out of bounds.
pub(crate) fn retention(settings: &EventSettings) -> Result<Retention> {
    let EventSettings { retention } = settings;
    Ok(Retention::new((*retention).try_into()?)?)
}

/// When a delivery that failed is tried again.
///
/// # Errors
/// Waits or attempts out of bounds.
pub(crate) fn redelivery(settings: &OutboxSettings) -> Result<Redelivery, Violation> {
    let OutboxSettings { log_events: _, poll_interval: _, first_wait, longest_wait, max_attempts } = settings;
    Redelivery::new(*first_wait, *longest_wait, *max_attempts)
}

/// The content types that the settings name.
///
/// # Errors
/// The first that Adstead does not know how to recognise.
pub(crate) fn allowed_types(settings: &StorageSettings) -> Result<Vec<ContentType>, Violation> {
    settings.allowed_types.iter().map(|name| name.parse()).collect()
}

/// Where the bucket is, and how it is spoken with.
pub(crate) fn cloud_config(settings: &S3Settings) -> Result<CloudStorageConfig> {
    let S3Settings {
        bucket,
        region,
        endpoint,
        path_style,
        prefix,
        access_key_id,
        secret_access_key,
        part_size,
        concurrency,
        connect_timeout,
        attempt_timeout,
        stall_timeout,
        max_attempts,
        conditional_writes,
        encryption,
        kms_key_id,
    } = settings;
    let endpoint = endpoint.as_ref().map(|endpoint| endpoint.expose().parse::<Url>());
    let credentials = access_key_id.as_ref().zip(secret_access_key.as_ref());
    Ok(CloudStorageConfig {
        endpoint: endpoint.transpose().context("storage.s3.endpoint is no address")?,
        path_style: *path_style,
        prefix: prefix
            .as_deref()
            .map(str::parse)
            .transpose()
            .context("storage.s3.prefix is no prefix of keys")?,
        credentials: credentials.map(|(id, secret)| CloudCredentials {
            access_key_id: id.clone(),
            secret_access_key: secret.clone(),
            session_token: None,
        }),
        part_bytes: part_size.bytes(),
        concurrency: *concurrency as usize,
        connect_timeout: *connect_timeout,
        attempt_timeout: *attempt_timeout,
        operation_timeout: *attempt_timeout * *max_attempts,
        max_attempts: *max_attempts,
        stall_timeout: Some(*stall_timeout),
        conditional_writes: *conditional_writes,
        encryption: match encryption {
            S3Encryption::Bucket => CloudEncryption::Bucket,
            S3Encryption::Aes256 => CloudEncryption::Aes256,
            S3Encryption::Kms => CloudEncryption::Kms {
                // The key of the account's own, as AWS calls it.
                key_id: kms_key_id.clone().unwrap_or_else(|| "alias/aws/s3".to_owned()),
            },
        },
        ..CloudStorageConfig::new(bucket, region)
    })
}

/// The keys that files are encrypted with; nothing where there are none.
pub(crate) fn encryption_keys(settings: &StorageEncryptionSettings) -> Result<Option<EncryptionKeys>> {
    let known = settings.keys().map_err(anyhow::Error::msg)?;
    if known.is_empty() {
        return Ok(None);
    }
    let active = settings.active().map(str::parse::<EncryptionKeyId>).transpose()?;
    let known = known.iter().map(|(id, key)| Ok((id.parse()?, EncryptionKey::new(key))));
    let known = known.collect::<Result<Vec<_>, Violation>>()?;
    Ok(Some(EncryptionKeys::new(active, known)?))
}

/// Who writes ad copy.
pub(crate) fn ai_config(settings: &AiSettings, external: &ExternalSettings) -> AiConfig {
    let AiSettings { order: _, deadline, spend_per_day_micros: _, cache_ttl: _, providers } = settings;
    let common = ServicePolicy { total_timeout: *deadline, ..service_policy(external) };
    let config = |provider| provider_config(provider, &common);
    let providers = providers.iter().map(|(name, provider)| (name.clone(), config(provider)));
    AiConfig {
        order: settings.groups(),
        providers: providers.collect(),
        spend_per_day_micros: settings.spending_limit(),
    }
}

/// What calls to every external service are held to.
fn service_policy(settings: &ExternalSettings) -> ServicePolicy {
    let ExternalSettings {
        waiting,
        breaker_failures,
        breaker_calls,
        breaker_open,
        breaker_longest,
        switches_interval: _,
        allowed_networks: _,
    } = settings;
    let breaker = BreakerPolicy {
        failures: *breaker_failures,
        of_last: *breaker_calls,
        open_for: *breaker_open,
        longest: *breaker_longest,
    };
    ServicePolicy { waiting: *waiting, breaker, ..ServicePolicy::default() }
}

fn provider_config(settings: &ProviderSettings, common: &ServicePolicy) -> ProviderConfig {
    let ProviderSettings {
        base_url,
        model,
        api_key,
        timeout,
        retries,
        weight,
        concurrency,
        requests_per_minute,
        input_price_micros_per_million,
        output_price_micros_per_million,
        max_output_tokens,
        json_schema,
    } = settings;
    ProviderConfig {
        base_url: base_url.expose().to_owned(),
        model: model.clone(),
        api_key: api_key.clone(),
        policy: ServicePolicy {
            concurrency: *concurrency,
            retry: RetryPolicy::times(*retries),
            rate_limit: per_minute(*requests_per_minute),
            attempt_timeout: *timeout,
            ..common.clone()
        },
        weight: NonZeroU32::new(*weight).expect("settings allow no nought"),
        prices: input_price_micros_per_million.zip(*output_price_micros_per_million).map(
            |(input, output)| Prices { input_micros_per_million: input, output_micros_per_million: output },
        ),
        max_output_tokens: *max_output_tokens,
        json_schema: *json_schema,
    }
}

/// What the API allows.
pub(crate) fn limits(
    api: &ApiSettings,
    storage: &StorageSettings,
    ai: &AiSettings,
    cache: &CacheSettings,
) -> ApiLimits {
    // An answer that is due within the deadline still has to be stored and sent.
    const STORING: Duration = Duration::from_secs(10);
    let ApiSettings {
        bind: _,
        request_timeout,
        max_body,
        max_events_body,
        max_concurrency,
        requests_per_minute,
        generations_per_minute,
        idempotency_ttl: _,
        shutdown_grace: _,
    } = api;
    ApiLimits {
        request_timeout: *request_timeout,
        generation_timeout: ai.deadline + STORING,
        max_body: in_memory(*max_body),
        max_events_body: in_memory(*max_events_body),
        max_upload: storage.max_file.bytes(),
        max_concurrency: *max_concurrency as usize,
        requests: per_minute(*requests_per_minute),
        generations: per_minute(*generations_per_minute),
        max_report_age: if cache.enabled { cache.reports_ttl } else { Duration::ZERO },
    }
}

/// Nought says: as many as there are.
fn per_minute(calls: u32) -> Option<RateLimit> {
    NonZeroU32::new(calls).map(RateLimit::per_minute)
}

fn in_memory(size: ByteSize) -> usize {
    usize::try_from(size.bytes()).expect("settings allow 1 GiB at most")
}
