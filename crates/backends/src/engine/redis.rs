//! Redis: `redis-server` alone, also as one of several.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::{Engine, arguments, certificate};
use crate::folder::{Folder, remove_if_there};
use crate::{Backend, StartError, program};

/// What stands in a URL as it is, RFC 3986, section 2.3; the rest is encoded.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// How a single Redis is set up; by default without any of it.
#[derive(Clone, Debug, Default)]
pub struct RedisOptions {
    /// What clients must say; it is in the URL. It holds no line break.
    pub password: Option<String>,
    /// Whether it speaks TLS, and nothing else, with a certificate for 127.0.0.1 and `localhost` that is made for it; see
    /// [`ca_certificate`](crate::Server::ca_certificate). Clients need none.
    pub tls: bool,
    /// Further lines of `redis.conf`, such as `maxmemory 2mb`.
    pub settings: Vec<String>,
}

pub(crate) struct Redis {
    server: PathBuf,
    options: RedisOptions,
}

impl Redis {
    pub(crate) fn find(backend: Backend, options: RedisOptions) -> Result<Self, StartError> {
        Ok(Self { server: program::find(backend, "redis-server")?, options })
    }
}

impl Engine for Redis {
    fn program(&self) -> &Path {
        &self.server
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        if self.options.tls {
            certificate::make(folder)?;
        }
        folder.write("redis.conf", &configuration(&self.options))?;
        // The server does not make it; whoever owns the folder does.
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let port = port.to_string();
        let mut words: Vec<OsString> = vec![folder.join("redis.conf").into()];
        words.extend(arguments(["--bind", "127.0.0.1", "--dir"]));
        words.push(folder.join("data").into());
        if self.options.tls {
            words.extend(arguments(["--port", "0", "--tls-port", &port, "--tls-auth-clients", "no"]));
            for (name, file) in [
                ("--tls-ca-cert-file", certificate::CA),
                ("--tls-cert-file", certificate::CERTIFICATE),
                ("--tls-key-file", certificate::KEY),
            ] {
                words.extend([name.into(), folder.join(file).into()]);
            }
        } else {
            words.extend(arguments(["--port", &port]));
        }
        words
    }

    fn ready_line(&self) -> &'static str {
        "Ready to accept connections"
    }

    fn url(&self, port: u16) -> String {
        let scheme = if self.options.tls { "rediss" } else { "redis" };
        let password =
            self.options.password.as_ref().map_or_else(String::new, |password| {
                format!(":{}@", utf8_percent_encode(password, RESERVED))
            });
        format!("{scheme}://{password}127.0.0.1:{port}/0")
    }

    fn ca_certificate(&self, folder: &Path) -> Option<PathBuf> {
        self.options.tls.then(|| folder.join(certificate::CA))
    }

    /// What it is told in, and what a replica got, goes; what a node knows of its cluster stays.
    fn empty(&self, folder: &Folder) -> Result<(), StartError> {
        let data = folder.data();
        let remove = || match fs::remove_dir_all(data.join("appendonlydir")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => remove_if_there(&data.join("dump.rdb")),
        };
        remove().map_err(|source| folder.refused(format!("empty {}", data.display()), source))
    }
}

/// The lines of `redis.conf`. The server itself changes some, where a sentinel tells it to follow another.
fn configuration(options: &RedisOptions) -> String {
    let RedisOptions { password, tls: _, settings } = options;
    let password = password.as_ref().map(|password| {
        let password = password.replace('\\', r"\\").replace('"', r#"\""#);
        format!("requirepass \"{password}\"")
    });
    // It keeps what it was told when it is killed, so that a test sees what is stale after a restart.
    let usual = ["save \"\"", "appendonly yes", "appendfsync no"].map(str::to_owned);
    let lines = usual.iter().chain(&password).chain(settings);
    lines.map(|line| format!("{line}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_may_hold_anything() {
        let options = RedisOptions { password: Some(r#"a"b\c@ d"#.to_owned()), ..Default::default() };
        assert!(configuration(&options).ends_with("\nrequirepass \"a\\\"b\\\\c@ d\"\n"));
        let redis = Redis { server: PathBuf::new(), options };
        assert_eq!(redis.url(7), "redis://:a%22b%5Cc%40%20d@127.0.0.1:7/0");
    }
}
