//! `adstead migrate`, as an operator uses it.

use serde_json::Value;

use crate::server::{adstead, failure, json, stdout};

#[test]
fn the_schema_goes_up_and_down_by_steps() {
    let folder = tempfile::tempdir().unwrap();
    let applied = stdout(folder.path(), &["migrate", "up", "--steps", "2"]);
    let lines: Vec<_> = applied.lines().collect();
    assert_eq!(lines.len(), 3, "{applied}");
    assert_eq!(lines[..2], ["applied: m2026_11_23_000001_accounts", "applied: m2026_11_23_000002_campaigns"]);
    assert!(lines[2].starts_with("still missing: "), "{applied}");

    let status = json(folder.path(), &["migrate", "status", "--json"]);
    let migrations = status["migrations"].as_array().unwrap();
    let is_applied: Vec<_> = migrations.iter().map(|it| it["applied_at"].is_string()).collect();
    assert_eq!(is_applied[..3], [true, true, false], "{status}");
    assert_eq!(status["pending"], migrations.len() - 2, "{status}");

    let (code, words) = failure(&mut adstead(folder.path(), &["migrate", "verify"]));
    assert_eq!(code, 1);
    assert!(words.contains("behind: run `migrate`"), "{words}");

    let rest = stdout(folder.path(), &["migrate"]);
    assert_eq!(rest.lines().count(), migrations.len() - 2, "{rest}");
    assert_eq!(stdout(folder.path(), &["migrate", "up"]), "the database has the schema of this version\n");

    let taken_back = stdout(folder.path(), &["migrate", "down", "--yes", "--steps", "100"]);
    let expected: Vec<_> =
        migrations.iter().rev().map(|it| format!("taken back: {}", it["name"].as_str().unwrap())).collect();
    assert_eq!(taken_back.lines().collect::<Vec<_>>(), expected);
    let nothing = stdout(folder.path(), &["migrate", "down", "--yes"]);
    assert_eq!(nothing, "no migration was applied, so there is none to take back\n");
}

#[test]
fn nothing_is_taken_back_unless_somebody_agrees() {
    let folder = tempfile::tempdir().unwrap();
    stdout(folder.path(), &["migrate"]);
    let (code, words) = failure(&mut adstead(folder.path(), &["migrate", "down"]));
    assert_eq!(code, 1);
    let newest = json(folder.path(), &["migrate", "status", "--json"])["migrations"]
        .as_array()
        .and_then(|all| all.last()?["name"].as_str().map(str::to_owned))
        .unwrap();
    let told = "This is taken back, and what is stored in it is lost unless you have a backup:\n";
    assert!(words.starts_with(&format!("{told}  {newest}\n    DROP ")), "{words}");
    let end = "error: nothing was taken back, as nobody agreed: answer `yes`, or give --yes\n";
    assert!(words.ends_with(end), "{words}");
    assert_eq!(stdout(folder.path(), &["migrate", "up"]), "the database has the schema of this version\n");

    let (code, _) = failure(&mut adstead(folder.path(), &["migrate", "down", "--steps", "0"]));
    assert_eq!(code, 2);
}

#[tokio::test]
async fn what_somebody_changed_by_hand_is_told_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    stdout(folder.path(), &["migrate"]);
    let whole = stdout(folder.path(), &["migrate", "verify"]);
    assert_eq!(whole, "the schema is what the migrations of this version make\n");
    let whole = json(folder.path(), &["migrate", "verify", "--json"]);
    assert_eq!(whole["differences"].as_array().map(Vec::len), Some(0), "{whole}");

    let file = sqlx::sqlite::SqliteConnectOptions::new().filename(folder.path().join("data/adstead.db"));
    let database = sqlx::SqlitePool::connect_with(file).await.unwrap();
    sqlx::query("DROP INDEX ix_ads_account_id_status_id").execute(&database).await.unwrap();
    database.close().await;

    let output = adstead(folder.path(), &["migrate", "verify"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("docs/reference/schema.sql"));
    let told = "the index ix_ads_account_id_status_id of ads is missing, `(account_id, status, id)`: \
                create it as the migrations do\n";
    assert_eq!(String::from_utf8(output.stdout).unwrap(), told);

    let output = adstead(folder.path(), &["migrate", "verify", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let [difference] = &told["differences"].as_array().unwrap()[..] else { panic!("{told}") };
    assert_eq!(difference["name"], "ix_ads_account_id_status_id");
    assert_eq!(difference["expected"], "(account_id, status, id)");
    assert_eq!(difference["found"], Value::Null);
}
