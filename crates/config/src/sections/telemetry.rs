use std::str::FromStr;

use serde::{Deserialize, Deserializer};

use crate::check::Check;
use crate::values::{InvalidValue, from_text};

/// `[telemetry]`: what the process says about itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TelemetrySettings {
    /// Which log lines are written, in the syntax of `tracing_subscriber::EnvFilter`.
    pub log: String,
    /// How log lines look.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Human on a terminal, JSON elsewhere.
    Auto,
    /// Lines for a person.
    Human,
    /// One JSON object a line.
    Json,
}

impl TelemetrySettings {
    pub(crate) fn validate(&self, check: &mut Check<'_>) {
        if self.log.trim().is_empty() {
            check.fault("telemetry.log", "no level is given; write one, such as info, or off for silence");
        }
    }
}

impl FromStr for LogFormat {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "auto" => Ok(Self::Auto),
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(InvalidValue::new("auto, human or json", text)),
        }
    }
}

impl<'de> Deserialize<'de> for LogFormat {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_text(deserializer)
    }
}
