//! The first connection to a server, and why there is none.

use std::io::{self, ErrorKind};
use std::time::Duration;

use sea_orm::sqlx;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{DatabaseConfig, DatabaseError, Engine, Fault, OpenError};

/// Where a server is, as messages name it.
pub(super) struct Place {
    pub(super) server: String,
    /// Host and port; nothing where it is a socket.
    pub(super) tcp: Option<(String, u16)>,
    pub(super) user: String,
    pub(super) database: String,
}

impl Place {
    /// A connection by itself: a pool would go on trying, and then only say that time ran out. Where there is none, that may
    /// be because a server of the `other` engine is there.
    pub(super) async fn first_connection<C>(
        &self,
        connect: impl Future<Output = Result<C, sqlx::Error>>,
        config: &DatabaseConfig,
        other: Engine,
    ) -> Result<C, OpenError> {
        let error = match tokio::time::timeout(config.acquire_timeout, connect).await {
            Ok(Ok(connection)) => return Ok(connection),
            Ok(Err(error)) => self.refusal(error),
            Err(_elapsed) => {
                OpenError::Unreachable { server: self.server.clone(), source: Fault::Unreachable.into() }
            }
        };
        let may_be_other = match other {
            // It waits for its client to begin, and clients of MariaDB for their server.
            Engine::Postgres => matches!(error, OpenError::Unreachable { .. }),
            // It begins, with what makes no sense to a client of PostgreSQL.
            Engine::MariaDb => matches!(error, OpenError::Server { .. }),
            Engine::Sqlite => false,
        };
        if may_be_other && self.is_of(other).await {
            return Err(OpenError::Foreign { server: self.server.clone(), found: other });
        }
        Err(error)
    }

    /// Whether a server of `engine` answers there.
    async fn is_of(&self, engine: Engine) -> bool {
        /// It takes as long as two round trips.
        const PATIENCE: Duration = Duration::from_secs(1);
        let Some((host, port)) = &self.tcp else { return false };
        let ask = async {
            let mut connection = TcpStream::connect((host.as_str(), *port)).await?;
            match engine {
                Engine::Postgres => answers_as_postgres(&mut connection).await,
                Engine::MariaDb => greets_as_mariadb(&mut connection).await,
                Engine::Sqlite => Ok(false),
            }
        };
        matches!(tokio::time::timeout(PATIENCE, ask).await, Ok(Ok(true)))
    }

    pub(super) fn refusal(&self, error: sqlx::Error) -> OpenError {
        let is_of_tls = match &error {
            sqlx::Error::Tls(_) => true,
            // A certificate that is refused, or a file of certificates that is missing.
            sqlx::Error::Io(error) => {
                error.kind() == ErrorKind::InvalidData
                    || error.kind() == ErrorKind::NotFound && self.tcp.is_some()
            }
            _ => false,
        };
        let source = DatabaseError::from(error);
        let server = self.server.clone();
        match source.fault {
            _ if is_of_tls => OpenError::Tls { server, source },
            Fault::Disconnected | Fault::Unreachable => OpenError::Unreachable { server, source },
            Fault::Denied => OpenError::Denied { server, user: self.user.clone(), source },
            Fault::NoDatabase => OpenError::NoDatabase { server, database: self.database.clone() },
            _ => OpenError::Server { server, source },
        }
    }
}

/// Whether it answers to the question for TLS with yes or no, as PostgreSQL does.
///
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-SSLREQUEST>
async fn answers_as_postgres(connection: &mut TcpStream) -> io::Result<bool> {
    const SSL_REQUEST: [u8; 8] = [0, 0, 0, 8, 4, 210, 22, 47];
    connection.write_all(&SSL_REQUEST).await?;
    Ok(matches!(connection.read_u8().await?, b'S' | b'N'))
}

/// Whether it begins with the first packet of version 10 of the protocol, or with an error, as MariaDB and MySQL do.
///
/// <https://mariadb.com/docs/server/reference/clientserver-protocol/1-connecting/connection>
async fn greets_as_mariadb(connection: &mut TcpStream) -> io::Result<bool> {
    let mut greeting = [0; 5];
    connection.read_exact(&mut greeting).await?;
    let [_, _, _, number, kind] = greeting;
    Ok(number == 0 && matches!(kind, 10 | 0xff))
}
