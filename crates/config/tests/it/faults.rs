//! What an operator reads when the settings are wrong.

use crate::{Place, place};

/// The only fault of `place`, without its heading.
#[track_caller]
fn check(place: &Place, expected: &str) {
    let report = place.report();
    assert_eq!(report, format!("the settings have a fault:\n  {expected}"));
}

#[track_caller]
fn check_file(text: &str, expected: &str) {
    check(&place().file("local.toml", text), expected);
}

/// One key in a file, and what is said of it.
#[track_caller]
fn check_value(key: &str, value: &str, expected: &str) {
    check_file(&format!("{key} = {value}\n"), &format!("config/local.toml:1: {key}: {expected}"));
}

#[track_caller]
fn check_variable(name: &str, value: &str, expected: &str) {
    check(&place().variable(name, value), expected);
}

#[test]
fn all_faults_are_reported_at_once_each_with_its_place() {
    let place = place()
        .file(
            "default.toml",
            r#"
            [api]
            bnid = "0.0.0.0:80"
            max_body = 5

            [cache]
            keys_ttl = "5s"

            [telemetry]
            format = "xml"
            "#,
        )
        .file(
            "local.toml",
            r#"
            [database]
            max_connections = 0
            slow_query = "soon"

            [ai]
            order = ["opnai"]

            [ai.providers.openai]
            base_url = "https://api.openai.com/v1"
            "#,
        )
        .variable("ADSTEAD__STORAGE__MAX_FILE", "20MB")
        .variable("ADSTEAD__STORAGE__LOCAL__ROOTS", "/srv")
        .variable("ADSTEAD__CACHE__ENABLED", "maybe");

    insta::assert_snapshot!(place.report(), @"
    the settings have 11 faults:
      config/default.toml:3: api.bnid: unknown key; did you mean `api.bind`?
      config/default.toml:4: api.max_body: expected a text in quotes, found 5
      config/default.toml:7: cache.keys_ttl: expected 0s to 2s, found 5s
      config/default.toml:10: telemetry.format: expected auto, human or json, found `xml`
      config/local.toml:3: database.max_connections: expected 1 to 256, found 0
      config/local.toml:4: database.slow_query: expected a duration such as 250ms, 30s, 5m, 24h or 90d, found `soon`
      config/local.toml:7: ai.order: `opnai` is not a provider; did you mean `openai`?
      config/local.toml:10: ai.providers.openai.model: no model is given, and there is no default; set it in [ai.providers.openai] or by ADSTEAD__AI__PROVIDERS__OPENAI__MODEL
      ADSTEAD__CACHE__ENABLED: cache.enabled: expected true or false, found `maybe`
      ADSTEAD__STORAGE__LOCAL__ROOTS: storage.local.roots: unknown key; did you mean `ADSTEAD__STORAGE__LOCAL__ROOT`?
      ADSTEAD__STORAGE__MAX_FILE: storage.max_file: expected a size such as 512KiB, 20MiB or 1GiB, found `20MB`
    ");
}

#[test]
fn an_unknown_key_names_the_nearest_known_key() {
    check_file(
        "[api]\nbnid = \"\"\n",
        "config/local.toml:2: api.bnid: unknown key; did you mean `api.bind`?",
    );
    check_value("bind", r#""""#, "unknown key; did you mean `api.bind`?");
    check_file(
        "[databse]\nurl = \"\"\n",
        "config/local.toml:2: databse.url: unknown key; did you mean `database.url`?",
    );
    check_file(
        "[telephone]\nnumber = 1\n",
        "config/local.toml:2: telephone.number: unknown key; `adstead config show` lists the keys there are",
    );
}

#[test]
fn an_unknown_variable_names_the_nearest_variable() {
    check_variable(
        "ADSTEAD__API__BNID",
        "127.0.0.1:9000",
        "ADSTEAD__API__BNID: api.bnid: unknown key; did you mean `ADSTEAD__API__BIND`?",
    );
    check_variable(
        "ADSTEAD__AI__PROVIDERS__OPENAI__API_KY",
        "sk-1234",
        "ADSTEAD__AI__PROVIDERS__OPENAI__API_KY: ai.providers.openai.api_ky: unknown key; \
         did you mean `ADSTEAD__AI__PROVIDERS__OPENAI__API_KEY`?",
    );
}

#[test]
fn a_sink_says_what_its_kind_needs_and_what_it_has_not() {
    check_file(
        "[analytics.sinks.web]\nkind = \"ga4\"\nkey = \"secret\"\n",
        "built-in default: analytics.sinks.web.measurement_id: a sink of the kind ga4 needs its measurement id; give it",
    );
    check_file(
        "[analytics.sinks.log]\nkind = \"file\"\npath = \"events.ndjson\"\nurl = \"https://example.com\"\n",
        "config/local.toml:4: analytics.sinks.log.url: a sink of the kind file has no url; take it out",
    );
    check_file(
        "[analytics.sinks.a_name_that_is_much_too_long]\nkind = \"file\"\n",
        "config/local.toml:2: analytics.sinks.a_name_that_is_much_too_long.kind: \
         `a_name_that_is_much_too_long` is 28 characters long and a sink's name may have 22; shorten it",
    );
}

#[test]
fn a_section_is_not_a_key() {
    check_value("api", "3", "this is a section, not a key; set the keys in it");
    check_file(
        "[[ai.providers]]\nmodel = \"\"\n",
        "config/local.toml:1: ai.providers: this is a section, not a key; set the keys in it",
    );
    check_file(
        "[api.bind]\nport = 1\n",
        "config/local.toml:2: api.bind.port: unknown key; did you mean `api.bind`?",
    );
}

#[test]
fn a_broken_file_is_named_with_its_line_and_column() {
    let check_broken = |text: &str, place: &str, found: &str| {
        let rest = "mend this line, since nothing of the file was read";
        check_file(text, &format!("config/local.toml:{place}: this is not TOML: {found}; {rest}"));
    };
    check_broken("[api]\nbind = 127.0.0.1:8080\n", "2:13", "invalid float");
    check_broken("[api\n", "1:5", "unclosed table, expected `]`");
    check_broken("[api]\nbind = \"a\"\nbind = \"b\"\n", "3:1", "duplicate key");
    check_broken("[api]\nbind = localhost\n", "2:8", "string values must be quoted, expected literal string");
}

#[test]
fn a_broken_file_does_not_hide_the_faults_of_the_others_nor_invent_any() {
    let place = place()
        .file("default.toml", "[api]\nbnid = 1\n")
        .file("local.toml", "[ai.providers.openai\nmodel = \"m\"\n")
        .variable("ADSTEAD__AI__ORDER", "openai");

    insta::assert_snapshot!(place.report(), @"
    the settings have 2 faults:
      config/default.toml:2: api.bnid: unknown key; did you mean `api.bind`?
      config/local.toml:1:21: this is not TOML: unclosed table, expected `]`; mend this line, since nothing of the file was read
    ");
}

#[test]
fn a_value_of_the_wrong_type_says_what_was_expected() {
    check_value("api.bind", "8080", "expected a text in quotes, found 8080");
    check_value("api.max_concurrency", r#""many""#, "expected a whole number, 0 or more, found a text");
    check_value("api.max_concurrency", "-1", "expected a whole number, 0 or more, found -1");
    check_value("cache.enabled", r#""yes""#, "expected true or false, found a text");
    check_value(
        "ai.order",
        r#""offline""#,
        "expected a list of texts such as [\"one\", \"two\"], found a text",
    );
    check_variable(
        "ADSTEAD__API__MAX_CONCURRENCY",
        "many",
        "ADSTEAD__API__MAX_CONCURRENCY: api.max_concurrency: expected a whole number, 0 or more, found `many`",
    );
}

#[test]
fn a_value_that_does_not_parse_says_what_it_is_written_as() {
    check_value(
        "api.bind",
        r#""localhost""#,
        "expected an IP address and port such as 127.0.0.1:8080 or [::]:8080, found `localhost`",
    );
    check_value("telemetry.format", r#""xml""#, "expected auto, human or json, found `xml`");
    check_value(
        "ai.deadline",
        r#""""#,
        "expected a duration such as 250ms, 30s, 5m, 24h or 90d, found nothing",
    );
    check_value(
        "api.max_concurrency",
        "99999999999",
        "expected a smaller number, found 64-bit unsigned integer `99999999999`",
    );
}

#[test]
fn a_database_of_another_engine_is_refused_without_its_password() {
    check_variable(
        "ADSTEAD__DATABASE__URL",
        "oracle://ads:hunter2@db/ads",
        "ADSTEAD__DATABASE__URL: database.url: expected an address such as sqlite://data/adstead.db, \
         postgres://user:password@host/database or mysql://user:password@host/database, \
         found `oracle://ads:***@db/ads`",
    );
}

#[test]
fn an_address_of_redis_that_cannot_be_one_is_refused_without_its_password() {
    const EXPECTED: &str = "expected none, or an address such as redis://:password@host:6379/0, \
                            redis-sentinel://host:26379/0?sentinelServiceName=name or \
                            redis-cluster://host:6379?node=other:6379, with rediss for TLS";
    for (url, shown) in [
        ("http://:hunter2@cache:6379", "http://:***@cache:6379"),
        ("cache:6379", "cache:6379"),
        ("redis://:hunter2@", "redis://:***@"),
        ("", ""),
    ] {
        let found = if url.is_empty() { "nothing".to_owned() } else { format!("`{shown}`") };
        check_variable(
            "ADSTEAD__CACHE__REDIS__URL",
            url,
            &format!("ADSTEAD__CACHE__REDIS__URL: cache.redis.url: {EXPECTED}, found {found}"),
        );
    }
    check_value(
        "cache.redis.namespace",
        r#""ad:stead""#,
        "expected 1 to 64 of a-z, 0-9, `_` and `-`, found `ad:stead`",
    );
    check_value("cache.redis.connections", "0", "expected 1 to 64, found 0");
    check_value("cache.redis.timeout", r#""0s""#, "expected 1ms to 10s, found 0s");
}

#[test]
fn a_revoked_key_may_not_stay_cached_for_longer_than_two_seconds() {
    check_value("cache.keys_ttl", r#""3s""#, "expected 0s to 2s, found 3s");
}

#[test]
fn an_empty_list_or_text_that_nothing_could_work_with_is_refused() {
    check_value("ai.order", "[]", "no provider is named, so nobody could write; name one, such as offline");
    check_variable(
        "ADSTEAD__STORAGE__LOCAL__ROOT",
        "",
        "ADSTEAD__STORAGE__LOCAL__ROOT: storage.local.root: no folder is given; name one, such as data/files",
    );
    check_value("storage.allowed_types", "[]", "no type is allowed, so no file could be taken in; name one");
    check_value(
        "storage.allowed_types",
        r#"["png"]"#,
        "expected types such as image/png, in lower case, found `png`",
    );
    check_value("storage.cache.folder", r#""""#, "no folder is given; name one, such as data/file-cache");
    check_value("telemetry.log", r#"" ""#, "no level is given; write one, such as info, or off for silence");
}

#[test]
fn the_order_names_providers_that_are_described() {
    check_value("ai.order", r#"["ofline"]"#, "`ofline` is not a provider; did you mean `offline`?");
    check_value(
        "ai.order",
        r#"["openai"]"#,
        "`openai` is not a provider; describe it under [ai.providers.openai] or take it out",
    );
    check_value("ai.order", r#"["offline", "offline"]"#, "`offline` is named twice; keep one");
    check_value("ai.order", r#"["offline|ofline"]"#, "`ofline` is not a provider; did you mean `offline`?");
}

#[test]
fn a_breaker_that_would_never_open_is_refused() {
    let why = "it is more than external.breaker_calls, so no breaker would ever open: lower it";
    check_value("external.breaker_failures", "11", why);
    let why = "it is longer than external.breaker_longest: lower it";
    check_value("external.breaker_open", r#""10m""#, why);
}

#[test]
fn a_price_is_a_number_or_unknown_and_one_alone_is_of_no_use() {
    let provider = |price: &str| {
        let text = format!(
            "[ai.providers.openai]\nbase_url = \"http://127.0.0.1/v1\"\nmodel = \"m\"\ninput_price_micros_per_million = {price}\n"
        );
        place().file("local.toml", &text)
    };
    let told = |price: &str| provider(price).report();
    assert!(told("\"cheap\"").contains("expected a whole number, 0 or more, or \"unknown\", found a text"));
    assert!(
        told("250000").contains(
            "one price is known and the other is not, so no cost can be told: give both, or neither"
        )
    );
    let unknown =
        provider("\"unknown\"").loaded().settings.ai.providers["openai"].input_price_micros_per_million;
    assert_eq!(unknown, None);
}

#[test]
fn a_provider_needs_an_address_and_a_model() {
    let place = place().file("local.toml", "[ai.providers.openai]\nretries = 1\n");

    insta::assert_snapshot!(place.report(), @"
    the settings have 2 faults:
      config/local.toml:2: ai.providers.openai.base_url: no base_url is given, and there is no default; set it in [ai.providers.openai] or by ADSTEAD__AI__PROVIDERS__OPENAI__BASE_URL
      config/local.toml:2: ai.providers.openai.model: no model is given, and there is no default; set it in [ai.providers.openai] or by ADSTEAD__AI__PROVIDERS__OPENAI__MODEL
    ");
}

#[test]
fn a_required_value_that_is_wrong_is_not_called_missing_too() {
    let place = place().file("local.toml", "[ai.providers.openai]\nmodel = \"m\"\nbase_url = 5\n");

    check(&place, "config/local.toml:3: ai.providers.openai.base_url: expected a text in quotes, found 5");
}

#[test]
fn a_provider_has_a_name_that_a_variable_can_spell() {
    check_file(
        "[ai.providers.offline]\nmodel = \"m\"\n",
        "config/local.toml:2: ai.providers.offline.model: \
         `offline` is built in and takes no settings; choose another name",
    );
    check_file(
        "[ai.providers.smtp]\nmodel = \"m\"\n",
        "config/local.toml:2: ai.providers.smtp.model: \
         `smtp` is built in and takes no settings; choose another name",
    );
    check_file(
        "[ai.providers.My-LLM]\nmodel = \"m\"\n",
        "config/local.toml:2: ai.providers.My-LLM.model: `My-LLM` is not a provider's name; \
         use lower-case letters, digits and single `_`, so that a variable can spell it",
    );
}

#[test]
fn a_chosen_environment_has_a_file() {
    check(
        &place().file("production.toml", "").variable("ADSTEAD_ENV", "prodution"),
        "ADSTEAD_ENV: there is no prodution.toml in config; did you mean `production`?",
    );
    check(
        &place().file("production.toml", "").file("staging.toml", "").variable("ADSTEAD_ENV", "../secrets"),
        "ADSTEAD_ENV: there is no ../secrets.toml in config; create it, or choose one of: production, staging",
    );
}

#[test]
fn a_folder_that_was_named_exists() {
    let place = place();
    let mut sources = place.sources();
    sources.folder = Some(place.path("missing"));
    let error = adstead_config::Settings::load(&sources).unwrap_err().to_string();

    assert_eq!(
        place.tidy(&error),
        "the settings have a fault:\n  \
         config/missing: there is no such folder of settings; create it or name another"
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let place = place();
    std::fs::create_dir(place.path("local.toml")).unwrap();

    check(
        &place,
        "config/local.toml: the file cannot be read: Is a directory (os error 21); make it readable or take it away",
    );
}

#[test]
fn a_storage_that_could_not_work_is_refused() {
    let keys = |keys: &str| place().variable("ADSTEAD__STORAGE__ENCRYPTION__KEYS", keys);
    let fault =
        |message: &str| format!("ADSTEAD__STORAGE__ENCRYPTION__KEYS: storage.encryption.keys: {message}");
    let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    check(&keys(key), &fault("entry 1 has no colon: write it as name:key"));
    check(
        &keys(&format!("a:{key}\nB:{key}")),
        &fault("entry 2 has no name of 1 to 32 of a-z, 0-9 and `-` before its colon"),
    );
    check(
        &keys("a:hunter2"),
        &fault("the key `a` is not 32 bytes in base64: make one with `openssl rand -base64 32`"),
    );
    check(
        &keys(&format!("a:{key},a:{key}")),
        &fault("the key `a` is there twice: each name stands for one key, for ever"),
    );
    check_value(
        "storage.encryption.active",
        r#""b""#,
        "`b` is no key of storage.encryption.keys: add it there, or name another",
    );
    check_variable(
        "ADSTEAD__STORAGE__BACKEND",
        "s3",
        "built-in default: storage.s3.bucket: no bucket is named, and files are to be kept in one; name it",
    );
    check_value(
        "storage.s3.bucket",
        r#""My_Bucket""#,
        "expected 3 to 63 of a-z, 0-9, `-` and `.`, found `My_Bucket`",
    );
    check_value(
        "storage.s3.prefix",
        r#""Team/.files""#,
        "expected segments of a-z, 0-9, `.`, `_` and `-` joined by `/`, none of which begins with `.`, found `Team/.files`",
    );
    check_value(
        "storage.second",
        r#""local""#,
        "it is the place that storage.backend names already; name another, or none",
    );
    check_variable(
        "ADSTEAD__STORAGE__S3__SECRET_ACCESS_KEY",
        "hunter2",
        "ADSTEAD__STORAGE__S3__SECRET_ACCESS_KEY: storage.s3.secret_access_key: an access key has an id and a secret: give both, \
         or neither to take what AWS tools find",
    );
}
