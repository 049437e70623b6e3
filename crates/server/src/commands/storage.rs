use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_application::Error;
use adstead_application::files::{Collected, Collection, CopyProgress, Verdict, Verified};
use adstead_config::{Settings, StorageBackend};
use adstead_domain::port::{AssetTotal, Chain};
use adstead_domain::{AccountId, AssetId};
use anyhow::{Result, ensure};
use indicatif::{HumanBytes, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::{print, print_json};
use crate::cli::JsonArgs;
use crate::serve;
use crate::wire::{self, Rekeyed, StorageOperator};

/// Does what only the operator may, on the files and beside any running server.
async fn operate<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(StorageOperator) -> Result<T, Error>,
) -> Result<T> {
    let database = Arc::new(serve::database_up_to_date(settings).await?);
    let done = match wire::storage_operator(&settings.storage, &database).await {
        Ok(operator) => work(operator).await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    database.close().await;
    done
}

/// Whether files can be kept in a place.
#[derive(Serialize)]
struct Probed {
    place: &'static str,
    at: String,
    ok: bool,
    ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Whether files can be kept in each place.
#[derive(Serialize)]
struct Probes {
    places: Vec<Probed>,
}

pub(super) async fn check(settings: &Settings, output: JsonArgs) -> Result<ExitCode> {
    let mut places = Vec::new();
    for (backend, at) in wire::storage_places(&settings.storage) {
        let start = Instant::now();
        let outcome = match wire::probe_files(&settings.storage, backend).await {
            Ok(probe) => probe.execute().await.map_err(anyhow::Error::from),
            Err(error) => Err(error),
        };
        let ms = start.elapsed().as_millis() as u64;
        let place = if backend == StorageBackend::S3 { "s3" } else { "local" };
        let error = outcome.as_ref().err().map(|error| format!("{error:#}"));
        places.push(Probed { place, at, ok: outcome.is_ok(), ms, error });
    }
    let is_well = places.iter().all(|it| it.ok);
    if let JsonArgs { json: true } = output {
        print_json(&Probes { places })?;
    } else {
        let line = |Probed { place, at, ms, error, .. }: &Probed| match error {
            None => format!("{place}: files can be kept in {at} ({ms} ms)\n"),
            Some(error) => format!("{place}: files cannot be kept in {at}: {error}\n"),
        };
        print(&places.iter().map(line).collect::<String>())?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// What is known of files, and what is stored.
#[derive(Serialize)]
struct Surveyed {
    assets: Vec<TypeTotal>,
    stored: Vec<Place>,
}

#[derive(Serialize)]
struct TypeTotal {
    content_type: String,
    files: u64,
    bytes: u64,
}

#[derive(Serialize)]
struct Place {
    place: String,
    files: u64,
    bytes: u64,
}

pub(super) async fn stats(settings: &Settings, output: JsonArgs) -> Result<()> {
    let surveyed = operate(settings, async |operator| {
        let assets =
            operator.survey.assets().await?.into_iter().map(|AssetTotal { content_type, files, bytes }| {
                TypeTotal { content_type: content_type.to_string(), files, bytes }
            });
        let places = operator.survey.places().await?.into_iter();
        Ok(Surveyed {
            assets: assets.collect(),
            stored: places
                .map(|(place, total)| Place { place, files: total.files, bytes: total.bytes })
                .collect(),
        })
    });
    let surveyed = surveyed.await?;
    if let JsonArgs { json: true } = output {
        return print_json(&surveyed);
    }
    let line = |name: &str, files, bytes| format!("  {name:<18} {files:>10} files  {}\n", HumanBytes(bytes));
    let mut text = "assets by type\n".to_owned();
    text.extend(surveyed.assets.iter().map(|it| line(&it.content_type, it.files, it.bytes)));
    text += "stored, as it is on the disk or in the bucket\n";
    text.extend(surveyed.stored.iter().map(|it| line(&it.place, it.files, it.bytes)));
    Ok(print(&text)?)
}

/// What was found that belongs to nothing.
#[derive(Serialize)]
struct Garbage {
    dry_run: bool,
    orphans: Heap,
    quarantine: Heap,
    unfinished: Heap,
}

#[derive(Serialize)]
struct Heap {
    files: u64,
    bytes: u64,
}

impl From<Collection> for Heap {
    fn from(collection: Collection) -> Self {
        let Collection { files, bytes } = collection;
        Self { files, bytes }
    }
}

pub(super) async fn collect(settings: &Settings, dry_run: bool, output: JsonArgs) -> Result<()> {
    let collected = operate(settings, async |operator| operator.collect.execute(dry_run).await).await?;
    let Collected { orphans, quarantine, unfinished } = collected;
    if let JsonArgs { json: true } = output {
        let (orphans, quarantine, unfinished) = (orphans.into(), quarantine.into(), unfinished.into());
        return print_json(&Garbage { dry_run, orphans, quarantine, unfinished });
    }
    let line = |what: &str, Collection { files, bytes }: Collection| {
        format!("  {files:>8} {what} of {}\n", HumanBytes(bytes))
    };
    let mut text = if dry_run { "would be removed\n" } else { "removed\n" }.to_owned();
    text += &line("files without an asset", orphans);
    text += &line("uploads that were never completed", quarantine);
    text += &line("files that were never stored to their end", unfinished);
    Ok(print(&text)?)
}

/// What became of all files.
#[derive(Serialize, Default)]
struct Judged {
    checked: u64,
    bytes: u64,
    faults: Vec<Fault>,
}

/// A file that is not as it should be.
#[derive(Serialize)]
struct Fault {
    account_id: AccountId,
    asset_id: AssetId,
    name: String,
    fault: String,
}

pub(super) async fn verify(settings: &Settings, output: JsonArgs) -> Result<ExitCode> {
    let judged = operate(settings, async |operator| {
        let (files, bytes) = operator.verify.totals().await?;
        let bar =
            bar(bytes, "{spinner} {wide_bar:.cyan/dim} {bytes}/{total_bytes} {bytes_per_sec} {eta} {msg}");
        let mut judged = Judged::default();
        let report = |Verified { asset, verdict }: Verified| {
            judged.checked += 1;
            judged.bytes += asset.size_bytes;
            bar.inc(asset.size_bytes);
            bar.set_message(format!("{} of {files} files", judged.checked));
            if let Some(fault) = told(&verdict, asset.size_bytes) {
                let (account_id, asset_id, name) = (asset.account_id, asset.id, asset.name.to_string());
                judged.faults.push(Fault { account_id, asset_id, name, fault });
            }
        };
        operator.verify.execute(report).await?;
        bar.finish_and_clear();
        Ok(judged)
    });
    let judged = judged.await?;
    match output {
        JsonArgs { json: true } => print_json(&judged)?,
        JsonArgs { json: false } => {
            let Judged { checked, bytes, faults } = &judged;
            let mut text = String::new();
            for Fault { account_id, asset_id, name, fault } in faults {
                text += &format!("{name} (asset {asset_id} of account {account_id}): {fault}\n");
            }
            text += &match faults.len() {
                0 => format!("{checked} files of {} are whole\n", HumanBytes(*bytes)),
                count => format!("{count} of {checked} files are not as they should be\n"),
            };
            print(&text)?;
        }
    }
    Ok(if judged.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(verdict: &Verdict, size: u64) -> Option<String> {
    match verdict {
        Verdict::Whole => None,
        Verdict::Missing => Some("its file is missing".to_owned()),
        Verdict::WrongSize(found) => Some(format!("its file has {found} bytes and should have {size}")),
        Verdict::WrongContent(_) => Some("its file has another content than was uploaded".to_owned()),
        Verdict::Unreadable(error) => Some(format!("its file cannot be read: {}", Chain(error))),
    }
}

/// What was copied.
#[derive(Serialize)]
struct Moved {
    copied: u64,
    bytes: u64,
    present: u64,
    gone: u64,
}

pub(super) async fn migrate(
    settings: &Settings,
    from: StorageBackend,
    to: StorageBackend,
    output: JsonArgs,
) -> Result<()> {
    ensure!(
        from != to,
        "--from and --to name the same place: name the one where the files are, and the one where they shall be"
    );
    let copy = wire::copy_files(&settings.storage, from, to).await?;
    let bar = bar(0, "{spinner} {human_pos} files {per_sec} {msg}");
    let mut bytes = 0;
    let copied = copy
        .execute(|_, progress| {
            if let CopyProgress::Copied(size) = progress {
                bytes += size;
            }
            bar.inc(1);
            bar.set_message(HumanBytes(bytes).to_string());
        })
        .await?;
    bar.finish_and_clear();
    if let JsonArgs { json: true } = output {
        let adstead_application::files::Copied { copied, bytes, present, gone } = copied;
        return print_json(&Moved { copied, bytes, present, gone });
    }
    let adstead_application::files::Copied { copied, bytes, present, gone } = copied;
    let mut text = format!(
        "copied {copied} files of {}, and read each back; {present} were there already\n",
        HumanBytes(bytes)
    );
    if gone > 0 {
        text += &format!("{gone} were deleted meanwhile\n");
    }
    Ok(print(&text)?)
}

/// What was encrypted anew.
#[derive(Serialize, Default)]
struct Rekeying {
    rewritten: u64,
    current: u64,
    gone: u64,
}

pub(super) async fn rekey(settings: &Settings, output: JsonArgs) -> Result<()> {
    let bar = bar(0, "{spinner} {human_pos} files {per_sec}");
    let mut sum = Rekeying::default();
    wire::rekey_files(&settings.storage, |rekeyed| {
        bar.inc(1);
        match rekeyed {
            Rekeyed::Rewritten => sum.rewritten += 1,
            Rekeyed::Current => sum.current += 1,
            Rekeyed::Gone => sum.gone += 1,
        }
    })
    .await?;
    bar.finish_and_clear();
    if let JsonArgs { json: true } = output {
        return print_json(&sum);
    }
    let Rekeying { rewritten, current, .. } = sum;
    Ok(print(&format!("{rewritten} files were written anew, {current} were as they should be\n"))?)
}

/// A bar that only a terminal shows.
fn bar(length: u64, template: &str) -> ProgressBar {
    /// How often it moves while one file takes its time.
    const TICK: Duration = Duration::from_millis(80);
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
    bar.enable_steady_tick(TICK);
    bar
}
