use std::path::PathBuf;

use adstead_config::EffectiveValue;
use anyhow::Result;
use serde::Serialize;

use super::{load, print, print_json};
use crate::cli::{ConfigCommand, JsonArgs};
use crate::telemetry;

#[derive(Serialize)]
struct ShownSettings<'a> {
    environment: &'a str,
    settings: &'a [EffectiveValue],
}

pub(super) fn run(folder: Option<PathBuf>, command: ConfigCommand) -> Result<()> {
    let loaded = load(folder)?;
    telemetry::filter(&loaded)?;
    match command {
        ConfigCommand::Show(JsonArgs { json: true }) => {
            print_json(&ShownSettings { environment: &loaded.environment, settings: &loaded.effective })
        }
        ConfigCommand::Show(JsonArgs { json: false }) => Ok(print(&loaded.to_text())?),
        ConfigCommand::Check => {
            Ok(print(&format!("the settings of the environment {} are in order\n", loaded.environment))?)
        }
    }
}
