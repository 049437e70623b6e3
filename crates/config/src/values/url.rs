use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use url::Url;

use super::{InvalidValue, from_text};

/// The address of a database. `Display` and `Debug` mask its password.
///
/// Its scheme says which engine: `sqlite`, `postgres` (or `postgresql`), `mysql` or `mariadb`.
///
/// ```
/// use adstead_config::DatabaseUrl;
///
/// let url: DatabaseUrl = "sqlite://data/adstead.db".parse()?;
/// assert_eq!(url.expose(), "sqlite://data/adstead.db");
///
/// let url: DatabaseUrl = "postgres://adstead:hunter2@db/ads".parse()?;
/// assert_eq!(url.to_string(), "postgres://adstead:***@db/ads");
/// let refused = "oracle://adstead:hunter2@db/ads".parse::<DatabaseUrl>().unwrap_err();
/// assert!(!refused.to_string().contains("hunter2"));
/// # Ok::<(), adstead_config::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The address as it was given, with any password.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Whether the database is on a server, rather than in a file of this machine.
    pub fn is_of_server(&self) -> bool {
        !self.0.starts_with("sqlite:")
    }
}

impl FromStr for DatabaseUrl {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "an address such as sqlite://data/adstead.db, postgres://user:password@host/database \
                                or mysql://user:password@host/database";
        const SCHEMES: [&str; 5] = ["sqlite", "postgres", "postgresql", "mysql", "mariadb"];
        match text.split_once(':') {
            Some((scheme, rest)) if SCHEMES.contains(&scheme) && !rest.trim_start_matches('/').is_empty() => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidValue::new(EXPECTED, &mask_password(text))),
        }
    }
}

/// The address of an HTTP service. `Display` and `Debug` mask its password.
///
/// ```
/// use adstead_config::HttpUrl;
///
/// let url: HttpUrl = "https://team:hunter2@llm.example/v1".parse()?;
/// assert_eq!(url.to_string(), "https://team:***@llm.example/v1");
/// assert_eq!(url.expose(), "https://team:hunter2@llm.example/v1");
/// # Ok::<(), adstead_config::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct HttpUrl(String);

impl HttpUrl {
    /// The address as it was given, with any password, and without a slash at its end.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for HttpUrl {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "an address such as https://api.openai.com/v1";
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => {
                Ok(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(InvalidValue::new(EXPECTED, &mask_password(text))),
        }
    }
}

/// The address of Redis. `Display` and `Debug` mask its passwords.
///
/// Its scheme says what stands there: `redis` is one server, `redis-sentinel` the sentinels of one, `redis-cluster` a
/// cluster; with `rediss` for `redis` they speak TLS.
///
/// ```
/// use adstead_config::RedisUrl;
///
/// let url: RedisUrl = "rediss://adstead:hunter2@cache.example:6379/0".parse()?;
/// assert_eq!(url.to_string(), "rediss://adstead:***@cache.example:6379/0");
/// assert!("http://cache.example".parse::<RedisUrl>().is_err());
/// # Ok::<(), adstead_config::InvalidValue>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct RedisUrl(String);

impl RedisUrl {
    /// The address as it was given, with any password.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl FromStr for RedisUrl {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "none, or an address such as redis://:password@host:6379/0, \
                                redis-sentinel://host:26379/0?sentinelServiceName=name or \
                                redis-cluster://host:6379?node=other:6379, with rediss for TLS";
        const SCHEMES: [&str; 6] =
            ["redis", "rediss", "redis-sentinel", "rediss-sentinel", "redis-cluster", "rediss-cluster"];
        match Url::parse(text) {
            Ok(url) if SCHEMES.contains(&url.scheme()) && url.host_str().is_some_and(|it| !it.is_empty()) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(InvalidValue::new(EXPECTED, &mask_password(text))),
        }
    }
}

impl fmt::Display for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_password(&self.0))
    }
}

impl fmt::Debug for RedisUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisUrl({self})")
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_password(&self.0))
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&mask_password(&self.0))
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl fmt::Debug for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HttpUrl({self})")
    }
}

impl<'de> Deserialize<'de> for DatabaseUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

impl<'de> Deserialize<'de> for HttpUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}

/// Hides what may be a password in an address: the login before the last `@`, but for a user's name, and
/// the values of the query. Made for addresses that people mistype too, so it would rather hide too much
/// than parse first.
pub(crate) fn mask_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once(':') else { return text.to_owned() };
    let (login, rest) = match rest.rsplit_once('@') {
        Some((login, rest)) => (mask_login(login), rest),
        None => (String::new(), rest),
    };
    let masked = match rest.split_once('?') {
        Some((path, query)) => {
            let pairs: Vec<String> = query.split('&').map(mask_pair).collect();
            format!("{path}?{}", pairs.join("&"))
        }
        None => rest.to_owned(),
    };
    format!("{scheme}:{login}{masked}")
}

fn mask_login(login: &str) -> String {
    let name = login.trim_start_matches('/');
    let slashes = &login[..login.len() - name.len()];
    match name.find([':', '/', '?']) {
        Some(end) => format!("{slashes}{}:***@", &name[..end]),
        None => format!("{slashes}***@"),
    }
}

fn mask_pair(pair: &str) -> String {
    const OPEN: [&str; 7] =
        ["mode", "cache", "sslmode", "ssl-mode", "immutable", "node", "sentinelServiceName"];
    match pair.split_once('=') {
        Some((name, _)) if !OPEN.contains(&name) => format!("{name}=***"),
        _ => pair.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, masked: &str) {
        assert_eq!(mask_password(text), masked);
    }

    #[test]
    fn a_password_is_masked_wherever_it_stands() {
        check("postgres://ads:hunter2@db:5432/ads", "postgres://ads:***@db:5432/ads");
        check("postgres://ads:hun/ter@2@db/ads", "postgres://ads:***@db/ads");
        check("postgres://ads:hun?ter@db/ads", "postgres://ads:***@db/ads");
        check("postgres:ads:hunter2@db/ads", "postgres:ads:***@db/ads");
        check("https://token@llm.example/v1", "https://***@llm.example/v1");
        check(
            "postgres://db/ads?password=hunter2&sslmode=require",
            "postgres://db/ads?password=***&sslmode=require",
        );
        check("mysql://db/ads?ssl-mode=REQUIRED&key=hunter2", "mysql://db/ads?ssl-mode=REQUIRED&key=***");
    }

    #[test]
    fn an_address_without_a_password_is_shown_whole() {
        for text in
            ["sqlite://data/adstead.db?mode=rwc", "http://127.0.0.1:11434/v1", "sqlite::memory:", "image/png"]
        {
            check(text, text);
        }
    }

    #[test]
    fn a_service_is_reached_by_http_only() {
        for text in ["ftp://llm.example", "llm.example/v1", "http://", ""] {
            assert!(text.parse::<HttpUrl>().is_err(), "{text}");
        }
        assert_eq!("http://[::1]:8000/v1/".parse::<HttpUrl>().unwrap().expose(), "http://[::1]:8000/v1");
    }

    #[test]
    fn a_database_that_this_build_cannot_open_is_named_without_its_password() {
        assert_eq!(
            "oracle://ads:hunter2@db/ads".parse::<DatabaseUrl>().unwrap_err().to_string(),
            "expected an address such as sqlite://data/adstead.db, postgres://user:password@host/database \
             or mysql://user:password@host/database, found `oracle://ads:***@db/ads`"
        );
        assert!("sqlite::memory:".parse::<DatabaseUrl>().is_ok());
        assert!("sqlite://".parse::<DatabaseUrl>().is_err());
    }
}
