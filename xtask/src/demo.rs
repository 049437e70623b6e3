//! The demonstration: a whole advertising cycle over a real server in a temporary folder.

use adstead_backends::{Backend, S3Bucket, Server};
use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};
use serde_json::Value;

use crate::cargo::{adstead, output, run};

/// The setting that names the database.
const URL_VARIABLE: &str = "ADSTEAD__DATABASE__URL";

/// The setting that names the Redis that is cached in.
const REDIS_VARIABLE: &str = "ADSTEAD__CACHE__REDIS__URL";

/// The setting that says where files are kept.
const STORAGE_VARIABLE: &str = "ADSTEAD__STORAGE__BACKEND";

/// Shows a whole advertising cycle, over the HTTP API of a server that it starts
#[derive(Args)]
pub(crate) struct Demo {
    /// Check the demonstration instead of watching it: print its result as JSON, and fail where it is not `ok`
    #[arg(long)]
    check: bool,
    /// The engine to play on, started for it; without it, what `ADSTEAD__DATABASE__URL` names, or else SQLite
    #[arg(long)]
    database: Option<Database>,
    /// Where files are kept, a server being started for it; without it, where `ADSTEAD__STORAGE__BACKEND` says
    #[arg(long)]
    storage: Option<Storage>,
    /// Cache in a Redis as well, which is started for it
    #[arg(long)]
    redis: bool,
    /// Arguments for `adstead demo`, such as --json
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<String>,
}

/// An engine that the demonstration can play on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Database {
    Sqlite,
    Postgres,
    Mariadb,
}

/// A place where the demonstration can keep files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Storage {
    Local,
    S3,
}

impl Database {
    /// The server to play on, which ends with the value.
    fn server(self) -> Result<Option<Server>> {
        let backend = match self {
            Self::Sqlite => return Ok(None),
            Self::Postgres => Backend::Postgres,
            Self::Mariadb => Backend::MariaDb,
        };
        Ok(Some(Server::start(backend)?))
    }
}

impl Demo {
    pub(crate) fn run(self) -> Result<()> {
        let mut demo = adstead(&["demo"]);
        demo.args(&self.arguments);
        let server = self.database.map(Database::server).transpose()?.flatten();
        match (self.database, &server) {
            (Some(_), Some(server)) => demo.env(URL_VARIABLE, server.url()),
            (Some(_), None) => demo.env_remove(URL_VARIABLE),
            (None, _) => &mut demo,
        };
        let redis = self.redis.then(|| Server::start(Backend::Redis)).transpose()?;
        demo.envs(redis.as_ref().map(|redis| (REDIS_VARIABLE, redis.url())));
        let bucket = (self.storage == Some(Storage::S3)).then(|| Server::start(Backend::S3)).transpose()?;
        match (self.storage, bucket.as_ref().and_then(S3Bucket::of)) {
            (Some(_), Some(bucket)) => demo.envs(bucket.variables()),
            (Some(_), None) => demo.env(STORAGE_VARIABLE, "local"),
            (None, _) => &mut demo,
        };
        if !self.check {
            return run(&mut demo);
        }
        let result = output(demo.arg("--json"))?;
        print!("{result}");
        check(&result)
    }
}

/// Whether the demonstration's last line says that the report equals what was sent.
fn check(output: &str) -> Result<()> {
    let last_line = output.lines().last().context("the demonstration wrote nothing")?;
    let result: Value =
        serde_json::from_str(last_line).context("the demonstration's last line is no JSON")?;
    ensure!(result["ok"] == true, "the demonstration is not ok: see its steps and its report above");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn only_a_true_ok_in_the_last_line_is_ok() {
        assert!(check("building\n{\"ok\": true, \"steps\": []}\n").is_ok());
        for output in ["", "{\"ok\":false}", "{\"ok\":\"true\"}", "{}", "{\"ok\":true}\ndone"] {
            assert!(check(output).is_err(), "{output}");
        }
    }
}
