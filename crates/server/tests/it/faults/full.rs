use std::fs;
use std::os::unix::fs::{MetadataExt, chown};
use std::sync::Mutex;

use adstead_backends::{Backend, started};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection};

use super::disk::Disk;
use super::figures::tell;
use super::load::Load;
use crate::http::{Answer, ask};
use crate::server::{Server, adstead, eventually};

const CLIENTS: usize = 4;
const EVENTS: usize = 500;
/// How often clients are refused before there is room again.
const REFUSALS: u64 = 40;

/// Has clients send until the disk is full, and some more once there is room again.
fn fill(fault: &str, server: &Server, disk: &Disk) {
    let load = Load::on(server, EVENTS);
    let refusal: Mutex<Option<Answer>> = Mutex::default();
    let sees = |answer: &Answer| {
        if answer.json()["type"] == "urn:adstead:problem:full" {
            refusal.lock().unwrap().get_or_insert_with(|| answer.clone());
        }
    };
    let tally = load.run(CLIENTS, sees, || {
        let answer = eventually("the disk is full", || refusal.lock().unwrap().clone());
        assert_eq!(answer.status, 503);
        assert_eq!(answer.header("retry-after"), Some("10"), "{answer:?}");
        assert!(answer.json()["detail"].as_str().unwrap().contains("the disk behind the API is full"));
        eventually("clients are refused", || (load.refusals() >= REFUSALS).then_some(()));
        // What is stored can be read, so other nodes need not take over.
        for path in ["GET /readyz", "GET /v1/campaigns"] {
            let answer = ask(server.address, path, load.key(), None).unwrap();
            assert_eq!(answer.status, 200, "{path}: {answer:?}");
        }
        disk.free();
        load.wait_for_batches(CLIENTS as u64);
    });
    load.check(server.address, &tally);
    tell(fault, 0, &tally);
}

#[tokio::test]
async fn a_full_disk_below_sqlite_is_told_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let Some(disk) = Disk::with_room(16, folder.path()) else { return };
    let file = disk.path().join("adstead.db");
    let url = format!("sqlite://{}", file.display());
    let mut server = Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__DATABASE__URL", url));
    fill("disk_full_below_sqlite", &server, &disk);
    server.terminate();
    assert!(server.wait().success());

    let mut database: SqliteConnection =
        SqliteConnectOptions::new().filename(&file).read_only(true).connect().await.unwrap();
    let verdict: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut database).await.unwrap();
    assert_eq!(verdict, "ok");
}

#[tokio::test]
async fn a_full_disk_below_postgres_is_told_and_harms_nothing() {
    let Some(postgres) = started(Backend::Postgres) else { return };
    let Some(disk) = Disk::with_room(24, postgres.folder().unwrap()) else { return };
    let superuser = postgres.admin_url().replace("//adstead:", "//postgres:");
    let mut connection = PgConnection::connect(&superuser).await.unwrap();
    let place = disk.path().join("space");
    fs::create_dir(&place).unwrap();
    let owner = fs::metadata(disk.path()).unwrap();
    chown(&place, Some(owner.uid()), Some(owner.gid())).unwrap();
    for statement in [
        format!("CREATE TABLESPACE small LOCATION '{}'", place.display()),
        "CREATE DATABASE cramped OWNER adstead TABLESPACE small".to_owned(),
    ] {
        connection.execute(AssertSqlSafe(statement)).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.url_of("cramped");
    let server = Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__DATABASE__URL", url));
    fill("disk_full_below_postgres", &server, &disk);
    drop(server);
    // Raw events and roll-ups agree, each read from end to end.
    let mut connection = PgConnection::connect(&postgres.url_of("cramped")).await.unwrap();
    let counts = "SELECT (SELECT count(*) FROM performance_events), \
                  (SELECT sum(impressions)::bigint FROM performance_rollups)";
    let (events, counted): (i64, i64) = sqlx::query_as(counts).fetch_one(&mut connection).await.unwrap();
    assert_eq!(events, counted);
}
