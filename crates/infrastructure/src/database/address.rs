use std::path::PathBuf;
use std::str::FromStr;

use sea_orm::sqlx::mysql::MySqlConnectOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::{ConnectionTrait, DbBackend};

use super::OpenError;

/// An engine that Adstead runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Engine {
    /// SQLite, in the same process.
    Sqlite,
    /// PostgreSQL 13 or later.
    Postgres,
    /// MariaDB 10.6 or later, or MySQL 8.0 or later.
    MariaDb,
}

impl Engine {
    /// The engine's name in statistics.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
        }
    }

    /// The engine's name as messages have it.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB or MySQL",
        }
    }

    /// What an address of the engine begins with.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite://",
            Self::Postgres => "postgres://",
            Self::MariaDb => "mysql://",
        }
    }

    /// The engine that a connection, a transaction or a statement is for.
    pub(crate) fn of(database: &impl ConnectionTrait) -> Self {
        match database.get_database_backend() {
            DbBackend::Postgres => Self::Postgres,
            DbBackend::MySql => Self::MariaDb,
            DbBackend::Sqlite => Self::Sqlite,
            _ => unreachable!("the build has drivers for three engines"),
        }
    }
}

/// What a database URL says.
pub(super) enum Address {
    /// A file.
    Sqlite(PathBuf),
    /// A database of a PostgreSQL server.
    Postgres(PgConnectOptions),
    /// A database of a MariaDB or MySQL server.
    MariaDb(MySqlConnectOptions),
}

const SQLITE: &str = "sqlite://data/adstead.db";
const POSTGRES: &str = "postgres://user:password@host/database";
const MARIADB: &str = "mysql://user:password@host/database";

impl FromStr for Address {
    type Err = OpenError;

    fn from_str(url: &str) -> Result<Self, OpenError> {
        let Some((scheme, rest)) = url.split_once(':') else {
            return Err(invalid("has no scheme", SQLITE));
        };
        match scheme {
            "sqlite" => file_of(rest).map(Self::Sqlite),
            "postgres" | "postgresql" => {
                check_parameters(rest, POSTGRES_PARAMETERS, POSTGRES)?;
                let options: PgConnectOptions = url.parse().map_err(|error| unparsed(&error, POSTGRES))?;
                match options.get_database() {
                    Some(_) => Ok(Self::Postgres(options)),
                    None => Err(invalid("names no database", POSTGRES)),
                }
            }
            "mysql" | "mariadb" => {
                check_parameters(rest, MARIADB_PARAMETERS, MARIADB)?;
                let options: MySqlConnectOptions = url.parse().map_err(|error| unparsed(&error, MARIADB))?;
                match options.get_database() {
                    Some(_) => Ok(Self::MariaDb(options)),
                    None => Err(invalid("names no database", MARIADB)),
                }
            }
            _ => Err(OpenError::UnsupportedScheme { scheme: scheme.to_owned() }),
        }
    }
}

fn file_of(rest: &str) -> Result<PathBuf, OpenError> {
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let problem = match path {
        "" | "/" => "names no file",
        ":memory:" => "names a database in memory, which cannot have several connections",
        _ if path.contains('?') => "has parameters, which are not taken",
        _ if path.ends_with('/') => "names a folder",
        _ => return Ok(PathBuf::from(path)),
    };
    Err(invalid(problem, SQLITE))
}

/// The parameters that the drivers read. They pass over any other, and PostgreSQL's writes it to the log with its value,
/// which may be a password under a name that was mistyped.
const POSTGRES_PARAMETERS: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "ssl-root-cert",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];
const MARIADB_PARAMETERS: &[&str] = &[
    "charset",
    "collation",
    "socket",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "ssl-mode",
    "sslca",
    "sslcert",
    "sslkey",
    "sslmode",
    "statement-cache-capacity",
    "time-zone",
    "timezone",
];

fn check_parameters(rest: &str, known: &[&str], example: &'static str) -> Result<(), OpenError> {
    let (_, query) = rest.split_once('?').unwrap_or_default();
    let is_known =
        |name: &str| known.contains(&name) || known.contains(&"options") && name.starts_with("options[");
    let mut names = query.split('&').map(|pair| pair.split_once('=').map_or(pair, |(name, _)| name));
    match names.find(|name| !name.is_empty() && !is_known(name)) {
        None => Ok(()),
        // Of a password that has a `?`, the rest may stand here.
        Some(name)
            if name.contains(|character: char| !character.is_ascii_lowercase() && character != '_') =>
        {
            Err(invalid("has a parameter that is not known", example))
        }
        Some(name) => Err(invalid(&format!("has a parameter {name:?}, which is not known"), example)),
    }
}

fn invalid(problem: &str, example: &'static str) -> OpenError {
    OpenError::InvalidUrl { problem: problem.to_owned(), example }
}

/// The parser's words name a parameter or a part of the URL, never its password.
fn unparsed(error: &sea_orm::sqlx::Error, example: &'static str) -> OpenError {
    let reason = match error {
        sea_orm::sqlx::Error::Configuration(reason) => reason.to_string(),
        _ => "it cannot be parsed".to_owned(),
    };
    OpenError::InvalidUrl { problem: format!("cannot be understood ({reason})"), example }
}
