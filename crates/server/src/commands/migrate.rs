use std::process::ExitCode;

use adstead_config::Settings;
use adstead_infrastructure::database::{DatabaseManager, Difference, MigrationStatus, SchemaError, Script};
use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::Serialize;

use super::{advise, is_agreed_at_terminal, print, print_json};
use crate::cli::{JsonArgs, MigrateArgs, MigrateCommand};
use crate::wire;

/// The migrations, and which of them were applied.
#[derive(Serialize)]
struct ShownMigrations<'a> {
    migrations: Vec<ShownMigration<'a>>,
    pending: usize,
}

#[derive(Serialize)]
struct ShownMigration<'a> {
    name: &'a str,
    applied_at: Option<Timestamp>,
}

/// In what the schema is not as it should be.
#[derive(Serialize)]
struct ShownDifferences<'a> {
    differences: Vec<ShownDifference<'a>>,
}

#[derive(Serialize)]
struct ShownDifference<'a> {
    table: &'a str,
    kind: &'a str,
    name: &'a str,
    expected: Option<&'a str>,
    found: Option<&'a str>,
    advice: &'static str,
}

pub(super) async fn migrate(settings: &Settings, args: MigrateArgs) -> Result<ExitCode> {
    let database = wire::open_database(&settings.database).await?;
    let done = match args.command.unwrap_or(MigrateCommand::Up { steps: None }) {
        MigrateCommand::Up { steps } => up(&database, steps).await,
        MigrateCommand::Down { steps, yes } => down(&database, steps, yes).await,
        MigrateCommand::Status(output) => status(&database, output).await,
        MigrateCommand::Verify(output) => verify(&database, output).await,
    };
    database.close().await;
    done.map_err(|error| match error.downcast::<SchemaError>() {
        Ok(error) => wire::of_database(error, &settings.database),
        Err(error) => error,
    })
}

async fn up(database: &DatabaseManager, steps: Option<u32>) -> Result<ExitCode> {
    let applied = database.migrate_by(steps.unwrap_or(u32::MAX)).await?;
    let missing = database.pending().await?.len();
    print(&match (applied.is_empty(), missing) {
        (true, _) => "the database has the schema of this version\n".to_owned(),
        (false, 0) => told("applied", &applied),
        (false, _) => format!("{}still missing: {missing}\n", told("applied", &applied)),
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn down(database: &DatabaseManager, steps: u32, is_agreed: bool) -> Result<ExitCode> {
    let scripts = database.roll_back_script(steps).await?;
    if scripts.is_empty() {
        print("no migration was applied, so there is none to take back\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    advise(&warning(&scripts));
    if !is_agreed && !is_agreed_at_terminal()? {
        bail!("nothing was taken back, as nobody agreed: answer `yes`, or give --yes");
    }
    print(&told("taken back", &database.roll_back(steps).await?))?;
    Ok(ExitCode::SUCCESS)
}

/// What will be lost.
fn warning(scripts: &[Script]) -> String {
    let script = |Script { migration, statements }: &Script| {
        let statements: String = statements.iter().map(|statement| format!("    {statement}\n")).collect();
        format!("  {migration}\n{statements}")
    };
    let scripts: String = scripts.iter().map(script).collect();
    format!("This is taken back, and what is stored in it is lost unless you have a backup:\n{scripts}")
}

async fn status(database: &DatabaseManager, output: JsonArgs) -> Result<ExitCode> {
    let migrations = database.migrations().await?;
    if output.json {
        let shown = migrations
            .iter()
            .map(|MigrationStatus { name, applied_at }| ShownMigration { name, applied_at: *applied_at });
        let pending = migrations.iter().filter(|it| it.applied_at.is_none()).count();
        print_json(&ShownMigrations { migrations: shown.collect(), pending })?;
        return Ok(ExitCode::SUCCESS);
    }
    let line = |MigrationStatus { name, applied_at }: &MigrationStatus| match applied_at {
        Some(at) => format!("applied {}  {name}\n", at.strftime("%Y-%m-%dT%H:%M:%SZ")),
        None => format!("missing                       {name}\n"),
    };
    print(&migrations.iter().map(line).collect::<String>())?;
    Ok(ExitCode::SUCCESS)
}

async fn verify(database: &DatabaseManager, output: JsonArgs) -> Result<ExitCode> {
    let differences = database.verify().await?;
    if output.json {
        print_json(&ShownDifferences {
            differences: differences.iter().map(ShownDifference::from).collect(),
        })?;
    } else if differences.is_empty() {
        print("the schema is what the migrations of this version make\n")?;
    } else {
        print(&differences.iter().map(|difference| format!("{difference}\n")).collect::<String>())?;
        advise("What the migrations make stands in docs/reference/schema.sql.");
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(what: &str, migrations: &[String]) -> String {
    migrations.iter().map(|name| format!("{what}: {name}\n")).collect()
}

impl<'a> From<&'a Difference> for ShownDifference<'a> {
    fn from(difference: &'a Difference) -> Self {
        let Difference { table, kind, name, expected, found } = difference;
        let (expected, found) = (expected.as_deref(), found.as_deref());
        Self { table, kind, name, expected, found, advice: difference.advice() }
    }
}
