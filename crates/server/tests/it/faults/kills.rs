use std::process::Command;
use std::thread;

use adstead_backends::{Backend, started};

use super::figures::tell;
use super::load::{Load, some_time};
use crate::server::{Server, adstead};

const CLIENTS: usize = 8;
const KILLS: usize = 4;
const EVENTS: usize = 50;

#[test]
fn postgres_killed_under_ingestion_loses_no_event_and_counts_none_twice() {
    let Some(postgres) = started(Backend::Postgres) else { return };
    let folder = tempfile::tempdir().unwrap();
    let server =
        Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__DATABASE__URL", postgres.url()));
    let load = Load::on(&server, EVENTS);
    let tally = load.run(
        CLIENTS,
        |_| (),
        || {
            for _ in 0..KILLS {
                load.wait_for_batches(20);
                postgres.kill().unwrap();
                thread::sleep(some_time(1_500));
                postgres.restart().unwrap();
            }
            load.wait_for_batches(20);
        },
    );
    load.check(server.address, &tally);
    tell("postgres_killed", KILLS, &tally);
}

#[test]
fn adstead_killed_under_ingestion_loses_no_event_and_counts_none_twice() {
    for backend in [None, Some(Backend::Postgres)] {
        let postgres = match backend.map(started) {
            Some(None) => return,
            Some(started) => started,
            None => None,
        };
        let folder = tempfile::tempdir().unwrap();
        let serve = || {
            let mut command: Command = adstead(folder.path(), &["serve"]);
            if let Some(postgres) = &postgres {
                command.env("ADSTEAD__DATABASE__URL", postgres.url());
            }
            Server::spawn(&mut command)
        };
        let mut server = serve();
        let load = Load::on(&server, EVENTS);
        let tally = load.run(
            CLIENTS,
            |_| (),
            || {
                for _ in 0..KILLS {
                    load.wait_for_batches(20);
                    server.kill();
                    thread::sleep(some_time(300));
                    server = serve();
                    load.send_to(&[server.address]);
                }
                load.wait_for_batches(20);
            },
        );
        load.check(server.address, &tally);
        let fault =
            if postgres.is_some() { "adstead_killed_on_postgres" } else { "adstead_killed_on_sqlite" };
        tell(fault, KILLS, &tally);
    }
}
