use std::io;
use std::path::PathBuf;

use super::{DatabaseError, Engine, SchemaError};

/// Why a database could not be opened, and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The address is of an engine that Adstead does not run on.
    #[error(
        "the database URL begins with {scheme:?}: Adstead runs on SQLite, PostgreSQL, MariaDB and MySQL, \
         with addresses such as sqlite://data/adstead.db, postgres://user:password@host/database \
         or mysql://user:password@host/database"
    )]
    UnsupportedScheme {
        /// What stands before the first colon.
        scheme: String,
    },
    /// The address cannot be understood.
    #[error("the database URL {problem}: use an address such as {example}")]
    InvalidUrl {
        /// What is wrong with it.
        problem: String,
        /// One that is right.
        example: &'static str,
    },
    /// The folder of the file does not exist and cannot be made.
    #[error("the folder {} cannot be made: choose one that may be written to", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// There is a file, but no database in it that can be read.
    #[error("{} is no SQLite database, or a damaged one: name another file, or restore a backup", path.display())]
    NotADatabase {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be opened, made or written to.
    #[error("the database {} cannot be opened: check that it and its folder may be written to", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: DatabaseError,
    },
    /// Nobody answers at the address.
    #[error(
        "no database server answers at {server}: check that it runs, that host and port are right, \
         and that no firewall stands between"
    )]
    Unreachable {
        /// Host and port, or the socket.
        server: String,
        /// What was met.
        source: DatabaseError,
    },
    /// The server answers, and no encrypted connection comes about.
    #[error(
        "the connection to the database server at {server} cannot be encrypted as the URL wants it: check that the server \
         offers TLS, that its certificate is for this host and signed by an authority that is trusted or named by \
         sslrootcert (ssl-ca on MariaDB), or choose another sslmode (ssl-mode)"
    )]
    Tls {
        /// Host and port, or the socket.
        server: String,
        /// What was met.
        source: DatabaseError,
    },
    /// The server is one of another engine than the address says.
    #[error(
        "the server at {server} is {}, which the database URL does not say: begin it with {}, or name another host or port",
        found.title(),
        found.scheme()
    )]
    Foreign {
        /// Host and port.
        server: String,
        /// The engine that answers.
        found: Engine,
    },
    /// The server does not let the user in.
    #[error(
        "the database server at {server} refuses the user {user:?}: check the name, the password and its rights"
    )]
    Denied {
        /// Host and port, or the socket.
        server: String,
        /// The user.
        user: String,
        /// What the server says.
        source: DatabaseError,
    },
    /// The server has no such database.
    #[error("the server at {server} has no database {database:?}: create it there, or name another")]
    NoDatabase {
        /// Host and port, or the socket.
        server: String,
        /// The database.
        database: String,
    },
    /// The server is older than Adstead can use.
    #[error("the database server is {found}, but Adstead needs {needed}: upgrade it, or name another")]
    TooOld {
        /// Its name and version.
        found: String,
        /// The oldest that will do.
        needed: &'static str,
    },
    /// The database of a PostgreSQL server keeps texts in an encoding that lacks characters.
    #[error(
        "the database {database:?} keeps texts as {encoding}, which has not every character: create one with \
         ENCODING 'UTF8' TEMPLATE template0, or name another"
    )]
    NotUnicode {
        /// The database.
        database: String,
        /// Its encoding.
        encoding: String,
    },
    /// The server answers, but not as it should.
    #[error("the database server at {server} cannot be used")]
    Server {
        /// Host and port, or the socket.
        server: String,
        /// What the server says.
        source: DatabaseError,
    },
    /// It holds a schema that this build cannot use.
    #[error(transparent)]
    Schema(#[from] SchemaError),
}
