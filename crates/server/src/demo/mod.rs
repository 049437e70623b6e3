//! `adstead demo`: a whole advertising cycle, over the real HTTP API of a server that it starts.

mod creation;
mod cycle;
mod ledger;
mod measurement;
mod neighbours;
mod outcome;
mod picture;
mod pictures;
mod plan;
mod preview;
mod stage;
mod tables;
mod telling;
mod traffic;

use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};

use adstead_config::{Loaded, Settings};
use anyhow::{Context, Result, anyhow, ensure};

use neighbours::Neighbours;
pub use outcome::{CacheUse, Figures, Outcome, Step, Told, UploadedAsset, UploadedPast};
use stage::Stage;

use crate::wire;

/// The settings with the demo's own log level: its steps are told on stdout.
#[must_use]
pub fn settings(mut loaded: Loaded) -> Loaded {
    "warn".clone_into(&mut loaded.settings.telemetry.log);
    loaded
}

/// Plays the demo in a temporary folder, and tells a person or, as one line of JSON, a program. Whether all went well.
///
/// # Errors
/// Where there is no temporary folder, or nobody to tell.
pub async fn run(settings: Settings, json: bool) -> Result<bool> {
    let folder = tempfile::Builder::new()
        .prefix("adstead-demo-")
        .tempdir()
        .context("no temporary folder can be made: make room, or name another place by TMPDIR")?;
    let root = folder
        .path()
        .to_str()
        .context("the path of the temporary folder is not UTF-8: name another by TMPDIR")?;
    let mut settings = in_folder(settings, root).await?;
    let mut neighbours = Neighbours::start().await?;
    neighbours.introduce(&mut settings)?;

    let mut stage = if json { Stage::unseen() } else { Stage::on_stdout() };
    let mut outcome = Outcome::default();
    let played = tokio::select! {
        played = cycle::play(&mut stage, &mut outcome, settings.clone(), &mut neighbours) => played,
        _ = tokio::signal::ctrl_c() => Err(anyhow!("it was interrupted")),
    };
    let removed = wire::remove_files(&settings.storage).await.context("its files cannot be removed");
    let played = played.and(removed);
    outcome.ok = played.is_ok();
    if json {
        outcome.steps = stage.steps;
        writeln!(io::stdout(), "{}", serde_json::to_string(&outcome)?)?;
    } else {
        cycle::summarise(&stage, &outcome)?;
    }
    if let Err(error) = played {
        writeln!(io::stderr(), "the demo failed: {error:#}")?;
    }
    folder.close().context("the temporary folder cannot be removed")?;
    Ok(outcome.ok)
}

/// The settings with all that is stored below `root`, but for a database on a server and files in a bucket, where it is kept
/// apart from all else, and a port that the system chooses.
///
/// # Errors
/// A database on a server that holds something: the demo would leave its accounts among the others.
async fn in_folder(mut settings: Settings, root: &str) -> Result<Settings> {
    settings.api.bind = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    if settings.database.url.is_of_server() {
        let database = wire::open_database(&settings.database).await?;
        let is_empty = database.is_empty().await;
        database.close().await;
        ensure!(
            is_empty?,
            "the database {} of database.url is in use, and the demo wants an empty one: make one for it, or leave the \
             setting out to play on a temporary SQLite file",
            settings.database.url
        );
    } else {
        settings.database.url = format!("sqlite://{root}/adstead.db").parse()?;
    }
    settings.database.migrate_on_start = true;
    settings.storage.local.root = format!("{root}/files").into();
    settings.storage.cache.folder = format!("{root}/file-cache").into();
    let apart = root.rsplit('/').next().unwrap_or(root).to_ascii_lowercase();
    settings.storage.s3.prefix = Some(match settings.storage.s3.prefix {
        Some(prefix) => format!("{prefix}/{apart}"),
        None => apart,
    });
    Ok(settings)
}
