//! What all that goes out over HTTP has in common.

use std::time::Duration;

use adstead_domain::port::PortErrorKind;
use reqwest::{ClientBuilder, StatusCode, redirect};

/// How long a connection may take: three attempts of TCP, which waits 1 s for the first and twice as long for each further one
/// (RFC 6298, section 2).
const CONNECTING: Duration = Duration::from_secs(5);

/// A client that follows no redirect: that might lead a key, or a guarded request, elsewhere.
pub(super) fn client() -> ClientBuilder {
    let agent = concat!("adstead/", env!("CARGO_PKG_VERSION"));
    reqwest::Client::builder()
        .user_agent(agent)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECTING)
}

/// What an answer's status means that is no success.
///
/// A key that is refused, an account without credit, an address that nobody knows or that leads elsewhere are for whoever set them to
/// mend, and what was sent is as good as ever: that is no refusal of it.
pub(super) fn kind_of(status: StatusCode) -> PortErrorKind {
    match status {
        StatusCode::TOO_MANY_REQUESTS => PortErrorKind::RateLimited,
        StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT => PortErrorKind::Timeout,
        StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE | StatusCode::UNPROCESSABLE_ENTITY => {
            PortErrorKind::Rejected
        }
        StatusCode::CONFLICT | StatusCode::LOCKED | StatusCode::TOO_EARLY => PortErrorKind::Unavailable,
        status if status.is_server_error() => PortErrorKind::Unavailable,
        _ => PortErrorKind::Denied,
    }
}
