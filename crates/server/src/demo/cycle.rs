//! The cycle itself, step by step.

use std::collections::BTreeMap;

use adstead_config::Settings;
use adstead_domain::{Currency, Platform};
use anyhow::{Context, Result};
use console::style;
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::oneshot;

use super::neighbours::Neighbours;
use super::outcome::{CacheUse, Outcome, Told};
use super::stage::Stage;
use super::{creation, measurement, pictures, plan, preview, tables, telling};
use crate::client::field;
use crate::serve::Server;

/// Plays the cycle; `outcome` fills as steps succeed.
pub(super) async fn play(
    stage: &mut Stage,
    outcome: &mut Outcome,
    settings: Settings,
    neighbours: &mut Neighbours,
) -> Result<()> {
    stage.heading("Adstead: an advertising cycle, from an account to advice")?;
    let now = crate::wire::clock().now();
    let server = stage
        .step("start_server", "A server in a temporary folder", async |_| Server::start(&settings).await);
    let server = server.await?;
    let url = server.url();
    let title = "An account with an editor, a reviewer and an admin";
    let team = stage
        .step("account_and_keys", title, async |_| creation::account_and_keys(server.operator(), &url).await)
        .await?;
    let (stop, told_to_stop) = oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        // A sender that is gone means the same as one that sends.
        let _ = told_to_stop.await;
    }));

    let title = "A mailbox and a program that want to be told";
    let secret = stage
        .step("subscriptions", title, async |_| telling::subscribe(&team, &neighbours.webhook).await)
        .await?;
    let placed = stage
        .step("campaigns", "Campaigns and ad groups on two platforms", async |_| {
            let mut placed = Vec::new();
            for channel in plan::channels(now) {
                placed.push(creation::place(&team.editor, channel).await?);
            }
            Ok(placed)
        })
        .await?;
    let mut ads = Vec::new();
    for placed in &placed {
        let channel = &placed.channel;
        let title = format!("{}: written by the next provider, as the first is out of order", channel.title);
        let drafts = stage
            .step(channel.generation, &title, async |_| {
                let brief = serde_json::json!({ "brief": channel.brief });
                let generation = team.editor.post("/v1/generations", &brief).await?;
                outcome.provider = field(&generation, "/provenance/provider")?;
                creation::adopt(&team.editor, placed, &generation).await
            })
            .await?;
        for (index, draft) in drafts.iter().enumerate() {
            stage.show(creation::shown(placed, index + 1, draft, stage.width())?)?;
        }
        ads.extend(creation::made(placed, &drafts)?);
    }
    outcome.ads_generated = ads.len();

    let title = "The first of them, rewritten for X";
    outcome.rewritten =
        stage.step("rework", title, async |_| creation::rewrite(&team.editor, ads.first()).await).await?;
    stage.show(
        preview::wrapped(&outcome.rewritten, stage.width().saturating_sub(4))
            .into_iter()
            .map(|line| format!("    {line}")),
    )?;

    let title = "A picture: uploaded, compared, shown in the Facebook ads";
    let (picture, asset) = stage
        .step("upload_creative", title, async |_| {
            let (id, asset) = pictures::upload(&team.editor).await?;
            for ad in ads.iter().filter(|ad| ad.platform == Platform::Facebook) {
                creation::attach(&team.editor, ad, id).await?;
            }
            Ok((id, asset))
        })
        .await?;
    outcome.asset = asset;
    let title = "Another, stored past the API and read by a link without a key";
    outcome.asset_past =
        stage.step("upload_past_the_api", title, async |_| pictures::upload_past(&team.editor).await).await?;
    let title = "The first in the sizes that platforms ask for";
    let sizes =
        stage.step("renditions", title, async |_| pictures::renditions(&team.editor, picture).await).await?;
    outcome.renditions = sizes.into_iter().map(|size| size.name).collect();
    let names = outcome.renditions.join(", ");
    stage.show(
        preview::wrapped(&names, stage.width().saturating_sub(4))
            .into_iter()
            .map(|line| format!("    {line}")),
    )?;
    let title = "Review by a second person, who is told what platforms may object to";
    outcome.hints = stage.step("review", title, async |bar| creation::review(&team, &ads, bar).await).await?;
    let hints = outcome.hints;
    stage.show([format!(
        "    {hints} hints: the built-in writer claims nothing that the brief does not say"
    )])?;
    let title = "Mails and signed messages that told of it";
    outcome.told = stage
        .step("notifications", title, async |_| telling::told(neighbours, &secret, ads.len()).await)
        .await?;
    let Told { mails, subject, messages, event, signed: _ } = &outcome.told;
    stage.show([
        format!("    {mails} mails, such as “{subject}”"),
        format!("    {messages} messages, such as {event}, each with a good signature"),
    ])?;
    let title = "Campaigns and ads activated";
    outcome.ads_active = stage
        .step("activate", title, async |_| creation::activate(&team.editor, &placed, &ads).await)
        .await?;

    let title = "Two weeks of events, some sent twice, some invalid";
    let (ledger, became) = stage
        .step("events", title, async |bar| {
            measurement::send_events(&team.editor, &ads, &team.zone, now, bar).await
        })
        .await?;
    outcome.events_sent = ledger.sent.all();
    outcome.events_accepted = became.accepted;
    outcome.events_duplicate = became.duplicates;
    outcome.events_rejected = became.rejected;
    let title = "The report equals what was sent, by day, by ad and in all";
    let totals = stage
        .step("report", title, async |_| measurement::report(&team.editor, &ledger, now, &team.zone).await)
        .await?;
    outcome.report = totals.into();
    let currency: Currency = plan::CURRENCY.parse()?;
    let days: Vec<_> = ledger.by_day.iter().map(|(day, metrics)| (*day, *metrics)).collect();
    stage.heading("Impressions by day")?;
    stage.show(tables::chart(&days, currency, stage.width()))?;
    let figures = |id| ledger.by_ad.get(id).copied().unwrap_or_default();
    let by_ad: Vec<_> = ads.iter().map(|ad| (ad.name.clone(), figures(&ad.id))).collect();
    stage.heading("Ads")?;
    stage.show(tables::ads(&by_ad, currency, stage.width()))?;
    stage.show([String::new()])?;

    let advice = stage
        .step("recommendations", "Advice on every ad, and one piece of it followed", async |_| {
            measurement::advise(&team.editor, &ads).await
        })
        .await?;
    outcome.recommendations = advice.count;
    for (name, message) in &advice.lines {
        let lines = preview::wrapped(message, stage.width().saturating_sub(4));
        stage.show([format!("  {}", style(name).bold())])?;
        stage.show(lines.into_iter().map(|line| format!("    {line}")))?;
    }
    stage.show([format!("  → {}", advice.applied)])?;
    let first = ads.first().context("no ad was made")?;
    let title = "What next week may bring the best ad";
    let prediction =
        stage.step("prediction", title, async |_| measurement::predict(&team.editor, first).await).await?;
    stage.show([format!("  {prediction}")])?;
    stage
        .step("read_again", "Every ad read again, from the cache", async |_| {
            measurement::read_again(&team.editor, &ads).await
        })
        .await?;
    stage
        .step("summary", "The account on one page", async |_| team.editor.get("/v1/reports/summary").await)
        .await?;
    let statistics = stage
        .step("statistics", "How the system is doing", async |_| team.admin.get("/v1/system/status").await)
        .await?;
    outcome.cache = cache_use(&field::<Vec<Cached>>(&statistics, "/cache/caches")?);
    show_statistics(stage, &statistics)?;
    stage
        .step("stop_server", "The server, stopped in order", async |_| {
            // A server that is gone already is found out by waiting for it.
            let _ = stop.send(());
            serving.await.context("the server panicked")?
        })
        .await
}

/// What the demo tells of a pool of connections.
#[derive(Deserialize)]
struct Pool {
    size: u64,
}

/// What the demo tells of events that were passed on.
#[derive(Deserialize)]
struct Deliveries {
    subscriber: String,
    delivered: u64,
    postponed: u64,
    dead: u64,
}

/// What the demo tells of a cache.
#[derive(Deserialize)]
struct Cached {
    name: String,
    memory: Option<Level>,
    redis: Option<Level>,
    loads: u64,
}

/// What the demo tells of one level of it.
#[derive(Clone, Copy, Default, Deserialize)]
struct Level {
    hits: u64,
    misses: u64,
    entries: u64,
    bytes: u64,
}

/// How often any level had what was asked for, and how often none had.
fn cache_use(caches: &[Cached]) -> CacheUse {
    let hits = |level: Option<Level>| level.unwrap_or_default().hits;
    CacheUse {
        hits: caches.iter().map(|cache| hits(cache.memory) + hits(cache.redis)).sum(),
        misses: caches.iter().map(|cache| cache.redis.or(cache.memory).unwrap_or_default().misses).sum(),
    }
}

fn show_statistics(stage: &Stage, statistics: &Value) -> Result<()> {
    let number = |pointer: &str| field::<u64>(statistics, pointer).map(tables::grouped);
    let services: Vec<Value> = field(statistics, "/services")?;
    let pools: Vec<Pool> = field(statistics, "/database/pools")?;
    let retries: BTreeMap<String, u64> = field(statistics, "/database/retries")?;
    let deliveries: Vec<Deliveries> = field(statistics, "/outbox")?;
    let mut facts = vec![
        (
            "database",
            format!(
                "{}, {} connections open, {} transactions, {} calls run again, {} errors",
                field::<String>(statistics, "/database/engine")?,
                tables::grouped(pools.iter().map(|pool| pool.size).sum()),
                number("/database/transactions")?,
                tables::grouped(retries.values().sum()),
                number("/database/errors")?
            ),
        ),
        (
            "storage",
            format!(
                "{} stored ({} bytes), {} read ({} bytes)",
                number("/storage/operations/0/times/count")?,
                number("/storage/bytes_in")?,
                number("/storage/operations/1/times/count")?,
                number("/storage/bytes_out")?
            ),
        ),
    ];
    for Cached { name, memory, redis, loads } in field::<Vec<Cached>>(statistics, "/cache/caches")? {
        let Level { hits, misses: _, entries, bytes } = memory.unwrap_or_default();
        let [hits, entries, bytes, loads] = [hits, entries, bytes, loads].map(tables::grouped);
        let shared = redis.map(|level| format!(", {} hits in Redis", tables::grouped(level.hits)));
        let shared = shared.unwrap_or_default();
        facts.push((
            "cache",
            format!("{name}: {hits} hits{shared}, {loads} loads, {entries} entries of {bytes} bytes"),
        ));
    }
    if let Some(redis) = statistics.pointer("/cache/redis").filter(|redis| !redis.is_null()) {
        let told = format!(
            "{}, {} messages of other nodes, {} writes wait",
            field::<String>(redis, "/state")?,
            field::<u64>(redis, "/messages")?,
            field::<u64>(redis, "/replay/waiting")?
        );
        facts.push(("redis", told));
    }
    for Deliveries { subscriber, delivered, postponed, dead } in &deliveries {
        let delivered = tables::grouped(*delivered);
        let told = format!("{subscriber}: {delivered} delivered, {postponed} put off, {dead} given up");
        facts.push(("outbox", told));
    }
    for service in &services {
        let called = format!(
            "{}: {}, {} calls, {} failed, {:.1} ms each",
            field::<String>(service, "/name")?,
            field::<String>(service, "/health")?,
            field::<u64>(service, "/calls")?,
            field::<u64>(service, "/failures")?,
            field::<f64>(service, "/latency/mean_ms")?
        );
        facts.push(("service", called));
    }
    stage.show(tables::facts(&facts, stage.width()))?;
    Ok(())
}

/// The demo in a few lines.
pub(super) fn summarise(stage: &Stage, outcome: &Outcome) -> Result<()> {
    let currency: Currency = plan::CURRENCY.parse()?;
    let ms: u64 = stage.steps.iter().map(|step| step.ms).sum();
    let seconds = format!("{:.1} s", ms as f64 / 1000.0);
    stage.heading(if outcome.ok { "All of it went well" } else { "It did not go well" })?;
    let facts = [
        (
            "ads",
            format!(
                "{} written by {}, {} active",
                outcome.ads_generated, outcome.provider, outcome.ads_active
            ),
        ),
        (
            "events",
            format!(
                "{} sent, {} counted, {} had come before, {} refused",
                tables::grouped(outcome.events_sent),
                tables::grouped(outcome.events_accepted),
                tables::grouped(outcome.events_duplicate),
                tables::grouped(outcome.events_rejected)
            ),
        ),
        (
            "report",
            format!(
                "{} impressions, {} clicks, {} conversions, {}",
                tables::grouped(outcome.report.impressions),
                tables::grouped(outcome.report.clicks),
                tables::grouped(outcome.report.conversions),
                tables::money(outcome.report.spend_micros, currency)
            ),
        ),
        ("advice", format!("{} recommendations", outcome.recommendations)),
        ("time", seconds),
    ];
    stage.show(tables::facts(&facts, stage.width()))?;
    Ok(())
}
