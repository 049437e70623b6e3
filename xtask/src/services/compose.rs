//! The services of `compose.yaml`, where the machine has a container engine and lacks the programs.

use std::process::{Command, Stdio};

use adstead_backends::Backend;

use super::record::Record;
use crate::cargo::root;

/// Whether a container engine answers; that `docker` is there says little.
pub(super) fn has_engine() -> bool {
    let mut info = Command::new("docker");
    info.arg("info").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    info.status().is_ok_and(|status| status.success())
}

/// Starts them, and waits until they are healthy.
pub(super) fn up(backends: &[Backend]) -> Command {
    let mut compose = compose(&["up", "--detach", "--wait"]);
    compose.args(backends.iter().map(|backend| backend.key()));
    compose
}

/// Stops one, and removes its container with its data.
pub(super) fn down(backend: Backend) -> Command {
    compose(&["rm", "--stop", "--force", "--volumes", backend.key()])
}

/// What there is to remember once it is up.
pub(super) fn record(backend: Backend) -> Record {
    let (url, image) = described(backend);
    Record::Compose { url: url.to_owned(), image: image.to_owned() }
}

/// Where it is, and what it is; `compose.yaml` says the same.
fn described(backend: Backend) -> (&'static str, &'static str) {
    match backend {
        Backend::Postgres => ("postgres://adstead:only-for-tests@127.0.0.1:25432/adstead", "postgres:15"),
        // Its user `adstead` could not create databases.
        Backend::MariaDb => ("mysql://root:only-for-tests@127.0.0.1:23306/adstead", "mariadb:10.11"),
        Backend::Redis => ("redis://127.0.0.1:26379/0", "redis:7"),
        Backend::RedisCluster => {
            ("redis-cluster://127.0.0.1:27000?node=127.0.0.1:27001&node=127.0.0.1:27002", "redis:7")
        }
        Backend::Smtp | Backend::LiteLlm => unreachable!("they are one test's own"),
        // It takes any access key.
        Backend::S3 => {
            ("http://adstead:any@127.0.0.1:29000/adstead?region=us-east-1", "motoserver/moto:5.2.1")
        }
    }
}

fn compose(arguments: &[&str]) -> Command {
    let mut compose = Command::new("docker");
    // Nothing of the profile is started by a plain `docker compose up`.
    compose.current_dir(root()).args(["compose", "--file", "compose.yaml", "--profile", "backends"]);
    // What it says of its progress is not for whoever reads our standard output.
    compose.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
    compose
}

#[cfg(test)]
mod tests {
    use adstead_backends::Server;

    use super::*;
    use crate::cargo::shown;

    #[test]
    fn only_what_is_missing_is_started_and_only_that_is_removed() {
        assert_eq!(
            shown(&up(&[Backend::Postgres, Backend::Redis])),
            "docker compose --file compose.yaml --profile backends up --detach --wait postgres redis"
        );
        assert_eq!(
            shown(&down(Backend::MariaDb)),
            "docker compose --file compose.yaml --profile backends rm --stop --force --volumes mariadb"
        );
    }

    #[test]
    fn compose_starts_what_the_urls_lead_to() {
        let file = include_str!("../../../compose.yaml");
        for backend in Backend::ALL {
            let (_, service) = file.split_once(&format!("\n  {}:\n", backend.key())).unwrap();
            let service = service.split("\n\n").next().unwrap();
            let (url, image) = described(backend);
            assert!(service.contains("profiles: [backends]"), "{service}");
            assert!(service.contains(&format!("image: {image}\n")), "{service}");
            let address = Server::at(backend, url.to_owned()).address();
            let others = url.split("node=").skip(1).map(|address| address.trim_end_matches('&'));
            for address in others.chain([&*address]) {
                assert!(service.contains(&format!("- \"{address}:")), "{service}");
            }
            assert!(service.contains("healthcheck:"), "{service}");
            let password = url.split(['/', ':', '@']).find(|word| *word == "only-for-tests");
            assert!(
                password.is_none_or(|password| service.contains(&format!("PASSWORD: {password}\n"))),
                "{service}"
            );
        }
    }
}
