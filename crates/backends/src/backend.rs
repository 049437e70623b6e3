//! Which servers there are.

use std::fmt;
use std::str::FromStr;

use crate::process::Signal;

/// A server that Adstead can be run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Backend {
    /// PostgreSQL.
    Postgres,
    /// MariaDB.
    MariaDb,
    /// A single Redis.
    Redis,
    /// A Redis cluster of three nodes, all of them masters. Where one is dead the others notice after 2 s, and serve no
    /// key then, as Redis has it where nobody says otherwise.
    RedisCluster,
    /// S3, as moto plays it where nobody names a real one. Its URL has the id and the secret of an access key, a bucket and
    /// a region: `http://id:secret@127.0.0.1:9000/bucket?region=us-east-1`.
    S3,
    /// A mail server; each is one process's own, see [`MailServer`](crate::MailServer).
    Smtp,
    /// A server of language models; each is one process's own, see [`ModelServer`](crate::ModelServer).
    LiteLlm,
}

impl Backend {
    /// Those that tests share.
    pub const ALL: [Self; 5] = [Self::Postgres, Self::MariaDb, Self::Redis, Self::RedisCluster, Self::S3];

    /// What it is called in commands and in `compose.yaml`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::MariaDb => "mariadb",
            Self::Redis => "redis",
            Self::RedisCluster => "redis-cluster",
            Self::S3 => "s3",
            Self::Smtp => "smtp",
            Self::LiteLlm => "litellm",
        }
    }

    /// The environment variable that names a server to use instead of starting one.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Postgres => "ADSTEAD_TEST_POSTGRES_URL",
            Self::MariaDb => "ADSTEAD_TEST_MARIADB_URL",
            Self::Redis => "ADSTEAD_TEST_REDIS_URL",
            Self::RedisCluster => "ADSTEAD_TEST_REDIS_CLUSTER_URL",
            Self::S3 => "ADSTEAD_TEST_S3_URL",
            Self::Smtp => "ADSTEAD_TEST_SMTP_URL",
            Self::LiteLlm => "ADSTEAD_TEST_LITELLM_URL",
        }
    }

    /// How it comes onto the machine, as in *install …*.
    pub fn package(self) -> &'static str {
        match self {
            Self::Postgres => "Debian's package `postgresql`",
            Self::MariaDb => "Debian's package `mariadb-server`",
            Self::Redis | Self::RedisCluster => "Debian's package `redis-server`",
            Self::Smtp => "Debian's package `python3-aiosmtpd`",
            Self::S3 => "it by `pip install 'moto[server]'`",
            Self::LiteLlm => "it by `pip install 'litellm[proxy]'`",
        }
    }

    /// The port that it listens on where nobody says otherwise.
    pub(crate) fn usual_port(self) -> u16 {
        match self {
            Self::Postgres => 5432,
            Self::MariaDb => 3306,
            Self::Redis | Self::RedisCluster => 6379,
            Self::S3 => 80,
            Self::Smtp => 25,
            Self::LiteLlm => 4000,
        }
    }

    /// Whether root may run it. PostgreSQL and MariaDB refuse, and what Redis does should not be done by root; moto and LiteLLM may
    /// be where nobody else can read.
    pub(crate) fn is_run_by_root(self) -> bool {
        matches!(self, Self::S3 | Self::LiteLlm)
    }

    /// Ends it with what it has saved, without waiting for its clients.
    pub(crate) fn stop_signal(self) -> Signal {
        match self {
            Self::Postgres => Signal::Interrupt,
            _ => Signal::Terminate,
        }
    }

    /// Ends it at once where its data is thrown away. PostgreSQL must live to end its children and free its shared
    /// memory.
    pub(crate) fn abandon_signal(self) -> Signal {
        match self {
            Self::Postgres => Signal::Quit,
            _ => Signal::Kill,
        }
    }
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Postgres => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Redis => "Redis",
            Self::RedisCluster => "Redis cluster",
            Self::S3 => "S3",
            Self::Smtp => "SMTP",
            Self::LiteLlm => "LiteLLM",
        })
    }
}

impl FromStr for Backend {
    type Err = UnknownBackend;

    fn from_str(key: &str) -> Result<Self, UnknownBackend> {
        Self::ALL.into_iter().find(|it| it.key() == key).ok_or_else(|| UnknownBackend(key.to_owned()))
    }
}

/// What the data that a server has acknowledged survives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The death of its processes, which is all that tests can tell. Nothing waits for a disk.
    Crash,
    /// A power cut too, as in production: a commit waits for the disk.
    PowerCut,
}

/// A word that names no backend.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is no backend: there are postgres, mariadb, redis, redis-cluster and s3")]
pub struct UnknownBackend(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_backend_is_found_by_its_key() {
        for backend in Backend::ALL {
            assert_eq!(backend.key().parse::<Backend>().unwrap(), backend);
        }
        let told = "mysql".parse::<Backend>().unwrap_err();
        assert_eq!(
            told.to_string(),
            "`mysql` is no backend: there are postgres, mariadb, redis, redis-cluster and s3"
        );
    }
}
