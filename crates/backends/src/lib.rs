//! Real servers for tests, demonstrations and benchmarks: PostgreSQL, MariaDB, Redis, single or several,
//! S3, mail and language models.
//!
//! They are started from the programs that the machine has, each in a temporary folder and on a free port of
//! 127.0.0.1, and can be harmed: killed, paused, restarted. Nothing of them outlives the process that started them,
//! even where that is killed. It knows the systems that have a `/proc`: Linux.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use adstead_backends::{Backend, Server};
//!
//! let server = Server::start(Backend::Postgres)?;
//! println!("an empty database is at {}", server.url());
//! server.kill()?; // As a power cut would, as far as processes can tell.
//! server.restart()?; // On the same port, with what was committed.
//! # Ok(())
//! # }
//! ```
//!
//! Most tests share one server for each backend, in a database of their own; see [`available`]. A Redis with a password
//! or TLS is [`Server::start_redis`]'s, one with a replica that takes its place [`RedisSentinel`]'s.

mod account;
mod backend;
mod cluster;
mod detached;
mod engine;
mod error;
mod folder;
mod instance;
mod mail;
mod models;
mod port;
mod process;
mod program;
mod resp;
mod s3;
mod sentinel;
mod server;
mod shared;
mod url;
mod watchdog;

pub use backend::{Backend, Durability, UnknownBackend};
pub use detached::Detached;
pub use engine::RedisOptions;
pub use error::{ControlError, StartError};
pub use mail::{MailSecurity, MailServer};
pub use models::ModelServer;
pub use process::Process;
pub use s3::S3Bucket;
pub use sentinel::RedisSentinel;
pub use server::Server;
pub use shared::{REQUIRE_VARIABLE, available, durable, external, or_skipped, required, shared, started};
