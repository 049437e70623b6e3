//! From events to what they teach.

use adstead_domain::{Metrics, Zone};
use anyhow::{Context, Result, ensure};
use indicatif::ProgressBar;
use jiff::{Timestamp, ToSpan};
use serde_json::{Value, json};
use uuid::Uuid;

use super::creation::MadeAd;
use super::ledger::{Counts, Ledger, compare, metrics};
use super::stage::measure;
use super::traffic::{Advertised, Event, batches};
use crate::client::{Client, field};

/// Makes the same traffic each time, but for the time of day at which it ends.
const SEED: u64 = 20;
/// The least that a demo sends.
const MIN_EVENTS: u64 = 50_000;
/// How often each ad is read again.
const READS: usize = 5;

/// Advice on the ads.
pub(super) struct Advice {
    /// How many recommendations there are.
    pub(super) count: usize,
    /// Each ad's name and what is recommended.
    pub(super) lines: Vec<(String, String)>,
    /// What applying one of the runs changed.
    pub(super) applied: String,
}

/// Sends two weeks of events up to `now`, as JSON and NDJSON in turn, and checks what became of each batch.
pub(super) async fn send_events(
    editor: &Client,
    ads: &[MadeAd],
    zone: &Zone,
    now: Timestamp,
    bar: &ProgressBar,
) -> Result<(Ledger, Counts)> {
    let advertised: Vec<_> =
        ads.iter().map(|ad| Advertised { ad_id: ad.id, platform: ad.platform, appeal: ad.appeal }).collect();
    let batches = batches(&advertised, zone, now, SEED);
    measure(bar, batches.iter().map(|batch| batch.len() as u64).sum());
    let mut ledger = Ledger::new(zone.clone());
    let mut told = Counts::default();
    for (index, batch) in batches.iter().enumerate() {
        let expected = ledger.note(batch);
        let answer = if index % 2 == 0 {
            editor.post("/v1/events", &json!({ "events": batch })).await?
        } else {
            editor.send("/v1/events", "application/x-ndjson", ndjson(batch)?).await?
        };
        let became = Counts::told(&answer)?;
        ensure!(became == expected, "batch {index} should have become {expected:?}, and became {became:?}");
        told += became;
        bar.inc(batch.len() as u64);
    }
    ensure!(told.all() >= MIN_EVENTS, "{} events were sent, fewer than {MIN_EVENTS}", told.all());
    Ok((ledger, told))
}

fn ndjson(batch: &[Event]) -> Result<Vec<u8>> {
    let mut lines = Vec::new();
    for event in batch {
        serde_json::to_writer(&mut lines, event)?;
        lines.push(b'\n');
    }
    Ok(lines)
}

/// Reads the report by day, by ad and in all, and holds each against what was sent. Answers the totals.
pub(super) async fn report(editor: &Client, ledger: &Ledger, now: Timestamp, zone: &Zone) -> Result<Metrics> {
    let today = zone.day_of(now);
    let from = today.saturating_sub(20.days());
    let query = |granularity: &str, by: &str| {
        format!("/v1/reports/performance?from={from}&to={today}&granularity={granularity}&group_by={by}")
    };
    compare(&editor.get(&query("day", "account")).await?, "/period", &ledger.by_day)?;
    compare(&editor.get(&query("total", "ad")).await?, "/key", &ledger.by_ad)?;
    let report = editor.get(&query("total", "account")).await?;
    let totals = metrics(report.pointer("/totals").context("the report has no totals")?)?;
    let sent = ledger.total();
    ensure!(totals == sent, "the report adds up to {totals:?}, and what was sent to {sent:?}");
    Ok(totals)
}

/// Asks for advice on every ad, and applies the first run that can be.
pub(super) async fn advise(editor: &Client, ads: &[MadeAd]) -> Result<Advice> {
    let mut advice = Advice { count: 0, lines: Vec::new(), applied: String::new() };
    for MadeAd { id, name, .. } in ads {
        let run = editor.step(&format!("/v1/ads/{id}/optimizations")).await?;
        let recommendations: Vec<Value> = field(&run, "/recommendations")?;
        advice.count += recommendations.len();
        for recommendation in &recommendations {
            advice.lines.push((name.clone(), field(recommendation, "/message")?));
        }
        let pauses = recommendations.iter().any(|advice| advice["action"]["type"] == "pause_ad");
        if pauses && advice.applied.is_empty() {
            let run_id: Uuid = field(&run, "/id")?;
            editor.step(&format!("/v1/optimizations/{run_id}/apply")).await?;
            let status: String = field(&editor.get(&format!("/v1/ads/{id}")).await?, "/status")?;
            ensure!(status == "paused", "the advice to pause {name} was applied, and the ad is {status}");
            advice.applied = format!("{name} is paused now");
        }
    }
    ensure!(!advice.applied.is_empty(), "nobody advised to pause an ad that hardly anybody clicks");
    Ok(advice)
}

/// Reads what the next week may bring an ad, in words.
pub(super) async fn predict(editor: &Client, ad: &MadeAd) -> Result<String> {
    let prediction = editor.get(&format!("/v1/ads/{}/prediction?horizon_days=7", ad.id)).await?;
    let days: Vec<Value> = field(&prediction, "/forecast")?;
    ensure!(days.len() == 7, "two weeks of figures are history enough for a week: {prediction}");
    let sum = |pointer: &str| {
        days.iter().try_fold(0.0, |sum, day| Ok::<_, anyhow::Error>(sum + field::<f64>(day, pointer)?))
    };
    let (low, high) = (sum("/clicks/low")?, sum("/clicks/high")?);
    Ok(format!("{}: {:.0} clicks next week, {low:.0} to {high:.0}", ad.name, sum("/clicks/expected")?))
}

/// Reads every ad a few times, as a page does that many people look at.
pub(super) async fn read_again(editor: &Client, ads: &[MadeAd]) -> Result<()> {
    for _ in 0..READS {
        for MadeAd { id, .. } in ads {
            editor.get(&format!("/v1/ads/{id}")).await?;
        }
    }
    Ok(())
}
