//! External services, as the operator sees them.

use std::process::Command;

use adstead_testkit::openai::{Act, FakeOpenAi};
use serde_json::{Value, json};

use crate::http::{ask, succeed};
use crate::server::{Server, adstead, eventually, failure};

fn with_openai(folder: &std::path::Path, provider: &FakeOpenAi, arguments: &[&str]) -> Command {
    let mut command = adstead(folder, arguments);
    command
        .env("ADSTEAD__AI__ORDER", "openai")
        .env("ADSTEAD__AI__CACHE_TTL", "0s")
        .env("ADSTEAD__AI__PROVIDERS__OPENAI__BASE_URL", provider.base_url())
        .env("ADSTEAD__AI__PROVIDERS__OPENAI__MODEL", "test-model")
        .env("ADSTEAD__EXTERNAL__SWITCHES_INTERVAL", "100ms")
        .env_remove("ADSTEAD_KEY");
    command
}

fn succeeds(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn health(server: &Server, key: &str, name: &str) -> Value {
    let told = succeed(server.address, "GET /v1/system/services", key, None);
    let services = told["services"].as_array().unwrap();
    services.iter().find(|service| service["name"] == name).unwrap()["health"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_can_be_disabled_and_enabled_beside_a_running_server() {
    let provider = FakeOpenAi::start([Act::Comply]).await;
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| succeeds(with_openai(folder.path(), &provider, arguments));
    let server = Server::spawn(&mut with_openai(folder.path(), &provider, &["serve"]));
    let key = server.first_key();
    let generate = || {
        let brief = json!({ "brief": {
            "product": "Hand-stitched shoes", "language": "en", "platform": "google", "ad_type": "text", "variants": 2,
        } });
        ask(server.address, "POST /v1/generations", &key, Some(&brief)).unwrap()
    };
    assert_eq!(health(&server, &key, "openai"), "active");
    assert_eq!(generate().status, 201);

    assert_eq!(
        run(&["services", "disable", "openai"]),
        "openai is disabled; running servers follow within 100 ms\n"
    );
    eventually("the server follows", || (health(&server, &key, "openai") == "disabled").then_some(()));
    let answer = generate();
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body.contains("openai: Unavailable: the service is disabled"), "{answer:?}");
    assert_eq!(ask(server.address, "GET /readyz", "", None).unwrap().status, 200);
    let listed: Value = serde_json::from_str(&run(&["services", "list", "--json"])).unwrap();
    assert_eq!(listed["services"][0], json!({ "name": "offline", "enabled": true }));
    assert_eq!(listed["services"][1]["enabled"], false);
    assert!(listed["services"][1]["disabled_since"].is_string());

    assert_eq!(
        run(&["services", "enable", "openai"]),
        "openai is enabled; running servers follow within 100 ms\n"
    );
    assert_eq!(run(&["services", "enable", "openai"]), "openai was enabled already\n");
    eventually("the server follows", || (health(&server, &key, "openai") == "active").then_some(()));
    assert_eq!(generate().status, 201);

    let address = format!("http://{}", server.address);
    let table = run(&["services", "list", "--server", &address, "--key", &key]);
    let line = table.lines().find(|line| line.starts_with("openai")).unwrap();
    let words: Vec<_> = line.split_whitespace().take(5).collect();
    assert_eq!(words, ["openai", "active", "2", "0", "1"], "calls, failures, refusals: {table}");
}

#[tokio::test(flavor = "multi_thread")]
async fn services_are_asked_for_a_sign_of_life() {
    let provider = FakeOpenAi::start([Act::Comply]).await;
    let folder = tempfile::tempdir().unwrap();
    let told = succeeds(with_openai(folder.path(), &provider, &["services", "check"]));
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines[0], "offline: nothing to ask without a call");
    assert_eq!(lines[2], "webhooks: nothing to ask without a call");
    assert!(lines[1].starts_with("openai: it answers ("), "{told}");

    provider.play([Act::Fail(401, "invalid_api_key")]);
    let mut check = with_openai(folder.path(), &provider, &["services", "check", "openai", "--json"]);
    let output = check.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let error = told["services"][0]["error"].as_str().unwrap();
    assert!(error.ends_with("the provider refused the key: check ai.providers.openai.api_key"), "{error}");

    for command in ["check", "disable", "enable"] {
        let (_, words) = failure(&mut with_openai(folder.path(), &provider, &["services", command, "opnai"]));
        assert!(
            words.contains("there is no service \"opnai\": the settings have offline, openai"),
            "{words}"
        );
    }
}

#[test]
fn a_language_that_no_provider_writes_is_answered_with_those_that_the_built_in_writer_speaks() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let key = server.first_key();
    let german = json!({ "brief": {
        "product": "Schuhe", "language": "de", "platform": "google", "ad_type": "text", "variants": 1,
    } });
    let answer = ask(server.address, "POST /v1/generations", &key, Some(&german)).unwrap();
    assert_eq!((answer.status, answer.header("retry-after")), (502, None), "it is of no use to try again");
    let detail = answer.json()["detail"].clone();
    let expected = "no provider wrote the copy: offline: Rejected: the built-in writer speaks English (en) and Spanish (es), \
                    not de: describe a language model under [ai.providers] and name it in ai.order";
    assert_eq!(detail, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_generation_is_told_while_it_is_written_and_kept_as_it_was_told() {
    let provider = FakeOpenAi::start([Act::Comply]).await;
    let folder = tempfile::tempdir().unwrap();
    let server = Server::spawn(&mut with_openai(folder.path(), &provider, &["serve"]));
    let key = server.first_key();
    let brief = json!({ "brief": {
        "product": "Hand-stitched shoes", "language": "en", "platform": "google", "ad_type": "text", "variants": 1,
    } });
    let answer = ask(server.address, "POST /v1/generations?stream=true", &key, Some(&brief)).unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("text/event-stream")));
    let told =
        |prefix: &str| answer.body.lines().filter_map(|line| line.strip_prefix(prefix)).collect::<Vec<_>>();
    let mut names = told("event: ");
    names.dedup();
    assert_eq!(names, ["started", "delta", "generation"]);
    let data = told("data: ");
    let first: Value = serde_json::from_str(data[0]).unwrap();
    assert_eq!(first, json!({ "provider": "openai", "model": "test-model" }));
    let generation: Value = serde_json::from_str(data[data.len() - 1]).unwrap();
    assert_eq!(generation["provenance"]["output_tokens"], 340);
    let path = format!("GET /v1/generations/{}", generation["id"].as_str().unwrap());
    assert_eq!(succeed(server.address, &path, &key, None), generation);
}
