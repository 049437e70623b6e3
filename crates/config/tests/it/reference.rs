//! The reference of all keys agrees with what the settings are.

use std::collections::BTreeSet;
use std::path::Path;

use adstead_config::{Settings, Sources, reference_markdown};

use crate::place;

/// The rows of the reference: key and row, by section.
fn rows() -> Vec<(String, String)> {
    let mut section = String::new();
    let mut rows = Vec::new();
    for line in reference_markdown().lines() {
        if let Some(name) = line.strip_prefix("## `[") {
            section = name.trim_end_matches("]`").to_owned();
        } else if let Some(key) = line.strip_prefix("| `").and_then(|row| row.split('`').next()) {
            rows.push((format!("{section}.{key}"), line.to_owned()));
        }
    }
    rows
}

#[test]
fn every_setting_is_documented_and_every_documented_key_is_a_setting() {
    let place = place()
        .variable("ADSTEAD__AI__PROVIDERS__NAME__BASE_URL", "http://127.0.0.1:11434/v1")
        .variable("ADSTEAD__AI__PROVIDERS__NAME__MODEL", "m")
        .variable("ADSTEAD__ANALYTICS__SINKS__NAME__KEY", "write-key");
    // The structs refuse keys they do not know and lack none, so what loads is what they hold.
    let settings: BTreeSet<String> =
        place.loaded().effective.iter().map(|value| value.key.replace(".name.", ".NAME.")).collect();
    let documented: BTreeSet<String> = rows().into_iter().map(|(key, _)| key).collect();

    assert_eq!(documented, settings);
}

#[test]
fn every_key_has_a_meaning() {
    for (key, row) in rows() {
        let meaning = row.split(" | ").nth(2).unwrap_or_default();
        assert!(meaning.len() > 10 && meaning.ends_with('.'), "{key}: {row}");
    }
}

#[test]
fn every_range_is_documented_in_the_words_of_its_fault() {
    let mut sources = Sources::default();
    let limits =
        [("ms", "9999h"), ("s", "9999h"), ("m", "9999h"), ("h", "9999h"), ("d", "9999d"), ("iB", "9999GiB")];
    let ranges: Vec<(String, String, String)> = rows()
        .into_iter()
        .filter_map(|(key, row)| {
            let range = row.split("Range: ").nth(1)?.split(". |").next()?.to_owned();
            let too_much = limits
                .iter()
                .find(|(unit, _)| range.ends_with(unit))
                .map_or("4000000000", |(_, value)| value);
            Some((key, range, too_much.to_owned()))
        })
        .collect();
    for (key, _, too_much) in &ranges {
        let variable = format!("ADSTEAD__{}", key.to_uppercase().replace('.', "__"));
        sources.variables.insert(variable, too_much.into());
    }
    for name in ["BASE_URL", "MODEL"] {
        sources
            .variables
            .insert(format!("ADSTEAD__AI__PROVIDERS__NAME__{name}"), "http://127.0.0.1/v1".into());
    }
    sources.variables.insert("ADSTEAD__ANALYTICS__SINKS__NAME__KEY".into(), "write-key".into());
    let faults = Settings::load(&sources).unwrap_err().faults;

    for (key, range, _) in &ranges {
        let fault = faults.iter().find(|fault| fault.key == Some(key.replace("NAME", "name")));
        let message = &fault.unwrap_or_else(|| panic!("{key} has no range")).message;
        assert!(
            message.starts_with(&format!("expected {range}, found ")),
            "{key}: documented {range}; {message}"
        );
    }
    assert_eq!(faults.len(), ranges.len());
}

#[test]
fn the_reference_is_the_same_each_time_and_holds_defaults_and_variables() {
    let text = reference_markdown();

    assert_eq!(text, reference_markdown());
    let row = text.lines().find(|line| line.starts_with("| `max_concurrency`")).unwrap();
    insta::assert_snapshot!(row, @"| `max_concurrency` | `512` | Requests in flight at once; above it the answer is 503 with Retry-After. Range: 1 to 65536. | `ADSTEAD__API__MAX_CONCURRENCY` |");
    assert!(text.contains("`ADSTEAD__AI__PROVIDERS__NAME__API_KEY`"), "{text}");
}

#[test]
fn a_copy_of_the_default_file_changes_nothing() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config/default.toml"))
            .unwrap();
    let loaded = place().file("default.toml", &text).loaded();
    let built_in = Settings::load(&Sources::default()).unwrap();

    let values = |loaded: &adstead_config::Loaded| -> Vec<String> {
        loaded.effective.iter().map(|value| format!("{} = {}", value.key, value.value)).collect()
    };
    assert_eq!(values(&loaded), values(&built_in));
    assert!(loaded.effective.iter().all(|value| value.origin.contains("default.toml:")));
}
