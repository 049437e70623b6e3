//! Where is measured: a folder for files, or a server of our own, with as many databases as it takes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use adstead_backends::{Backend, Server, durable, started};
use adstead_domain::{Account, Ad, AdGroup, Campaign};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager, Engine};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_testkit::build;
use jiff::Timestamp;
use sqlx::{AssertSqlSafe, Connection, Executor, MySqlConnection, PgConnection};
use tempfile::TempDir;

use crate::raw::Raw;

/// When the first event happens.
pub(crate) const START: Timestamp = Timestamp::constant(1_773_014_400, 0);

/// An engine that databases are made on.
pub(crate) struct Site {
    engine: Engine,
    place: Place,
    databases: AtomicU32,
}

enum Place {
    Folder(TempDir),
    Server(Server),
}

/// A database with the schema of this build, and the same past us.
pub(crate) struct Database {
    pub(crate) manager: Arc<DatabaseManager>,
    pub(crate) repositories: RepositoryFactory,
    pub(crate) raw: Raw,
}

/// An account with a campaign and a group to put ads in.
pub(crate) struct Tenant {
    pub(crate) account: Account,
    pub(crate) campaign: Campaign,
    pub(crate) group: AdGroup,
}

impl Site {
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }

    /// None where the machine lacks the engine.
    pub(crate) async fn open(engine: Engine) -> Option<Self> {
        let place = match engine {
            Engine::Sqlite => Place::Folder(tempfile::tempdir().expect("a temporary folder")),
            Engine::Postgres => Place::Server(durable(Backend::Postgres)?),
            Engine::MariaDb => Place::Server(durable(Backend::MariaDb)?),
        };
        Some(Self { engine, place, databases: AtomicU32::new(0) })
    }

    /// As [`open`](Self::open), with a server that waits for no disk: for what is to be told apart from waiting. SQLite
    /// waits in any case.
    pub(crate) async fn hasty(engine: Engine) -> Option<Self> {
        let place = match engine {
            Engine::Sqlite => return Self::open(engine).await,
            Engine::Postgres => Place::Server(started(Backend::Postgres)?),
            Engine::MariaDb => Place::Server(started(Backend::MariaDb)?),
        };
        Some(Self { engine, place, databases: AtomicU32::new(0) })
    }

    /// A new database.
    pub(crate) async fn database(&self) -> Database {
        let url = self.make_database().await;
        let manager = DatabaseManager::connect(&DatabaseConfig::new(&url)).await.expect("it opens");
        manager.migrate().await.expect("migrations that apply");
        let manager = Arc::new(manager);
        let repositories = RepositoryFactory::new(Arc::clone(&manager));
        Database { manager, repositories, raw: Raw::open(self.engine, &url).await }
    }

    /// Makes a database, and answers its address.
    async fn make_database(&self) -> String {
        let name = format!("bench_{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}"));
        match &self.place {
            Place::Folder(folder) => format!("sqlite://{}", folder.path().join(name).display()),
            Place::Server(server) => {
                let admin = server.admin_url();
                if self.engine == Engine::Postgres {
                    let mut connection = PgConnection::connect(&admin).await.expect("it answers");
                    connection.execute(create).await.expect("a database");
                } else {
                    let mut connection = MySqlConnection::connect(&admin).await.expect("it answers");
                    connection.execute(create).await.expect("a database");
                }
                server.url_of(&name)
            }
        }
    }
}

impl Database {
    /// Stores a new account with a campaign and a group.
    pub(crate) async fn tenant(&self) -> Tenant {
        let account = build::account();
        let user = build::user(&account);
        let campaign = build::campaign(&user);
        let group = build::ad_group(&campaign);
        let accounts = self.repositories.accounts();
        accounts.insert(&account).await.expect("an account");
        accounts.insert_user(&user).await.expect("a user");
        self.repositories.campaigns().insert(&campaign, &[]).await.expect("a campaign");
        self.repositories.ad_groups().insert(&group, &[]).await.expect("a group");
        Tenant { account, campaign, group }
    }

    /// Stores `count` new ads.
    pub(crate) async fn ads(&self, tenant: &Tenant, count: usize) -> Vec<Ad> {
        let ads: Vec<_> = (0..count).map(|_| build::ad(&tenant.group, &tenant.campaign)).collect();
        for some in ads.chunks(2_000) {
            self.repositories.ads().insert_all(some, &[]).await.expect("ads");
        }
        ads
    }
}
