use config::builder::DefaultState;
use config::{Config, ConfigBuilder, ConfigError};
use serde::Deserialize;

use crate::check::Check;
use crate::effective::{Effective, EffectiveValue};
use crate::fault::{Fault, SettingsError};
use crate::known::{KnownKey, known_keys, variable_name};
use crate::layer::BUILT_IN;
use crate::named;
use crate::sections::{
    AiSettings, AnalyticsSettings, ApiSettings, CacheSettings, DatabaseSettings, EventSettings,
    ExternalSettings, NotificationSettings, OutboxSettings, StorageSettings, TelemetrySettings,
};
use crate::sources::Sources;

/// Every setting of Adstead, validated.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Where the HTTP API listens and how much it takes on.
    pub api: ApiSettings,
    /// Where the data is kept.
    pub database: DatabaseSettings,
    /// What is kept in memory between requests.
    pub cache: CacheSettings,
    /// Performance events.
    pub events: EventSettings,
    /// Who is told of what happens.
    pub outbox: OutboxSettings,
    /// Creative files.
    pub storage: StorageSettings,
    /// What holds for calls to every external service.
    pub external: ExternalSettings,
    /// Who writes ad copy.
    pub ai: AiSettings,
    /// Who is told of what happens, for analysis.
    #[serde(default)]
    pub analytics: AnalyticsSettings,
    /// How people and programs are told of what happens.
    pub notifications: NotificationSettings,
    /// What the process says about itself.
    pub telemetry: TelemetrySettings,
}

/// Settings, and where each of them came from.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The settings.
    pub settings: Settings,
    /// The environment whose file was looked for: `ADSTEAD_ENV`, or `development`.
    pub environment: String,
    /// Every effective value with its origin, by key; secrets are redacted.
    pub effective: Vec<EffectiveValue>,
}

impl Settings {
    /// Reads and validates the settings.
    ///
    /// # Errors
    ///
    /// Every fault of every source at once: unknown keys, values of the wrong type or out of range, files
    /// that cannot be read or parsed.
    pub fn load(sources: &Sources) -> Result<Loaded, SettingsError> {
        let mut faults = Vec::new();
        let mut layers = sources.layers(&mut faults);
        // What an unread file would have set is not known, so further complaints would be guesses.
        let is_complete = faults.iter().all(|fault| fault.key.is_some());

        layers.insert(0, named::defaults(&layers));
        let merged = Config::builder().add_source(layers);
        let effective = Effective::of(&build(&merged));
        let (merged, mut unset) = stand_in_for_unset(merged, &effective);
        let (settings, misfits) = deserialize(merged, &effective);
        faults.extend(misfits);
        if is_complete {
            unset.retain(|fault| faults.iter().all(|noted| noted.key != fault.key));
            faults.extend(unset);
            settings.validate(&mut Check::new(&effective, &mut faults));
        }
        if !faults.is_empty() {
            return Err(SettingsError::new(faults));
        }
        Ok(Loaded { settings, environment: sources.environment(), effective: effective.shown() })
    }

    fn validate(&self, check: &mut Check<'_>) {
        let Self {
            api,
            database,
            cache,
            events,
            outbox,
            storage,
            external,
            ai,
            analytics,
            notifications,
            telemetry,
        } = self;
        api.validate(check);
        database.validate(check);
        cache.validate(check);
        events.validate(check);
        outbox.validate(check);
        external.validate(check);
        storage.validate(check);
        ai.validate(check);
        analytics.validate(check);
        notifications.validate(check);
        telemetry.validate(check);
    }
}

/// The built-in defaults.
impl Default for Settings {
    fn default() -> Self {
        Self::load(&Sources::default())
            .expect("the built-in defaults are valid, which a test checks")
            .settings
    }
}

impl Loaded {
    /// Where the value of `key` came from: `built-in default`, `config/local.toml:3`, or a variable's name.
    pub fn origin(&self, key: &str) -> Option<&str> {
        self.effective.iter().find(|value| value.key == key).map(|value| value.origin.as_str())
    }

    /// The effective settings as lines of TOML, each with its origin as a comment.
    pub fn to_text(&self) -> String {
        let assignments: Vec<String> =
            self.effective.iter().map(|value| format!("{} = {}", value.key, value.value)).collect();
        let width = assignments.iter().map(|line| line.chars().count()).filter(|width| *width <= 60).max();
        let lines = assignments.iter().zip(&self.effective);
        lines.map(|(line, value)| format!("{line:<0$}  # {1}\n", width.unwrap_or(0), value.origin)).collect()
    }
}

type Merged = ConfigBuilder<DefaultState>;

fn build(merged: &Merged) -> Config {
    merged.build_cloned().expect("layers hold known keys only, so merging them cannot fail")
}

fn stand_in(merged: Merged, key: &str, known: &KnownKey) -> Merged {
    merged.set_override(key, known.stand_in()).expect("known keys are well-formed paths")
}

/// Puts a stand-in where a required value was not given, and says which those are.
fn stand_in_for_unset(mut merged: Merged, effective: &Effective) -> (Merged, Vec<Fault>) {
    let mut faults = Vec::new();
    for key in effective.unset() {
        let (section, name) = key.rsplit_once('.').unwrap_or_default();
        let known = known(key);
        faults.push(Fault::of_key(
            effective.first_origin_in(section).unwrap_or(BUILT_IN),
            key,
            format!(
                "no {name} is given, and there is no default; set it in [{section}] or by {}",
                variable_name(key)
            ),
        ));
        merged = stand_in(merged, key, known);
    }
    (merged, faults)
}

/// Turns the merged layers into settings. serde stops at the first value that does not fit, so each such
/// value is noted and replaced by its default until all fit.
fn deserialize(mut merged: Merged, effective: &Effective) -> (Settings, Vec<Fault>) {
    let mut faults = Vec::new();
    loop {
        let error = match build(&merged).try_deserialize() {
            Ok(settings) => return (settings, faults),
            Err(error) => error,
        };
        let (key, message) = explain(error);
        faults.push(Fault::of_key(effective.origin(&key), &key, message));
        merged = stand_in(merged, &key, known(&key));
    }
}

fn known(key: &str) -> &'static KnownKey {
    let (known, _) = known_keys().find(key).unwrap_or_else(|| panic!("default.toml lacks the key `{key}`"));
    known
}

/// The key that an error is about, and what is wrong with it.
fn explain(error: ConfigError) -> (String, String) {
    match error {
        ConfigError::At { key, error, .. } => (key.unwrap_or_default(), error.to_string()),
        // Layers hold values of the right type, so what is left is a number that its type cannot hold.
        ConfigError::Type { key, unexpected, .. } => {
            (key.unwrap_or_default(), format!("expected a smaller number, found {unexpected}"))
        }
        ConfigError::NotFound(key) => (key, "no value is given".to_owned()),
        other => (String::new(), other.to_string()),
    }
}
