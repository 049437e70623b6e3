//! A schema of somebody else: the manager without Adstead's tables.

use adstead_infrastructure::database::{
    DatabaseManager, Difference, Direction, Engine, Fault, Migrations, OpenError, Remains, SchemaError,
};
use futures::future::join_all;
use sea_orm::{DbBackend, DynIden};
use sea_orm_migration::prelude::*;

use super::databases::{Databases, catalogue, config_of, connect, execute};

/// A shop that keeps articles and orders of them.
struct Shop;

impl MigratorTrait for Shop {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Articles), Box::new(Orders)]
    }
}

/// The same shop, with notes of its own beside those of others.
struct Tenant;

impl MigratorTrait for Tenant {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        Shop::migrations()
    }

    fn migration_table_name() -> DynIden {
        "shop_migrations".into_iden()
    }
}

struct Articles;

impl MigrationName for Articles {
    fn name(&self) -> &str {
        ARTICLES
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "`MigrationTrait` was declared so")]
impl MigrationTrait for Articles {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make(manager, "articles", ColumnDef::new("id").integer().not_null().primary_key()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("articles").take()).await
    }
}

struct Orders;

impl MigrationName for Orders {
    fn name(&self) -> &str {
        ORDERS
    }
}

#[async_trait::async_trait]
#[expect(elided_lifetimes_in_paths, reason = "`MigrationTrait` was declared so")]
impl MigrationTrait for Orders {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        make(manager, "orders", ColumnDef::new("id").integer().not_null().primary_key()).await?;
        make(manager, "order_lines", ColumnDef::new("article").integer().not_null()).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(Table::drop().table("order_lines").take()).await?;
        manager.drop_table(Table::drop().table("orders").take()).await
    }
}

/// Makes a table of one column, the same whatever the defaults of the server.
async fn make(manager: &SchemaManager<'_>, name: &'static str, column: &mut ColumnDef) -> Result<(), DbErr> {
    let mut table = Table::create().table(name).col(column).take();
    if manager.get_database_backend() == DbBackend::MySql {
        table.engine("InnoDB").collate("utf8mb4_bin");
    }
    manager.create_table(table).await
}

const ARTICLES: &str = "m2026_01_05_000001_articles";
const ORDERS: &str = "m2026_02_09_000002_orders";

async fn open(url: &str, migrations: Migrations) -> Result<DatabaseManager, OpenError> {
    DatabaseManager::connect_with(&config_of(url.to_owned()), migrations).await
}

async fn shop(url: &str) -> DatabaseManager {
    open(url, Migrations::of::<Shop>()).await.expect("a database that opens")
}

/// Which tables there are.
async fn tables(database: &DatabaseManager) -> Vec<String> {
    let lines = catalogue(database).await;
    let table = |line: &String| Some(line.split_once(": table ")?.0.to_owned());
    lines.iter().filter_map(table).collect()
}

#[tokio::test]
async fn nodes_that_start_at_once_make_a_schema_without_adstead_s_tables() {
    for databases in Databases::on_each_engine() {
        let url = databases.empty().await;
        let nodes = join_all((0..8).map(|_| shop(&url))).await;
        let applied = join_all(nodes.iter().map(DatabaseManager::migrate)).await;
        let applied: Vec<_> =
            applied.into_iter().map(|outcome| outcome.expect("a schema that is up to date")).collect();
        assert_eq!(applied.concat(), [ARTICLES, ORDERS], "{}: each once", databases.label());
        for node in &nodes {
            node.ready().await.expect("the schema is up to date");
        }
        assert_eq!(tables(&nodes[0]).await, ["articles", "order_lines", "orders"], "{}", databases.label());
        join_all(nodes.iter().map(DatabaseManager::close)).await;
    }
}

#[tokio::test]
async fn a_database_lives_before_it_has_a_schema_and_until_it_is_closed() {
    for databases in Databases::on_each_engine() {
        let database = shop(&databases.empty().await).await;
        database.ready().await.expect_err("nothing was migrated");
        database.ping().await.unwrap_or_else(|error| panic!("{}: {error:?}", databases.label()));
        database.close().await;
        let error = database.ping().await.expect_err("it was closed");
        assert_eq!(error.fault, Fault::Closed, "{}", databases.label());
    }
}

#[tokio::test]
async fn it_goes_up_and_down_by_steps() {
    for databases in Databases::on_each_engine() {
        let database = shop(&databases.empty().await).await;
        assert!(database.is_empty().await.expect("a schema can be read"));
        assert_eq!(database.migrate_by(1).await.expect("a migration that applies"), [ARTICLES]);
        let migrations = database.migrations().await.expect("a schema can be read");
        let is_applied: Vec<_> =
            migrations.iter().map(|it| (it.name.as_str(), it.applied_at.is_some())).collect();
        assert_eq!(is_applied, [(ARTICLES, true), (ORDERS, false)], "{}", databases.label());
        let behind = database.ready().await.expect_err("one is missing").to_string();
        assert_eq!(behind, "the database's schema is 1 migration behind: run `migrate`");

        assert_eq!(database.migrate().await.expect("a migration that applies"), [ORDERS]);
        let script = database.roll_back_script(1).await.expect("a schema can be read");
        assert_eq!(script[0].statements.len(), 2, "{script:?}");
        let taken_back = database.roll_back(u32::MAX).await.expect("migrations that are taken back");
        assert_eq!(taken_back, [ORDERS, ARTICLES], "{}", databases.label());
        assert_eq!(tables(&database).await, [""; 0], "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn one_that_fails_says_where_the_schema_stands() {
    for databases in Databases::on_each_engine() {
        let database = shop(&databases.empty().await).await;
        execute(&database, "CREATE TABLE order_lines (theirs integer)").await;
        let Err(SchemaError::Failed { migration, direction, remains, source: _ }) = database.migrate().await
        else {
            panic!("a table is in the way")
        };
        assert_eq!((migration.as_str(), direction), (ORDERS, Direction::Up));
        let (expected, left) = match databases.engine {
            Engine::Sqlite | Engine::Postgres => (Remains::Nothing, &["order_lines"][..]),
            Engine::MariaDb => (
                Remains::Changes(vec!["made the table orders".to_owned()]),
                &["articles", "order_lines", "orders"][..],
            ),
        };
        assert_eq!(remains, expected, "{}", databases.label());
        assert_eq!(tables(&database).await, left, "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn one_of_a_newer_version_is_refused() {
    for databases in Databases::on_each_engine() {
        let url = databases.empty().await;
        let database = shop(&url).await;
        database.migrate().await.expect("migrations that apply");
        execute(&database, "INSERT INTO seaql_migrations VALUES ('m2031_01_01_000003_returns', 0)").await;
        database.close().await;
        let refusal = open(&url, Migrations::of::<Shop>()).await.err().expect("it is of a newer version");
        let expected = "the database was migrated by a newer version of this program (this one does not know \
                        m2031_01_01_000003_returns): run that version, or restore a backup";
        assert_eq!(refusal.to_string(), expected, "{}", databases.label());
    }
}

/// What the engines tell of the shop.
fn listed(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
        Engine::MariaDb => MARIADB,
    }
}

const SQLITE: &str = "\
articles: column id: integer not null
articles: index primary: (id)
articles: table articles: ordinary
order_lines: column article: integer not null
order_lines: table order_lines: ordinary
orders: column id: integer not null
orders: index primary: (id)
orders: table orders: ordinary";

const POSTGRES: &str = "\
articles: column id: integer not null
articles: index articles_pkey: primary USING btree (id)
articles: table articles: ordinary
order_lines: column article: integer not null
order_lines: table order_lines: ordinary
orders: column id: integer not null
orders: index orders_pkey: primary USING btree (id)
orders: table orders: ordinary";

const MARIADB: &str = "\
articles: column id: int not null
articles: index PRIMARY: unique (id)
articles: table articles: InnoDB utf8mb4_bin
order_lines: column article: int not null
order_lines: table order_lines: InnoDB utf8mb4_bin
orders: column id: int not null
orders: index PRIMARY: unique (id)
orders: table orders: InnoDB utf8mb4_bin";

#[tokio::test]
async fn it_is_compared_with_the_list_that_somebody_gave() {
    for databases in Databases::on_each_engine() {
        let url = databases.empty().await;
        let database = shop(&url).await;
        database.migrate().await.expect("migrations that apply");
        let refusal = database.verify().await.expect_err("nobody gave a list");
        assert!(matches!(refusal, SchemaError::Unlisted), "{refusal:?}");
        database.close().await;

        let migrations = Migrations::of::<Shop>().listed(listed);
        let database = open(&url, migrations).await.expect("a database that opens");
        assert_eq!(catalogue(&database).await, listed(databases.engine).lines().collect::<Vec<_>>());
        assert_eq!(database.verify().await.expect("a schema can be read"), []);
        execute(&database, "ALTER TABLE articles ADD COLUMN note bigint").await;
        let told = database.verify().await.expect("a schema can be read");
        let told: Vec<_> = told.iter().map(Difference::to_string).collect();
        let expected = "the column note of articles is none of this version's, `bigint`: \
                        drop it, or know that a later migration may stumble over it";
        assert_eq!(told, [expected], "{}", databases.label());
        database.close().await;
    }
}

#[tokio::test]
async fn it_may_share_a_database_with_adstead() {
    for databases in Databases::on_each_engine() {
        let url = databases.copy_of_template().await;
        let adstead = connect(&config_of(url.clone())).await;
        let before = catalogue(&adstead).await;
        let shop = open(&url, Migrations::of::<Tenant>()).await.expect("a database that opens");
        assert!(shop.is_empty().await.expect("a schema can be read"), "{}", databases.label());
        assert_eq!(shop.migrate().await.expect("migrations that apply"), [ARTICLES, ORDERS]);
        for database in [&adstead, &shop] {
            database.ready().await.expect("the schema is up to date");
        }
        assert_eq!(adstead.verify().await.expect("a schema can be read"), []);

        shop.roll_back(u32::MAX).await.expect("migrations that are taken back");
        execute(&shop, "DROP TABLE shop_migrations").await;
        assert_eq!(catalogue(&adstead).await, before, "{}: all of Adstead's is there", databases.label());
        shop.close().await;
        adstead.close().await;
    }
}
