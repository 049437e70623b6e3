//! How long a server wants its caller to wait.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{DATE, HeaderMap, HeaderName, RETRY_AFTER};

/// What OpenAI and Azure say beside it, more exactly.
const RETRY_AFTER_MS: HeaderName = HeaderName::from_static("retry-after-ms");

/// The wait that an answer asks for: in seconds or as a date (RFC 9110, section 10.2.3), or in milliseconds.
///
/// A date is compared with the server's own clock, which `Date` tells.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let number = |name: &HeaderName| text(name)?.parse::<f64>().ok();
    if let Some(ms) = number(&RETRY_AFTER_MS) {
        return Duration::try_from_secs_f64(ms / 1e3).ok();
    }
    if let Some(seconds) = number(&RETRY_AFTER) {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = |name: &HeaderName| rfc2822::parse(text(name)?).ok().map(|date| date.timestamp());
    let (then, now) = (date(&RETRY_AFTER)?, date(&DATE)?);
    Some(then.duration_since(now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn wait(headers: &[(&'static str, &'static str)]) -> Option<Duration> {
        let header = |&(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
        retry_after(&headers.iter().map(header).collect())
    }

    #[test]
    fn a_wait_is_read_in_seconds_or_milliseconds() {
        assert_eq!(wait(&[("retry-after", "2")]), Some(Duration::from_secs(2)));
        assert_eq!(wait(&[("retry-after", "0.5")]), Some(Duration::from_millis(500)));
        assert_eq!(
            wait(&[("retry-after", "1"), ("retry-after-ms", "120")]),
            Some(Duration::from_millis(120))
        );
        for nonsense in ["-1", "soon", "1e400", "NaN", ""] {
            assert_eq!(wait(&[("retry-after", nonsense)]), None, "{nonsense}");
        }
    }

    #[test]
    fn a_date_is_compared_with_the_servers_own() {
        let date = ("date", "Fri, 31 Dec 1999 23:59:50 GMT");
        assert_eq!(
            wait(&[date, ("retry-after", "Sat, 01 Jan 2000 00:00:20 GMT")]),
            Some(Duration::from_secs(30))
        );
        assert_eq!(wait(&[date, ("retry-after", "Fri, 31 Dec 1999 00:00:00 GMT")]), Some(Duration::ZERO));
        assert_eq!(wait(&[("retry-after", "Fri, 31 Dec 1999 23:59:59 GMT")]), None, "by no clock");
    }
}
