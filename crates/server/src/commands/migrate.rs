use adstead_config::Settings;
use anyhow::Result;

use super::print;
use crate::cli::MigrateArgs;
use crate::wire;

pub(super) async fn migrate(settings: &Settings, args: MigrateArgs) -> Result<()> {
    let database = wire::open_database(&settings.database).await?;
    let told = if args.status {
        tell(&database.pending().await?, "missing")
    } else {
        tell(&database.migrate().await?, "applied")
    };
    database.close().await;
    Ok(print(&told)?)
}

fn tell(migrations: &[String], what: &str) -> String {
    if migrations.is_empty() {
        return "the database has the schema of this version\n".to_owned();
    }
    migrations.iter().map(|name| format!("{what}: {name}\n")).collect()
}
