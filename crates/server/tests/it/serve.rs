use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use adstead_testkit::contract::files::png;
use serde_json::json;
use sqlx::{Connection, Executor, SqliteConnection};

use crate::http::{Request, ask, succeed};
use crate::server::{Server, adstead, eventually, failure, json, stdout};

/// A file of which more than half was sent is on the disk by then: it is written by the MiB.
const LARGE: usize = 4 << 20;
const BEGUN: usize = 3 << 20;

/// A file that is being stored.
fn staged_file(folder: &Path) -> Option<PathBuf> {
    let mut staged = fs::read_dir(folder.join("data/files/.staging")).ok()?;
    staged.next().map(|file| file.unwrap().path())
}

#[test]
fn the_first_start_prints_a_key_and_the_second_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut first = Server::start(folder.path());
    let key = first.first_key();
    succeed(first.address, "GET /v1/reports/summary", &key, None);
    first.terminate();
    assert!(first.wait().success());

    let mut second = Server::start(folder.path());
    succeed(second.address, "GET /v1/reports/summary", &key, None);
    second.terminate();
    assert!(second.wait().success());
    assert_eq!(second.printed(), Vec::<String>::new());
}

#[test]
fn the_key_is_in_no_log() {
    let folder = tempfile::tempdir().unwrap();
    let mut server =
        Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__TELEMETRY__LOG", "trace"));
    let key = server.first_key();
    succeed(server.address, "GET /v1/reports/summary", &key, None);
    server.terminate();
    assert!(server.wait().success());

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(log.contains("listening"), "{log}");
    assert!(!log.contains(&key["adstead_".len()..]), "{log}");
}

#[test]
fn sigterm_lets_an_upload_under_way_finish() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let key = server.first_key();
    let file = png(640, 480, LARGE);
    let mut upload =
        Request::begin(server.address, "POST /v1/assets?name=dot.png", &key, "image/png", file.len())
            .unwrap();
    upload.send(&file[..BEGUN]).unwrap();
    eventually("the upload has begun", || staged_file(folder.path()));

    server.terminate();
    eventually("the server takes no more connections", || TcpStream::connect(server.address).err());
    upload.send(&file[BEGUN..]).unwrap();

    let answer = upload.finish().unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    assert!(server.wait().success());
}

#[tokio::test]
async fn uses_of_keys_are_noted_before_a_server_ends() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let create = ["keys", "create", "--account", "default", "--user", "ada@example.com", "--role", "viewer"];
    let keys = [(); 3].map(|()| stdout(folder.path(), &create).trim().to_owned());
    let file = folder.path().join("data/adstead.db");
    let mut other = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    // No note is written while somebody else has the lock: one waits for it, and the others for that one.
    other.execute("BEGIN IMMEDIATE").await.unwrap();
    for key in &keys {
        succeed(server.address, "GET /v1/reports/summary", key, None);
    }
    server.terminate();
    eventually("the server takes no more connections", || TcpStream::connect(server.address).err());
    other.execute("ROLLBACK").await.unwrap();
    assert!(server.wait().success());

    let log = fs::read_to_string(folder.path().join("log")).unwrap();
    assert!(!log.contains("the use of a key was not noted"), "{log}");
    let listed = json(folder.path(), &["keys", "list", "--account", "default", "--json"]);
    let used = listed["keys"].as_array().unwrap().iter().filter(|key| key["last_used_at"].is_string());
    assert_eq!(used.count(), keys.len(), "{listed}");
}

#[test]
fn a_request_that_outlasts_the_grace_is_cut_off() {
    let folder = tempfile::tempdir().unwrap();
    let mut server =
        Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__API__SHUTDOWN_GRACE", "100ms"));
    let key = server.first_key();
    let mut upload =
        Request::begin(server.address, "POST /v1/assets?name=dot.png", &key, "image/png", LARGE).unwrap();
    upload.send(&png(640, 480, LARGE)[..BEGUN]).unwrap();
    eventually("the upload has begun", || staged_file(folder.path()));
    server.terminate();
    assert_eq!(server.wait().code(), Some(1));
}

#[test]
fn a_taken_port_is_told_with_the_setting_that_chooses_another() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let (code, words) = failure(adstead(folder.path(), &["serve"]).env("ADSTEAD__API__BIND", &address));

    assert_eq!(code, 1);
    assert!(words.contains(&address), "{words}");
    assert!(words.contains("api.bind or ADSTEAD__API__BIND"), "{words}");
    assert!(!folder.path().join("data").exists(), "a start that failed left a database");
}

#[test]
fn a_data_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("data"), "a file, not a folder").unwrap();
    let (code, words) = failure(&mut adstead(folder.path(), &["serve"]));
    assert_eq!(code, 1);
    assert!(words.contains("the folder data cannot be made"), "{words}");
    assert!(words.contains("database.url or ADSTEAD__DATABASE__URL"), "{words}");

    fs::remove_file(folder.path().join("data")).unwrap();
    fs::write(folder.path().join("files"), "a file, not a folder").unwrap();
    let (code, words) =
        failure(adstead(folder.path(), &["serve"]).env("ADSTEAD__STORAGE__LOCAL__ROOT", "files"));
    assert_eq!(code, 1);
    assert!(words.contains("storage.local.root or ADSTEAD__STORAGE__LOCAL__ROOT"), "{words}");
}

#[test]
fn without_migrations_on_start_an_old_schema_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    let (code, words) = failure(command.env("ADSTEAD__DATABASE__MIGRATE_ON_START", "false"));
    assert_eq!(code, 1);
    assert!(words.contains("behind: run `migrate`"), "{words}");

    assert!(stdout(folder.path(), &["migrate", "status"]).contains("missing "));
    assert!(stdout(folder.path(), &["migrate"]).contains("applied: "));
    assert!(stdout(folder.path(), &["migrate"]).contains("has the schema of this version"));
    let mut command = adstead(folder.path(), &["serve"]);
    Server::spawn(command.env("ADSTEAD__DATABASE__MIGRATE_ON_START", "false")).first_key();
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    stdout(folder.path(), &["migrate"]);
    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("data/adstead.db"));
    let database = sqlx::SqlitePool::connect_with(file).await.unwrap();
    sqlx::query("INSERT INTO seaql_migrations (version, applied_at) VALUES ('m2099_01_01_000001_later', 0)")
        .execute(&database)
        .await
        .unwrap();
    database.close().await;

    for arguments in [&["serve"][..], &["migrate"], &["accounts", "create", "Acme"]] {
        let (code, words) = failure(&mut adstead(folder.path(), arguments));
        assert_eq!(code, 1);
        assert!(words.contains("newer version of this program"), "{words}");
        assert!(words.contains("m2099_01_01_000001_later"), "{words}");
    }
}

#[test]
fn a_key_that_is_made_beside_a_running_server_works_at_once_and_a_revoked_one_stops_within_two_seconds() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let account = json(folder.path(), &["accounts", "create", "Acme", "--json"]);
    let id = account["id"].as_str().unwrap();
    let create =
        ["keys", "create", "--account", id, "--user", "ada@example.com", "--role", "editor", "--json"];
    let issued = json(folder.path(), &create);
    let key = issued["key"].as_str().unwrap();
    succeed(server.address, "GET /v1/campaigns", key, None);

    stdout(folder.path(), &["keys", "revoke", "--account", "Acme", issued["id"].as_str().unwrap()]);
    let revoked = Instant::now();
    let refused = eventually("the key is refused", || {
        Some(ask(server.address, "GET /v1/campaigns", key, None).unwrap())
            .filter(|answer| answer.status != 200)
    });
    assert_eq!(refused.status, 401, "{refused:?}");
    assert!(revoked.elapsed() < Duration::from_millis(2_200), "{:?}", revoked.elapsed());
}

#[test]
fn what_is_stored_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let key = server.first_key();
    let budget = json!({ "currency": "EUR", "amount_micros": 1_000_000 });
    let campaign = json!({ "name": "Spring", "objective": "sales", "platform": "google", "budget": budget });
    let made = succeed(server.address, "POST /v1/campaigns", &key, Some(&campaign));
    server.terminate();
    assert!(server.wait().success());

    let server = Server::start(folder.path());
    let path = format!("GET /v1/campaigns/{}", made["id"].as_str().unwrap());
    assert_eq!(succeed(server.address, &path, &key, None), made);
}

#[test]
fn a_second_report_is_the_first_one_for_as_long_as_the_settings_say() {
    let folder = tempfile::tempdir().unwrap();
    let mut server =
        Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__CACHE__REPORTS_TTL", "24h"));
    let key = server.first_key();
    let report = |server: &Server| {
        let answer = ask(server.address, "GET /v1/reports/performance", &key, None).unwrap();
        assert!(answer.header("age").is_some_and(|age| age.parse::<u32>().is_ok()), "{answer:?}");
        (answer.json()["computed_at"].clone(), answer.header("cache-control").unwrap().to_owned())
    };
    let first = report(&server);
    assert_eq!(report(&server), first);
    assert_eq!(first.1, "private, max-age=86400");
    server.terminate();
    assert!(server.wait().success());

    let server = Server::spawn(adstead(folder.path(), &["serve"]).env("ADSTEAD__CACHE__ENABLED", "false"));
    let first = report(&server);
    assert_eq!(first.1, "private, no-cache");
    assert_ne!(report(&server).0, first.0);
}
