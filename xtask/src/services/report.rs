//! What is told of services.

use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use adstead_backends::{Backend, Server};
use anyhow::Result;
use serde_json::{Value, json};

/// A server, whether or not it runs.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) backend: Backend,
    pub(super) is_running: bool,
    pub(super) source: Source,
    pub(super) version: Option<String>,
    /// With its password; none where the environment holds it already.
    pub(super) url: Option<String>,
    pub(super) address: Option<String>,
    pub(super) since: Option<SystemTime>,
}

/// Who runs it.
#[derive(Clone)]
pub(super) enum Source {
    /// Nobody.
    None,
    /// Whoever set the variable.
    Environment,
    /// We do, by its program.
    Program { processes: Vec<Told> },
    /// We do, by `docker compose`.
    Compose,
}

/// What is told of a process: its id and its log.
#[derive(Clone)]
pub(super) struct Told {
    pub(super) process: u32,
    pub(super) log: PathBuf,
}

impl Service {
    pub(super) fn none(backend: Backend) -> Self {
        let (version, url, address, since) = (None, None, None, None);
        Self { backend, is_running: false, source: Source::None, version, url, address, since }
    }

    pub(super) fn external(server: &Server) -> Self {
        let none = Self::none(server.backend());
        let (is_running, address) = (server.is_answering(), Some(server.address()));
        Self { is_running, source: Source::Environment, address, ..none }
    }

    /// A line for people.
    pub(super) fn line(&self) -> String {
        let Self { backend, is_running, source, version, url: _, address, since } = self;
        let name = match version {
            Some(version) => format!("{backend} {version}"),
            None => backend.to_string(),
        };
        let at = address.as_ref().map_or_else(String::new, |address| format!(" at {address}"));
        let age = since.and_then(|since| since.elapsed().ok());
        let age = age.map_or_else(String::new, |age| format!(", for {}", span(age)));
        match source {
            Source::None => format!("{name} does not run"),
            Source::Environment if *is_running => {
                format!("{name} answers{at}, as {} says", backend.variable())
            }
            Source::Environment => format!("{name} does not answer{at}, where {} says", backend.variable()),
            Source::Program { processes } if *is_running => {
                let told = |Told { process, log }: &Told| format!("process {process}, log {}", log.display());
                format!("{name} runs{at}{age}; {}", list(processes, told, "; "))
            }
            Source::Program { processes } => {
                let log = list(processes, |told| told.log.display().to_string(), " and ");
                format!("{name} has ended; its log was {log}")
            }
            Source::Compose if *is_running => format!("{name} runs{at}{age}; by docker compose"),
            Source::Compose => format!("{name} does not answer{at}; `docker compose logs` may say why"),
        }
    }

    /// A line for a shell; nothing where the shell knows.
    pub(super) fn export(&self) -> String {
        match &self.url {
            Some(url) if self.is_running => format!("export {}='{url}'", self.backend.variable()),
            _ => String::new(),
        }
    }

    fn json(&self) -> Value {
        let Self { backend, is_running, source, version, url, address, since } = self;
        let (source, processes) = match source {
            Source::None => (None, &[][..]),
            Source::Environment => (Some("environment"), &[][..]),
            Source::Program { processes } => (Some("program"), &processes[..]),
            Source::Compose => (Some("compose"), &[][..]),
        };
        let told = |Told { process, log }: &Told| json!({ "id": process, "log": log });
        let processes: Vec<_> = processes.iter().map(told).collect();
        let since_unix_s = since.and_then(|it| it.duration_since(UNIX_EPOCH).ok()).map(|it| it.as_secs());
        json!({
            "name": backend.key(), "running": is_running, "source": source, "version": version,
            "address": address, "url": url, "variable": backend.variable(), "processes": processes,
            "since_unix_s": since_unix_s,
        })
    }
}

fn list(processes: &[Told], told: impl Fn(&Told) -> String, separator: &str) -> String {
    processes.iter().map(told).collect::<Vec<_>>().join(separator)
}

/// One object that holds all of them.
pub(super) fn json(services: &[Service]) -> Result<String> {
    let services: Vec<_> = services.iter().map(Service::json).collect();
    Ok(serde_json::to_string(&json!({ "services": services }))?)
}

/// A span of time, roughly.
fn span(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7_200 => format!("{} min", seconds / 60),
        seconds @ 7_200..172_800 => format!("{} h", seconds / 3_600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running() -> Service {
        Service {
            is_running: true,
            source: Source::Program { processes: vec![Told { process: 7, log: "/tmp/a/log".into() }] },
            version: Some("15.18".to_owned()),
            url: Some("postgres://a:b@127.0.0.1:15432/a".to_owned()),
            address: Some("127.0.0.1:15432".to_owned()),
            since: Some(UNIX_EPOCH + Duration::from_secs(1_800_000_000)),
            ..Service::none(Backend::Postgres)
        }
    }

    #[test]
    fn people_are_told_no_password() {
        let line = running().line();
        assert!(line.starts_with("PostgreSQL 15.18 runs at 127.0.0.1:15432"), "{line}");
        assert!(line.ends_with("; process 7, log /tmp/a/log"), "{line}");
        let service = Service { source: Source::Environment, since: None, ..running() };
        assert_eq!(
            service.line(),
            "PostgreSQL 15.18 answers at 127.0.0.1:15432, as ADSTEAD_TEST_POSTGRES_URL says"
        );
        assert_eq!(Service::none(Backend::Redis).line(), "Redis does not run");
    }

    #[test]
    fn shells_are_told_of_what_runs() {
        let export = "export ADSTEAD_TEST_POSTGRES_URL='postgres://a:b@127.0.0.1:15432/a'";
        assert_eq!(running().export(), export);
        assert_eq!(Service { is_running: false, ..running() }.export(), "");
        assert_eq!(Service::none(Backend::Redis).export(), "");
    }

    #[test]
    fn machines_are_told_everything() {
        let told: Value =
            serde_json::from_str(&json(&[running(), Service::none(Backend::Redis)]).unwrap()).unwrap();
        let [postgres, redis] = &told["services"].as_array().unwrap()[..] else { panic!("{told}") };
        assert_eq!(postgres["processes"], json!([{ "id": 7, "log": "/tmp/a/log" }]));
        assert_eq!(postgres["since_unix_s"], json!(1_800_000_000));
        assert_eq!(
            (&redis["name"], &redis["running"], &redis["source"]),
            (&json!("redis"), &json!(false), &Value::Null)
        );
    }

    #[test]
    fn spans_are_rough() {
        for (seconds, told) in [(119, "119 s"), (120, "2 min"), (7_200, "2 h"), (200_000, "2 days")] {
            assert_eq!(span(Duration::from_secs(seconds)), told);
        }
    }
}
