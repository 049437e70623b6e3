//! Which layer wins, and that each value knows where it came from.

use std::path::Path;
use std::time::Duration;

use adstead_config::{Settings, Sources};

use crate::{Place, place};

#[track_caller]
fn check(place: &Place, key: &str, value: &str, origin: &str) {
    let loaded = place.loaded();
    let found = loaded.effective.iter().find(|effective| effective.key == key).expect("the key is known");
    assert_eq!((found.value.to_string().as_str(), place.tidy(&found.origin).as_str()), (value, origin));
}

#[test]
fn nothing_at_all_gives_the_built_in_defaults() {
    let loaded = Settings::load(&Sources::default()).unwrap();
    let settings = &loaded.settings;

    assert_eq!(settings.api.bind, "127.0.0.1:8080".parse().unwrap());
    assert_eq!(settings.api.request_timeout, Duration::from_secs(30));
    assert_eq!(settings.api.max_events_body.bytes(), 5 * 1024 * 1024);
    assert_eq!(settings.database.url.expose(), "sqlite://data/adstead.db");
    assert_eq!(settings.storage.local.root, Path::new("data/files"));
    assert_eq!(settings.ai.order, ["offline"]);
    assert!(settings.ai.providers.is_empty());
    assert_eq!(loaded.environment, "development");
    assert!(loaded.effective.iter().all(|value| value.origin == "built-in default"));
}

#[test]
fn each_layer_overrides_the_ones_before_it() {
    let key = "api.max_concurrency";
    let mut place = place();
    check(&place, key, "512", "built-in default");

    place = place.file("default.toml", "[api]\nmax_concurrency = 1\n");
    check(&place, key, "1", "config/default.toml:2");

    place = place.file("development.toml", "\n[api]\nmax_concurrency = 2\n");
    check(&place, key, "2", "config/development.toml:3");

    place = place.file("local.toml", "api.max_concurrency = 3\n");
    check(&place, key, "3", "config/local.toml:1");

    place = place.variable("ADSTEAD__API__MAX_CONCURRENCY", "4");
    check(&place, key, "4", "ADSTEAD__API__MAX_CONCURRENCY");
}

#[test]
fn a_key_that_a_layer_leaves_out_keeps_the_value_of_the_layer_below() {
    let place = place()
        .file("development.toml", "[cache]\nads_ttl = \"5s\"\n")
        .file("local.toml", "[cache]\nreports_ttl = \"7s\"\n");

    check(&place, "cache.ads_ttl", "\"5s\"", "config/development.toml:2");
    check(&place, "cache.reports_ttl", "\"7s\"", "config/local.toml:2");
    check(&place, "cache.keys_ttl", "\"2s\"", "built-in default");
}

#[test]
fn the_environment_chooses_the_file() {
    let place = place()
        .file("development.toml", "[telemetry]\nformat = \"human\"\n")
        .file("production.toml", "[telemetry]\nformat = \"json\"\n")
        .variable("ADSTEAD_ENV", "production");

    check(&place, "telemetry.format", "\"json\"", "config/production.toml:2");
    assert_eq!(place.loaded().environment, "production");
}

#[test]
fn a_list_replaces_the_list_below_and_is_comma_separated_in_a_variable() {
    let place = place()
        .file("local.toml", "[storage]\nallowed_types = [\"image/png\", \"image/gif\"]\n")
        .variable("ADSTEAD__STORAGE__ALLOWED_TYPES", "image/png, video/mp4");

    assert_eq!(place.loaded().settings.storage.allowed_types, ["image/png", "video/mp4"]);
}

#[test]
fn a_provider_can_be_described_by_variables_alone() {
    let place = place()
        .variable("ADSTEAD__AI__ORDER", "openai,offline")
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__BASE_URL", "https://api.openai.com/v1/")
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__MODEL", "gpt-5-mini")
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__RETRIES", "0")
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__JSON_SCHEMA", "false");
    let ai = place.loaded().settings.ai;
    let openai = &ai.providers["openai"];

    assert_eq!(ai.order, ["openai", "offline"]);
    assert_eq!(openai.base_url.expose(), "https://api.openai.com/v1");
    assert_eq!((openai.retries, openai.json_schema), (0, false));
    assert_eq!(openai.timeout, Duration::from_secs(30));
    assert!(openai.api_key.is_none());
}

#[test]
fn what_stands_under_the_star_holds_for_every_provider_that_does_not_say_otherwise() {
    let place = place()
        .file(
            "development.toml",
            r#"
            [ai.providers]
            quick = { base_url = "http://127.0.0.1:11434/v1", model = "small", timeout = "3s" }
            slow = { base_url = "http://127.0.0.1:11434/v1", model = "large" }
            "#,
        )
        .file("local.toml", "[ai.providers.\"*\"]\ntimeout = \"90s\"\n");

    check(&place, "ai.providers.quick.timeout", "\"3s\"", "config/development.toml:3");
    check(&place, "ai.providers.slow.timeout", "\"90s\"", "config/local.toml:2");
    check(&place, "ai.providers.slow.retries", "2", "built-in default");
}

#[test]
fn the_committed_files_load_without_fault_in_every_environment() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../config");
    for environment in ["development", "production"] {
        let variables = [("ADSTEAD_ENV".to_owned(), environment.into())].into();
        let loaded = Settings::load(&Sources { folder: Some(folder.clone()), variables })
            .unwrap_or_else(|error| panic!("{environment}: {error}"));
        assert!(loaded.origin("telemetry.format").unwrap().contains(environment));
    }
}

#[test]
fn other_variables_are_left_alone() {
    let place = place().variable("ADSTEADY__API__BNID", "1").variable("ADSTEAD_LOG_DIR", "/tmp");

    assert!(place.load().is_ok());
}

#[test]
fn the_effective_settings_are_printed_as_toml_with_their_origin() {
    let place = place().file("local.toml", "[cache]\nenabled = false\n");
    let text = place.tidy(&place.loaded().to_text());
    let cache: Vec<&str> = text.lines().filter(|line| line.starts_with("cache.")).collect();

    insta::assert_snapshot!(cache.join("\n"), @r#"
    cache.ads_ttl = "60s"                          # built-in default
    cache.campaigns_ttl = "60s"                    # built-in default
    cache.compress_over = "4KiB"                   # built-in default
    cache.enabled = false                          # config/local.toml:2
    cache.keys_ttl = "2s"                          # built-in default
    cache.max_bytes = "32MiB"                      # built-in default
    cache.max_entry = "8MiB"                       # built-in default
    cache.redis.ca_certificates = "system"         # built-in default
    cache.redis.connect_timeout = "5s"             # built-in default
    cache.redis.connections = 2                    # built-in default
    cache.redis.namespace = "adstead"              # built-in default
    cache.redis.replay_bytes = "16MiB"             # built-in default
    cache.redis.replay_entries = 10000             # built-in default
    cache.redis.timeout = "250ms"                  # built-in default
    cache.redis.url = "none"                       # built-in default
    cache.reports_ttl = "30s"                      # built-in default
    "#);
}

#[test]
fn the_effective_settings_are_machine_readable() {
    let place = place().variable("ADSTEAD__API__MAX_CONCURRENCY", "4");
    let json = serde_json::to_value(&place.loaded().effective).unwrap();

    let expected = serde_json::json!(
        {"key": "api.max_concurrency", "value": 4, "origin": "ADSTEAD__API__MAX_CONCURRENCY"}
    );
    assert!(json.as_array().unwrap().contains(&expected), "{json:#}");
}
