//! Redis Sentinel: `redis-server` again, which holds no data, and watches over a Redis that does.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::{Engine, NAME, arguments};
use crate::folder::Folder;
use crate::{Backend, StartError, program};

/// How long the primary may be silent before it is taken for dead, in milliseconds.
const DOWN_AFTER: u32 = 1_000;

/// How long a failover may take, in milliseconds; twice as long after one that failed, the next is tried.
const FAILOVER_TIMEOUT: u32 = 5_000;

pub(crate) struct Sentinel {
    server: PathBuf,
    primary: String,
}

impl Sentinel {
    /// One that watches over the Redis at `primary`, such as `127.0.0.1:6379`, and decides alone.
    pub(crate) fn find(primary: String) -> Result<Self, StartError> {
        Ok(Self { server: program::find(Backend::Redis, "redis-server")?, primary })
    }
}

impl Engine for Sentinel {
    fn program(&self) -> &Path {
        &self.server
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        let primary = self.primary.replace(':', " ");
        let lines = format!(
            "sentinel monitor {NAME} {primary} 1\n\
             sentinel down-after-milliseconds {NAME} {DOWN_AFTER}\n\
             sentinel failover-timeout {NAME} {FAILOVER_TIMEOUT}\n"
        );
        // It notes there what it learns.
        folder.write("sentinel.conf", &lines)?;
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let mut words: Vec<OsString> = vec![folder.join("sentinel.conf").into()];
        words.extend(arguments(["--bind", "127.0.0.1", "--port", &port.to_string(), "--dir"]));
        words.push(folder.join("data").into());
        words.push("--sentinel".into());
        words
    }

    fn ready_line(&self) -> &'static str {
        "+monitor master"
    }

    fn url(&self, port: u16) -> String {
        format!("redis-sentinel://127.0.0.1:{port}/0?sentinelServiceName={NAME}")
    }
}
