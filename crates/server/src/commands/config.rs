use std::path::PathBuf;

use adstead_config::{EffectiveValue, Fault, Loaded, SettingsError};
use anyhow::Result;
use serde::Serialize;

use super::{load, print, print_json};
use crate::cli::{ConfigCommand, JsonArgs};
use crate::{settings, telemetry};

#[derive(Serialize)]
struct ShownSettings<'a> {
    environment: &'a str,
    settings: &'a [EffectiveValue],
}

pub(super) fn run(folder: Option<PathBuf>, command: ConfigCommand) -> Result<()> {
    let loaded = load(folder)?;
    telemetry::filter(&loaded)?;
    check_types(&loaded)?;
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

/// What only `serve` would find: a type of files that the settings take for one and Adstead cannot recognise.
fn check_types(loaded: &Loaded) -> Result<(), SettingsError> {
    const KEY: &str = "storage.allowed_types";
    let fault = |message: String| Fault {
        origin: loaded.origin(KEY).unwrap_or("built-in default").to_owned(),
        key: Some(KEY.to_owned()),
        message,
    };
    match settings::allowed_types(&loaded.settings.storage) {
        Ok(_) => Ok(()),
        Err(unknown) => Err(SettingsError { faults: vec![fault(unknown.message().to_owned())] }),
    }
}
