use std::process::ExitCode;
use std::time::Instant;

use adstead_config::Settings;
use adstead_domain::port::{Chain, DisabledService};
use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::{advise, operate, print, print_json, second};
use crate::cli::{JsonArgs, ListServicesArgs};
use crate::client::{Client, field};
use crate::wire;

/// The services of the settings.
#[derive(Serialize)]
struct ListedServices {
    services: Vec<ListedService>,
}

#[derive(Serialize)]
struct ListedService {
    name: String,
    enabled: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    disabled_since: Option<Timestamp>,
}

pub(super) async fn list(settings: &Settings, args: ListServicesArgs) -> Result<()> {
    let ListServicesArgs { server, key, output: JsonArgs { json } } = args;
    if let Some(key) = key {
        let client = Client::new(server.trim_end_matches('/'), &key)?;
        let seen = client.get("/v1/system/services").await?;
        return if json { print_json(&seen) } else { Ok(print(&health(&seen)?)?) };
    }
    let disabled = operate(settings, async |operator| operator.switch_services.disabled().await).await?;
    let services = names(settings)?.into_iter().map(|name| {
        let disabled_since = since(&disabled, &name);
        ListedService { enabled: disabled_since.is_none(), disabled_since, name }
    });
    let services: Vec<_> = services.collect();
    if json {
        return print_json(&ListedServices { services });
    }
    let line = |ListedService { name, disabled_since, .. }: &ListedService| match disabled_since {
        None => format!("{name:<24}  enabled\n"),
        Some(since) => format!("{name:<24}  disabled since {}\n", second(*since)),
    };
    print(&services.iter().map(line).collect::<String>())?;
    advise(
        "How a running server finds them, it tells whoever gives a key: see `adstead services list --help`",
    );
    Ok(())
}

/// What each service is worth, as a server sees it.
fn health(seen: &Value) -> Result<String> {
    let mut text = format!(
        "{:<24}  {:<12}  {:>8}  {:>8}  {:>8}  {:>8}  {:>9}  {:>9}  LAST ERROR\n",
        "NAME", "HEALTH", "CALLS", "FAILED", "REFUSED", "SUCCESS", "P50 MS", "P99 MS"
    );
    for service in field::<Vec<Value>>(seen, "/services")? {
        let success = field::<Option<f64>>(&service, "/success_rate")?
            .map_or_else(|| "-".to_owned(), |rate| format!("{:.0} %", rate * 100.0));
        let line = format!(
            "{:<24}  {:<12}  {:>8}  {:>8}  {:>8}  {success:>8}  {:>9.1}  {:>9.1}  {}",
            field::<String>(&service, "/name")?,
            field::<String>(&service, "/health")?,
            field::<u64>(&service, "/calls")?,
            field::<u64>(&service, "/failures")?,
            field::<u64>(&service, "/refused")?,
            field::<f64>(&service, "/latency/p50_ms")?,
            field::<f64>(&service, "/latency/p99_ms")?,
            service["last_error"]["message"].as_str().unwrap_or_default(),
        );
        text += line.trim_end();
        text += "\n";
    }
    Ok(text)
}

/// Whether services give signs of life.
#[derive(Serialize)]
struct Checks {
    services: Vec<Checked>,
}

#[derive(Serialize)]
struct Checked {
    name: String,
    ok: bool,
    /// Whether there was anything to ask.
    asked: bool,
    ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

pub(super) async fn check(settings: &Settings, wanted: &[String], output: JsonArgs) -> Result<ExitCode> {
    let known = names(settings)?;
    for name in wanted {
        must_be_known(name, &known)?;
    }
    let services = wire::external_services(settings)?;
    let mut checks = Checks { services: Vec::new() };
    for name in known.into_iter().filter(|name| wanted.is_empty() || wanted.contains(name)) {
        let start = Instant::now();
        let asked = services.check(&name).await;
        let ms = start.elapsed().as_millis() as u64;
        let error = asked.as_ref().and_then(|outcome| outcome.as_ref().err());
        let error = error.map(|error| Chain(error).to_string());
        checks.services.push(Checked { name, ok: error.is_none(), asked: asked.is_some(), ms, error });
    }
    let is_well = checks.services.iter().all(|it| it.ok);
    if let JsonArgs { json: true } = output {
        print_json(&checks)?;
    } else {
        let line = |Checked { name, asked, ms, error, .. }: &Checked| match (asked, error) {
            (false, _) => format!("{name}: nothing to ask without a call\n"),
            (true, None) => format!("{name}: it answers ({ms} ms)\n"),
            (true, Some(error)) => format!("{name}: {error}\n"),
        };
        print(&checks.services.iter().map(line).collect::<String>())?;
    }
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) async fn disable(settings: &Settings, name: &str) -> Result<()> {
    must_be_known(name, &names(settings)?)?;
    operate(settings, async |operator| operator.switch_services.disable(name).await).await?;
    Ok(print(&format!("{name} is disabled; {}\n", soon(settings)))?)
}

pub(super) async fn enable(settings: &Settings, name: &str) -> Result<()> {
    let was_disabled =
        operate(settings, async |operator| operator.switch_services.enable(name).await).await?;
    if was_disabled {
        return Ok(print(&format!("{name} is enabled; {}\n", soon(settings)))?);
    }
    // What left the settings while it was disabled can be enabled too.
    must_be_known(name, &names(settings)?)?;
    Ok(print(&format!("{name} was enabled already\n"))?)
}

fn soon(settings: &Settings) -> String {
    format!("running servers follow within {} ms", settings.external.switches_interval.as_millis())
}

/// The services of the settings.
fn names(settings: &Settings) -> Result<Vec<String>> {
    let services = wire::external_services(settings)?.statistics();
    Ok(services.into_iter().map(|service| service.name).collect())
}

fn must_be_known(name: &str, known: &[String]) -> Result<()> {
    if !known.iter().any(|known| known == name) {
        bail!("there is no service {name:?}: the settings have {}", known.join(", "));
    }
    Ok(())
}

fn since(disabled: &[DisabledService], name: &str) -> Option<Timestamp> {
    disabled.iter().find(|service| service.name == name).map(|service| service.since)
}
