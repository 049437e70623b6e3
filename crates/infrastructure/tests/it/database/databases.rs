//! Databases for tests: each test has its own, on any engine, from a template that is migrated once.

use std::error::Error;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use adstead_backends::{Backend, Server, available};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseError, DatabaseManager, Engine};
use sea_orm::sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection, Row};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, Statement};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// Databases of one test. Files are in a folder that goes when this goes; databases of a server go with the server.
pub(super) struct Databases {
    pub(super) engine: Engine,
    pub(super) folder: TempDir,
    /// The last one that was handed out, to be wiped and handed out again once nobody else has it.
    last: Mutex<Option<Arc<DatabaseManager>>>,
}

impl Databases {
    /// SQLite files.
    pub(super) fn new() -> Self {
        Self::on(Engine::Sqlite)
    }

    pub(super) fn on(engine: Engine) -> Self {
        Self { engine, folder: tempfile::tempdir().expect("a temporary folder"), last: Mutex::default() }
    }

    /// Databases on each engine there is. One that is missing is told of, and fails where all are required.
    pub(super) fn on_each_engine() -> impl Iterator<Item = Self> {
        [Engine::Sqlite, Engine::Postgres, Engine::MariaDb].into_iter().filter(is_there).map(Self::on)
    }

    /// Databases on the engine of a server.
    pub(super) fn on_backend(backend: Backend) -> Self {
        match backend {
            Backend::Postgres => Self::on(Engine::Postgres),
            Backend::MariaDb => Self::on(Engine::MariaDb),
            _ => {
                unreachable!("it holds no tables")
            }
        }
    }

    /// The engine's name, as the tally of contracts shows it.
    pub(super) fn label(&self) -> &'static str {
        match self.engine {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
            Engine::MariaDb => "MariaDB",
        }
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// An empty database with the schema of this build: a copy of one that was migrated once, or one that is free again.
    pub(super) async fn migrated(&self) -> Arc<DatabaseManager> {
        let free =
            self.last.lock().expect("no test panics with it").take().filter(|it| Arc::strong_count(it) == 1);
        let database = match free {
            Some(used) => {
                wipe(&used).await;
                used
            }
            None => Arc::new(connect(&config_of(self.copy_of_template().await)).await),
        };
        *self.last.lock().expect("no test panics with it") = Some(Arc::clone(&database));
        database
    }

    /// The address of an empty database of its own.
    pub(super) async fn empty(&self) -> String {
        match self.engine {
            Engine::Sqlite => url_of(&self.path(&unique_name())),
            Engine::Postgres | Engine::MariaDb => create_on_server(self.engine, None).await,
        }
    }

    /// A database in which nothing is.
    pub(super) async fn open_empty(&self) -> DatabaseManager {
        connect(&config_of(self.empty().await)).await
    }

    /// The address of a database of its own with the schema of this build.
    pub(super) async fn copy_of_template(&self) -> String {
        match self.engine {
            Engine::Sqlite => {
                let path = self.path(&unique_name());
                std::fs::copy(sqlite_template().await, &path).expect("the template can be copied");
                url_of(&path)
            }
            Engine::Postgres => {
                static TEMPLATE: OnceCell<String> = OnceCell::const_new();
                let template = TEMPLATE.get_or_init(|| migrated_template(Engine::Postgres)).await;
                create_on_server(Engine::Postgres, Some(database_of(template))).await
            }
            Engine::MariaDb => {
                static TEMPLATE: OnceCell<String> = OnceCell::const_new();
                let template = TEMPLATE.get_or_init(|| migrated_template(Engine::MariaDb)).await;
                let copy = create_on_server(Engine::MariaDb, None).await;
                copy_tables(template, &copy).await;
                copy
            }
        }
    }
}

fn unique_name() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("adstead_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

pub(super) fn url_of(path: &Path) -> String {
    format!("sqlite://{}", path.display())
}

pub(super) fn config(path: &Path) -> DatabaseConfig {
    config_of(url_of(path))
}

pub(super) fn config_of(url: String) -> DatabaseConfig {
    DatabaseConfig {
        max_connections: 4,
        acquire_timeout: Duration::from_secs(30),
        ..DatabaseConfig::new(url)
    }
}

pub(super) async fn open(path: &Path) -> DatabaseManager {
    connect(&config(path)).await
}

pub(super) async fn connect(config: &DatabaseConfig) -> DatabaseManager {
    DatabaseManager::connect(config).await.expect("a database that opens")
}

/// A database that was migrated and closed, once for all tests.
async fn sqlite_template() -> &'static Path {
    static TEMPLATE: OnceCell<(TempDir, PathBuf)> = OnceCell::const_new();
    let migrate = async || {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("template.db");
        let database = open(&path).await;
        database.migrate().await.expect("migrations that apply");
        database.close().await;
        (folder, path)
    };
    &TEMPLATE.get_or_init(migrate).await.1
}

async fn migrated_template(engine: Engine) -> String {
    let url = create_on_server(engine, None).await;
    let database = connect(&config_of(url.clone())).await;
    database.migrate().await.expect("migrations that apply");
    database.close().await;
    url
}

fn is_there(engine: &Engine) -> bool {
    match engine {
        Engine::Sqlite => true,
        Engine::Postgres | Engine::MariaDb => server_url(*engine).is_some(),
    }
}

/// The address of a database on the engine's server, from which others are made.
fn server_url(engine: Engine) -> Option<String> {
    let backend = match engine {
        Engine::Sqlite => return None,
        Engine::Postgres => Backend::Postgres,
        Engine::MariaDb => Backend::MariaDb,
    };
    available(backend).map(Server::url)
}

/// Makes a database on the engine's server, and answers its address.
async fn create_on_server(engine: Engine, template: Option<&str>) -> String {
    let server = server_url(engine).expect("a server of this engine");
    let name = unique_name();
    let template = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
    let create = AssertSqlSafe(format!("CREATE DATABASE {name}{template}"));
    match engine {
        Engine::Postgres => {
            let mut connection = PgConnection::connect(&server).await.expect("a server that answers");
            connection.execute(create).await.expect("a database can be made");
        }
        Engine::MariaDb => {
            let mut connection = MySqlConnection::connect(&server).await.expect("a server that answers");
            connection.execute(create).await.expect("a database can be made");
        }
        Engine::Sqlite => unreachable!("it has no server"),
    }
    let (before, _) = server.rsplit_once('/').expect("an address ends with its database");
    format!("{before}/{name}")
}

fn database_of(url: &str) -> &str {
    url.rsplit_once('/').expect("an address ends with its database").1
}

/// MariaDB has no templates: the tables are made as those of the template were.
async fn copy_tables(template: &str, copy: &str) {
    let mut from = MySqlConnection::connect(template).await.expect("a server that answers");
    let mut to = MySqlConnection::connect(copy).await.expect("a server that answers");
    to.execute("SET foreign_key_checks = 0").await.expect("a setting of the session");
    let tables = from.fetch_all("SHOW TABLES").await.expect("tables can be listed");
    for table in tables {
        let table: String = table.get(0);
        let show = AssertSqlSafe(format!("SHOW CREATE TABLE {table}"));
        let create: String = from.fetch_one(show).await.expect("a table can be shown").get(1);
        to.execute(AssertSqlSafe(create)).await.expect("a table can be made");
    }
    let rows =
        format!("INSERT INTO seaql_migrations SELECT * FROM {}.seaql_migrations", database_of(template));
    to.execute(AssertSqlSafe(rows)).await.expect("migrations can be noted");
}

/// Empties all tables but that of the migrations.
async fn wipe(database: &DatabaseManager) {
    let tables = match database.engine() {
        Engine::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table'",
        Engine::Postgres => {
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition"
        }
        Engine::MariaDb => "SELECT table_name FROM information_schema.tables WHERE table_schema = database()",
    };
    database
        .transaction(async |tx| {
            let backend = tx.get_database_backend();
            let rows = tx.query_all_raw(Statement::from_string(backend, tables)).await?;
            let mut names = Vec::new();
            for row in rows {
                names.push(row.try_get_by_index::<String>(0)?);
            }
            let names =
                names.into_iter().filter(|name| name != "seaql_migrations" && !name.starts_with("sqlite_"));
            delete_from(tx, &names.collect::<Vec<_>>()).await
        })
        .await
        .expect("tables can be emptied");
}

/// Whatever refers to what: it all goes.
async fn delete_from(tx: &DatabaseTransaction, tables: &[String]) -> Result<(), DatabaseError> {
    let deletes: Vec<_> = tables.iter().map(|table| format!("DELETE FROM {table}")).collect();
    let statements = match tx.get_database_backend() {
        DbBackend::Postgres => {
            // What the case before broke off may still be rolling back.
            vec!["SET LOCAL lock_timeout = '60s'".to_owned(), format!("TRUNCATE {}", tables.join(", "))]
        }
        DbBackend::MySql => {
            let (off, on) = ("SET foreign_key_checks = 0", "SET foreign_key_checks = 1");
            [vec![off.to_owned()], deletes, vec![on.to_owned()]].concat()
        }
        _ => [vec!["PRAGMA defer_foreign_keys = ON".to_owned()], deletes].concat(),
    };
    for statement in statements {
        tx.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// Does what SQL says.
pub(super) async fn execute(database: &DatabaseManager, sql: &str) {
    let execute = database.transaction(async |tx| {
        tx.execute_unprepared(sql).await?;
        Ok::<_, DatabaseError>(())
    });
    execute.await.unwrap_or_else(|error| panic!("{sql}: {:?}", error.source()));
}

/// What the schema is made of.
pub(super) async fn catalogue(database: &DatabaseManager) -> Vec<String> {
    database.catalogue().await.expect("a schema can be read")
}
