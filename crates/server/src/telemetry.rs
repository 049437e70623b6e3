//! Log lines: for a person on a terminal, as JSON for machines. They go to stderr, since stdout is for results.

use std::io::{self, IsTerminal};

use adstead_config::{Fault, Loaded, LogFormat, SettingsError, TelemetrySettings};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::SubscriberBuilder;

/// Starts logging as the settings say.
///
/// # Errors
/// The fault of `telemetry.log` where it is not a filter.
pub fn start(loaded: &Loaded) -> Result<(), SettingsError> {
    let TelemetrySettings { log: _, format } = &loaded.settings.telemetry;
    let is_terminal = io::stderr().is_terminal();
    let lines = SubscriberBuilder::default().with_env_filter(filter(loaded)?).with_writer(io::stderr);
    let is_human = match format {
        LogFormat::Auto => is_terminal,
        LogFormat::Human => true,
        LogFormat::Json => false,
    };
    if is_human {
        lines.with_ansi(is_terminal && console::colors_enabled_stderr()).init();
    } else {
        // The innermost span is the last of the list: written alone as well, it would cost each line twice.
        lines.json().flatten_event(true).with_current_span(false).init();
    }
    Ok(())
}

/// Which log lines are written.
///
/// # Errors
/// The fault of `telemetry.log` where it is not a filter.
pub fn filter(loaded: &Loaded) -> Result<EnvFilter, SettingsError> {
    const KEY: &str = "telemetry.log";
    EnvFilter::builder().parse(&loaded.settings.telemetry.log).map_err(|error| {
        let fault = Fault {
            origin: loaded.origin(KEY).unwrap_or("built-in default").to_owned(),
            key: Some(KEY.to_owned()),
            message: format!(
                "{error}; write a level (off, error, warn, info, debug, trace), then module=level exceptions"
            ),
        };
        SettingsError { faults: vec![fault] }
    })
}
