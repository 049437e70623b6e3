//! The least that a server can be which reads an ad from SQLite: axum, sqlx, and no account, cache, log or limit.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions};
use tempfile::TempDir;

/// Serves `body` as the ad `id` for the rest of the process.
pub(crate) fn serve(id: &str, body: Vec<u8>) -> SocketAddr {
    let (told, address) = mpsc::channel();
    let id = id.to_owned();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let folder = TempDir::new().expect("a temporary folder");
            let router = Router::new()
                .route("/v1/ads/{id}", get(read))
                .with_state(database(folder.path(), &id, body).await);
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
            told.send(listener.local_addr().expect("an address")).expect("somebody waits");
            let listener = listener.tap_io(|connection| connection.set_nodelay(true).expect("TCP"));
            axum::serve(listener, router).await.expect("the server runs on");
        });
    });
    address.recv().expect("the server started")
}

async fn database(folder: &std::path::Path, id: &str, body: Vec<u8>) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(folder.join("ads.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal);
    let pool =
        SqlitePoolOptions::new().max_connections(8).test_before_acquire(false).connect_with(options).await;
    let pool = pool.expect("a new database");
    let table = "CREATE TABLE ads (id TEXT PRIMARY KEY, body BLOB NOT NULL) WITHOUT ROWID";
    sqlx::query(table).execute(&pool).await.expect("a table");
    sqlx::query("INSERT INTO ads VALUES (?, ?)").bind(id).bind(body).execute(&pool).await.expect("an ad");
    pool
}

async fn read(State(pool): State<SqlitePool>, Path(id): Path<String>) -> Response {
    let found =
        sqlx::query_scalar::<_, Vec<u8>>("SELECT body FROM ads WHERE id = ?").bind(id).fetch_optional(&pool);
    match found.await.expect("the database answers") {
        Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
