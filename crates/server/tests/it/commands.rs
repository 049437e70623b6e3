use std::fs;
use std::process::Output;

use sqlx::{AssertSqlSafe, Connection, Executor, SqliteConnection};

use crate::server::{adstead, failure, json, stdout};

#[test]
fn every_fault_of_a_settings_file_is_told_with_its_line_and_the_nearest_key() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    fs::write(
        folder.path().join("config/local.toml"),
        "[api]\nbnid = \"127.0.0.1:1\"\n\n[cache]\nads_ttl = \"soon\"\n",
    )
    .unwrap();
    for arguments in [&["serve"][..], &["config", "check"], &["config", "show"], &["demo"]] {
        let (code, words) = failure(&mut adstead(folder.path(), arguments));
        assert_eq!(code, 2, "{words}");
        assert!(words.contains("config/local.toml:2: api.bnid"), "{words}");
        assert!(words.contains("api.bind"), "{words}");
        assert!(words.contains("config/local.toml:5: cache.ads_ttl"), "{words}");
    }
}

#[test]
fn a_log_filter_that_is_none_is_a_fault_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    let (code, words) =
        failure(adstead(folder.path(), &["config", "check"]).env("ADSTEAD__TELEMETRY__LOG", "adstead=loud"));
    assert_eq!(code, 2);
    assert!(words.contains("ADSTEAD__TELEMETRY__LOG: telemetry.log: "), "{words}");
}

#[test]
fn a_type_that_no_file_can_be_checked_for_is_a_fault_of_the_settings() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("config")).unwrap();
    let settings = "[storage]\nallowed_types = [\"image/png\", \"image/bmp\"]\n";
    fs::write(folder.path().join("config/local.toml"), settings).unwrap();
    let (code, words) = failure(&mut adstead(folder.path(), &["config", "check"]));
    assert_eq!(code, 2, "{words}");
    assert!(words.contains("config/local.toml:2: storage.allowed_types: "), "{words}");
    assert!(words.contains("image/bmp"), "{words}");
}

#[test]
fn settings_are_shown_with_their_origin() {
    let folder = tempfile::tempdir().unwrap();
    let shown = stdout(folder.path(), &["config", "show"]);
    assert!(shown.contains(r#"api.bind = "127.0.0.1:0""#), "{shown}");
    assert!(shown.contains("# ADSTEAD__API__BIND"), "{shown}");

    let shown = json(folder.path(), &["config", "show", "--json"]);
    let settings = shown["settings"].as_array().unwrap();
    let bind = settings.iter().find(|setting| setting["key"] == "api.bind").unwrap();
    assert_eq!(bind["origin"], "ADSTEAD__API__BIND");
}

#[test]
fn wrong_arguments_are_answered_with_the_right_ones() {
    let folder = tempfile::tempdir().unwrap();
    let key = |role, user| ["keys", "create", "--account", "Acme", "--user", user, "--role", role];

    let (code, words) = failure(&mut adstead(folder.path(), &key("boss", "ada@example.com")));
    assert_eq!(code, 2);
    assert!(words.contains("viewer, editor, reviewer, admin"), "{words}");

    let (code, words) = failure(&mut adstead(folder.path(), &key("editor", "ada")));
    assert_eq!(code, 2);
    assert!(words.contains("write it as name@example.com"), "{words}");

    let (code, words) =
        failure(&mut adstead(folder.path(), &["accounts", "create", "Acme", "--time-zone", "Mars/Base"]));
    assert_eq!(code, 2);
    assert!(words.contains("Mars/Base"), "{words}");

    let (code, words) = failure(&mut adstead(folder.path(), &key("editor", "ada@example.com")));
    assert_eq!(code, 1);
    assert!(words.contains("there is no account Acme: name it"), "{words}");
}

#[test]
fn an_account_and_its_keys_are_made_listed_and_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let create = ["accounts", "create", "Acme", "--time-zone", "Europe/Berlin", "--currency", "EUR"];
    let id = stdout(folder.path(), &create);
    let account = id.trim();
    assert_eq!(account.len(), 36, "{id}");
    let (code, words) = failure(&mut adstead(folder.path(), &create));
    assert_eq!(code, 1);
    assert!(words.contains("choose another name"), "{words}");

    let create = ["keys", "create", "--account", account, "--user", "ada@example.com", "--role", "editor"];
    let issued = json(folder.path(), &[&create[..], &["--json"]].concat());
    let (secret, id) = (issued["key"].as_str().unwrap(), issued["id"].as_str().unwrap());
    assert_eq!(stdout(folder.path(), &create).trim().len(), secret.len());

    let listed = stdout(folder.path(), &["keys", "list", "--account", "Acme"]);
    assert!(listed.contains(id) && !listed.contains(secret), "{listed}");
    stdout(folder.path(), &["keys", "revoke", "--account", "Acme", id]);
    let listed = json(folder.path(), &["keys", "list", "--account", "Acme", "--json"]);
    let keys = listed["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 2);
    let revoked = keys.iter().filter(|key| key["revoked_at"].is_string());
    assert_eq!(revoked.map(|key| &key["id"]).collect::<Vec<_>>(), [id]);
}

#[test]
fn figures_are_compared_with_their_events() {
    let folder = tempfile::tempdir().unwrap();
    stdout(folder.path(), &["accounts", "create", "Acme"]);
    stdout(folder.path(), &["accounts", "create", "Globex"]);
    let told = stdout(folder.path(), &["events", "rebuild"]);
    assert_eq!(told, "0 figures of 2 accounts equal their events\n");
    let rebuilt = json(folder.path(), &["events", "rebuild", "--account", "Acme", "--dry-run", "--json"]);
    assert_eq!(rebuilt["accounts"][0]["name"], "Acme");
    assert_eq!(rebuilt["accounts"][0]["since"], "1970-01-01T00:00:00Z");
    assert_eq!((&rebuilt["equal"], &rebuilt["differing"]), (&true.into(), &0.into()));
    let (code, words) = failure(&mut adstead(folder.path(), &["events", "rebuild", "--account", "Nobody"]));
    assert_eq!(code, 1);
    assert!(words.contains("there is no account Nobody: name it"), "{words}");
}

#[tokio::test]
async fn figures_that_differ_from_their_events_fail_a_dry_run() {
    let folder = tempfile::tempdir().unwrap();
    let account = stdout(folder.path(), &["accounts", "create", "Acme"]).trim().to_owned();
    let file = folder.path().join("data/adstead.db");
    let mut connection = SqliteConnection::connect(&format!("sqlite://{}", file.display())).await.unwrap();
    let id = format!("x'{}'", account.replace('-', ""));
    let of_no_event =
        format!("INSERT INTO performance_rollups VALUES ({id}, {id}, 1767225600000000, 3, 0, 0, 0, 0)");
    connection.execute(AssertSqlSafe(of_no_event)).await.unwrap();

    let dry_run = |json: &[&str]| {
        let command = [&["events", "rebuild", "--dry-run"], json].concat();
        let Output { status, stdout, .. } = adstead(folder.path(), &command).output().unwrap();
        (status.code(), String::from_utf8(stdout).unwrap())
    };
    let (code, told) = dry_run(&[]);
    assert_eq!(code, Some(1), "{told}");
    assert!(told.ends_with("1 figures differ: without --dry-run, they are mended\n"), "{told}");
    let (code, told) = dry_run(&["--json"]);
    assert!(code == Some(1) && told.contains(r#""equal":false"#), "{told}");

    let told = stdout(folder.path(), &["events", "rebuild"]);
    assert!(told.ends_with("1 figures were mended: all 1 of 1 accounts equal their events\n"), "{told}");
    assert_eq!(dry_run(&[]).0, Some(0));
}

#[test]
fn generated_documents_and_completions_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let reference = stdout(folder.path(), &["generate", "config-reference"]);
    assert_eq!(reference, adstead_config::reference_markdown());
    let openapi = json(folder.path(), &["generate", "openapi"]);
    assert!(
        openapi["paths"].as_object().unwrap().keys().any(|path| path.ends_with("/campaigns")),
        "{openapi}"
    );
    let schema = stdout(folder.path(), &["generate", "schema"]);
    for engine in ["SQLite", "PostgreSQL", "MariaDB and MySQL"] {
        let (_, section) = schema.split_once(&format!("-- ═══ {engine} ═══\n")).unwrap();
        assert!(section.contains("CREATE TABLE"), "{schema}");
    }
    for shell in ["bash", "zsh", "fish"] {
        assert!(stdout(folder.path(), &["completions", shell]).contains("adstead"));
    }
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "a command that only prints left something behind"
    );
}
