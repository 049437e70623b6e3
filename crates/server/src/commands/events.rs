use std::io::{self, IsTerminal};
use std::process::ExitCode;
use std::time::Duration;

use adstead_application::Error;
use adstead_config::Settings;
use adstead_domain::port::Comparison;
use adstead_domain::{Account, AccountId};
use anyhow::Result;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use jiff::Timestamp;
use serde::Serialize;

use super::{operate, print, print_json};
use crate::cli::{JsonArgs, RebuildArgs};
use crate::wire::Operator;

/// What was found, and what was done about it.
#[derive(Serialize)]
struct Rebuilt {
    dry_run: bool,
    accounts: Vec<RebuiltAccount>,
    #[serde(flatten)]
    sum: Buckets,
    /// Whether all figures are now what their events add up to.
    equal: bool,
}

/// What was found of one account.
#[derive(Serialize)]
struct RebuiltAccount {
    id: AccountId,
    name: String,
    /// The moment since which its figures can be proven.
    since: Timestamp,
    #[serde(flatten)]
    buckets: Buckets,
}

/// Quarters of an hour of single ads.
#[derive(Serialize, Clone, Copy, Default)]
struct Buckets {
    checked: u64,
    differing: u64,
    mended: u64,
}

pub(super) async fn rebuild(settings: &Settings, args: RebuildArgs) -> Result<ExitCode> {
    let RebuildArgs { account, dry_run, output } = args;
    let rebuilt =
        operate(settings, async |operator| all(&operator, account.as_deref(), dry_run).await).await?;
    match output {
        JsonArgs { json: true } => print_json(&rebuilt)?,
        JsonArgs { json: false } => print(&told(&rebuilt))?,
    }
    Ok(if rebuilt.equal { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn all(operator: &Operator, account: Option<&str>, dry_run: bool) -> Result<Rebuilt, Error> {
    let figures = &operator.rebuild_figures;
    let named = figures.accounts(account).await?;
    let bar = bar(named.len());
    let mut accounts = Vec::new();
    let mut sum = Buckets::default();
    for Account { id, name, .. } in named {
        bar.set_message(name.as_str().to_owned());
        let found = if dry_run { figures.compare(id).await? } else { figures.mend(id).await? };
        let Comparison { since, buckets: checked, differing } = found;
        let buckets = Buckets { checked, differing, mended: if dry_run { 0 } else { differing } };
        sum.checked += buckets.checked;
        sum.differing += buckets.differing;
        sum.mended += buckets.mended;
        accounts.push(RebuiltAccount { id, name: name.as_str().to_owned(), since, buckets });
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(Rebuilt { dry_run, accounts, sum, equal: sum.differing == sum.mended })
}

/// A bar of that many accounts, which only a terminal shows.
fn bar(accounts: usize) -> ProgressBar {
    /// How often it moves while one account takes its time.
    const TICK: Duration = Duration::from_millis(80);
    if !io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(accounts as u64), ProgressDrawTarget::stderr());
    let template = "{spinner} {wide_bar:.cyan/dim} {human_pos}/{human_len} {eta} {msg}";
    bar.set_style(ProgressStyle::with_template(template).expect("the template is well-formed"));
    bar.enable_steady_tick(TICK);
    bar
}

fn told(rebuilt: &Rebuilt) -> String {
    let Rebuilt { dry_run: _, accounts, sum, equal } = rebuilt;
    let mut text = String::new();
    for RebuiltAccount { id: _, name, since, buckets } in accounts {
        let Buckets { checked, differing, .. } = buckets;
        if *differing > 0 {
            text += &format!(
                "{name}: {differing} of {checked} figures since {since} differed from their events\n"
            );
        }
    }
    let Buckets { checked, differing, mended } = sum;
    let count = accounts.len();
    text += &match mended {
        _ if !equal => format!("{differing} figures differ: without --dry-run, they are mended\n"),
        0 => format!("{checked} figures of {count} accounts equal their events\n"),
        _ => format!("{mended} figures were mended: all {checked} of {count} accounts equal their events\n"),
    };
    text
}
