//! The client of the SDK, set up as the settings say.

use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Builder, Credentials, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::tls;
use secrecy::ExposeSecret;

use super::config::{CloudCredentials, CloudStorageConfig};

pub(super) async fn client(config: &CloudStorageConfig) -> Client {
    let region = Region::new(config.region.clone());
    let http_client = aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let builder = match &config.credentials {
        Some(credentials) => Builder::new()
            .behavior_version(BehaviorVersion::latest())
            .credentials_provider(given(credentials)),
        None => Builder::from(&found(region.clone(), http_client.clone()).await),
    };
    let (calculation, validation) = if config.is_amazon() {
        (RequestChecksumCalculation::WhenSupported, ResponseChecksumValidation::WhenSupported)
    } else {
        (RequestChecksumCalculation::WhenRequired, ResponseChecksumValidation::WhenRequired)
    };
    let builder = match &config.endpoint {
        Some(endpoint) => builder.endpoint_url(endpoint.as_str().trim_end_matches('/')),
        None => builder,
    };
    let built = builder
        .region(region)
        .http_client(http_client)
        .force_path_style(config.path_style)
        .retry_config(RetryConfig::standard().with_max_attempts(config.max_attempts))
        .timeout_config(timeouts(config))
        .stalled_stream_protection(stalls(config))
        .request_checksum_calculation(calculation)
        .response_checksum_validation(validation)
        .build();
    Client::from_conf(built)
}

fn given(credentials: &CloudCredentials) -> Credentials {
    let CloudCredentials { access_key_id, secret_access_key, session_token } = credentials;
    let session_token = session_token.as_ref().map(|token| token.expose_secret().to_owned());
    Credentials::new(access_key_id, secret_access_key.expose_secret(), session_token, None, "adstead")
}

/// Credentials that are looked for once they are needed, where Amazon's tools look as well.
async fn found(region: Region, http_client: SharedHttpClient) -> aws_config::SdkConfig {
    aws_config::defaults(BehaviorVersion::latest()).region(region).http_client(http_client).load().await
}

fn timeouts(config: &CloudStorageConfig) -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(config.connect_timeout)
        .operation_attempt_timeout(config.attempt_timeout)
        .operation_timeout(config.operation_timeout)
        .build()
}

/// Of what is sent; of what is read, the download sees to it.
fn stalls(config: &CloudStorageConfig) -> StalledStreamProtectionConfig {
    match config.stall_timeout {
        Some(grace) => {
            StalledStreamProtectionConfig::enabled().download_enabled(false).grace_period(grace).build()
        }
        None => StalledStreamProtectionConfig::disabled(),
    }
}
