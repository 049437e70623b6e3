//! Secrets are read from wherever they stand, and shown nowhere.

use secrecy::ExposeSecret;

use crate::{Place, place};

const SECRET: &str = "sk-correct-horse";

/// A provider that lacks only its key.
fn provider() -> Place {
    place()
        .variable(
            "ADSTEAD__AI__PROVIDERS__OPENAI__BASE_URL",
            &format!("https://team:{SECRET}@llm.example/v1?key={SECRET}"),
        )
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__MODEL", "gpt-5-mini")
}

#[track_caller]
fn check_key(place: &Place, origin: &str) {
    let loaded = place.loaded();
    let key = loaded.settings.ai.providers["openai"].api_key.as_ref().expect("a key is set");
    assert_eq!(key.expose_secret(), SECRET);
    assert_eq!(place.tidy(loaded.origin("ai.providers.openai.api_key").unwrap()), origin);

    let shown = [
        format!("{loaded:?}"),
        format!("{:?}", place.sources()),
        loaded.to_text(),
        serde_json::to_string(&loaded.effective).unwrap(),
    ];
    for text in shown {
        assert!(!text.contains(SECRET), "{text}");
    }
    assert!(loaded.to_text().contains(r#"ai.providers.openai.api_key = "***""#));
    assert!(loaded.to_text().contains(r#""https://team:***@llm.example/v1?key=***""#));
}

#[test]
fn a_secret_stands_in_a_variable() {
    let name = "ADSTEAD__AI__PROVIDERS__OPENAI__API_KEY";
    check_key(&provider().variable(name, SECRET), name);
}

#[test]
fn a_secret_stands_in_a_settings_file() {
    let file = format!("[ai.providers.openai]\napi_key = \"{SECRET}\"\n");
    check_key(&provider().file("local.toml", &file), "config/local.toml:2");
}

#[test]
fn a_secret_stands_in_a_file_that_a_variable_names() {
    let place = provider().file("key", &format!("{SECRET}\n"));
    let path = place.path("key").display().to_string();
    let name = "ADSTEAD__AI__PROVIDERS__OPENAI__API_KEY_FILE";
    check_key(&place.variable(name, &path), &format!("{name}, read from config/key"));
}

#[test]
fn a_secret_stands_in_a_file_that_a_settings_file_names() {
    let place = provider().file("key", SECRET);
    let file = format!("[ai.providers.openai]\napi_key_file = {:?}\n", place.path("key"));
    check_key(&place.file("local.toml", &file), "config/local.toml:2, read from config/key");
}

#[test]
fn the_stronger_layer_wins_whichever_form_it_uses() {
    let name = "ADSTEAD__AI__PROVIDERS__OPENAI__API_KEY";
    let place = provider().file("key", "sk-older");
    let file = format!("[ai.providers.openai]\napi_key_file = {:?}\n", place.path("key"));
    check_key(&place.file("local.toml", &file).variable(name, SECRET), name);
}

#[test]
fn an_address_with_a_password_stands_in_a_file_as_well() {
    let address = format!("postgres://adstead:{SECRET}@db/ads");
    let with_file = || place().file("url", &format!("{address}\n"));
    let file = with_file();
    let (variable, path) = ("ADSTEAD__DATABASE__URL_FILE", file.path("url").display().to_string());
    let by_variable = file.variable(variable, &path);
    let file = with_file();
    let text = format!("[database]\nurl_file = {:?}\n", file.path("url"));
    let by_file = file.file("local.toml", &text);
    for (place, origin) in [(by_variable, variable), (by_file, "config/local.toml:2")] {
        let loaded = place.loaded();
        assert_eq!(loaded.settings.database.url.expose(), address);
        let told = place.tidy(loaded.origin("database.url").unwrap());
        assert_eq!(told, format!("{origin}, read from config/url"));
        let text = loaded.to_text();
        assert!(text.contains(r#"database.url = "postgres://adstead:***@db/ads""#), "{text}");
        assert!(!format!("{loaded:?}{text}").contains(SECRET), "{text}");
    }

    let service = place().file("base", &format!("https://team:{SECRET}@llm.example/v1"));
    let path = service.path("base").display().to_string();
    let service = service
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__BASE_URL_FILE", &path)
        .variable("ADSTEAD__AI__PROVIDERS__OPENAI__MODEL", "gpt-5-mini");
    let base_url = &service.loaded().settings.ai.providers["openai"].base_url;
    assert_eq!(base_url.expose(), format!("https://team:{SECRET}@llm.example/v1"));
}

#[test]
fn what_holds_no_secret_has_no_file() {
    let report = place().variable("ADSTEAD__API__BIND_FILE", "/run/secrets/bind").report();

    assert!(report.contains("ADSTEAD__API__BIND_FILE: api.bind_file: unknown key"), "{report}");
}

#[test]
fn an_empty_secret_is_none() {
    let loaded = provider().variable("ADSTEAD__AI__PROVIDERS__OPENAI__API_KEY", "").loaded();

    assert!(loaded.settings.ai.providers["openai"].api_key.is_none());
}

#[test]
fn a_secret_file_that_is_missing_or_empty_is_named_with_its_key() {
    let place = provider().file("empty", "\n");
    let file = |name: &str| place.path(name).display().to_string();
    let text = format!(
        "[ai.providers.one]\napi_key_file = {:?}\n[ai.providers.two]\napi_key_file = {:?}\n",
        file("missing"),
        file("empty")
    );
    let place = place.file("default.toml", &text);
    let report = place.report();
    let secret_faults: Vec<&str> = report.lines().filter(|line| line.contains("api_key")).collect();

    insta::assert_snapshot!(secret_faults.join("\n"), @"
    config/default.toml:2: ai.providers.one.api_key_file: the secret file `config/missing` cannot be read: No such file or directory (os error 2); create it or name another
    config/default.toml:4: ai.providers.two.api_key_file: the secret file `config/empty` is empty; write the secret into it
    ");
}

#[test]
fn a_secret_is_given_once_in_a_layer() {
    let place = provider().file("key", SECRET);
    let file =
        format!("[ai.providers.openai]\napi_key = \"{SECRET}\"\napi_key_file = {:?}\n", place.path("key"));

    insta::assert_snapshot!(place.file("local.toml", &file).report(), @"
    the settings have a fault:
      config/local.toml:3: ai.providers.openai.api_key_file: the same is set twice here, as `api_key` and as `api_key_file`; keep one
    ");
}

#[test]
fn a_faulty_secret_or_a_broken_file_that_holds_one_does_not_show_it() {
    let broken = [
        format!("[ai.providers.openai]\napi_key = {SECRET}\n"),
        format!("[ai.providers.openai]\napi_key = \"{SECRET}\n"),
        format!("[ai.providers.openai]\napi_key = [\"{SECRET}\"]\n"),
        format!("[ai.providers.openai]\napi_kez = \"{SECRET}\"\n"),
        format!("[ai.providers.openai]\nbase_url = \"ftp://team:{SECRET}@llm.example\"\n"),
    ];
    for file in broken {
        let report = place().file("local.toml", &file).report();
        assert!(!report.contains(SECRET) && !report.contains("horse"), "{report}");
    }
}
