use std::time::{Duration, Instant};

use adstead_domain::Brief;
use adstead_domain::port::{CopyRequest, CopyWriter, PortError, PortErrorKind};
use adstead_infrastructure::external::ServicePolicy;
use adstead_infrastructure::external::ai::{OFFLINE, Prices, ProviderConfig};
use adstead_testkit::build;
use adstead_testkit::openai::{Act, FakeOpenAi, TOKENS};

use super::{KEY, provider, statistics, told, with_retries, writer};

/// What becomes of a wish for two variants where the server plays these acts.
async fn failure(script: impl IntoIterator<Item = Act>) -> PortError {
    let server = FakeOpenAi::start(script).await;
    let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
    let error = writer.write(&two_variants()).await.expect_err("the server does not answer what was asked");
    assert!(!format!("{error:?} {}", told(&error)).contains(KEY), "the key is told: {error:?}");
    error
}

fn two_variants() -> CopyRequest {
    build::copy_request(&Brief { variants: 2, ..build::brief() })
}

#[tokio::test]
async fn tokens_and_cost_are_those_that_the_server_reports() {
    let server = FakeOpenAi::start([]).await;
    let (writer, services) = writer(&[("openai", provider(&server))], &["openai"]);
    let usage = writer.write(&two_variants()).await.unwrap().usage;
    assert_eq!((usage.provider.as_str(), usage.model.as_str()), ("openai", "test-model"));
    assert_eq!((usage.input_tokens, usage.output_tokens), TOKENS);
    // 1,200 × 0.15 + 340 × 0.60 micros
    assert_eq!(usage.cost_micros, Some(384));
    assert_eq!(statistics(&services, "openai").calls, 1);
}

#[tokio::test]
async fn a_cost_that_nobody_knows_is_not_nought() {
    let server = FakeOpenAi::start([Act::Comply, Act::BeSparse]).await;
    let cost = async |prices| {
        let config = ProviderConfig { prices, ..provider(&server) };
        let (writer, _) = writer(&[("openai", config)], &["openai"]);
        writer.write(&two_variants()).await.unwrap().usage.cost_micros
    };
    assert_eq!(cost(None).await, None);
    let prices =
        |micros| Some(Prices { input_micros_per_million: micros, output_micros_per_million: micros });
    assert_eq!(cost(prices(1)).await, None, "the server does not tell what it read and wrote");
    assert_eq!(cost(prices(0)).await, Some(0), "it asks for nothing");
}

#[tokio::test]
async fn the_request_carries_the_key_the_prompt_and_the_schema() {
    let server = FakeOpenAi::start([]).await;
    let request = two_variants();
    writer(&[("openai", provider(&server))], &["openai"]).0.write(&request).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.authorization.as_deref(), Some("Bearer sk-test-key"));
    assert_eq!(sent.body["model"], "test-model");
    assert_eq!(sent.body["max_completion_tokens"], 2_048);
    assert_eq!(sent.body["messages"][1]["content"], request.call.prompt.user);
    let format = &sent.body["response_format"]["json_schema"];
    assert_eq!(format["strict"], true);
    assert_eq!(format["schema"]["properties"]["variants"]["minItems"], 2);
}

#[tokio::test]
async fn a_server_without_schemas_is_told_in_words_and_one_without_keys_is_sent_none() {
    let server = FakeOpenAi::start([]).await;
    let config = ProviderConfig { json_schema: false, api_key: None, ..provider(&server) };
    writer(&[("ollama", config)], &["ollama"]).0.write(&two_variants()).await.unwrap();
    let sent = &server.requests()[0];
    assert_eq!(sent.authorization, None);
    assert!(sent.body.get("response_format").is_none());
    let system = sent.body["messages"][0]["content"].as_str().unwrap();
    assert!(system.contains("JSON schema") && system.contains("\"variants\""), "{system}");
}

#[tokio::test]
async fn a_sparse_answer_is_understood() {
    let server = FakeOpenAi::start([Act::BeSparse]).await;
    let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
    let written = writer.write(&two_variants()).await.unwrap();
    assert_eq!(written.content.len(), 2);
    assert_eq!((written.usage.model.as_str(), written.usage.cost_micros), ("test-model", None));
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_asked_for_once_more_and_both_are_paid_for() {
    for first in [Act::Chat, Act::FallShort, Act::RunOut] {
        let server = FakeOpenAi::start([first, Act::Comply]).await;
        let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
        let written = writer.write(&two_variants()).await.unwrap();
        assert_eq!(written.content.len(), 2);
        assert_eq!(written.usage.input_tokens, 2 * TOKENS.0);
    }
}

#[tokio::test]
async fn variants_that_can_be_used_are_not_thrown_away_as_there_are_too_few() {
    for second in [Act::Chat, Act::Fail(500, "oops"), Act::Decline] {
        let server = FakeOpenAi::start([Act::FallShort, second.clone()]).await;
        let (writer, _) = writer(&[("openai", provider(&server))], &["openai", OFFLINE]);
        let written = writer.write(&two_variants()).await.unwrap();
        let usage = &written.usage;
        assert_eq!((written.content.len(), usage.provider.as_str()), (1, "openai"), "{second:?}");
        assert_eq!(server.requests().len(), 2);
    }
}

#[tokio::test]
async fn prose_instead_of_json_is_told_with_its_beginning() {
    let error = failure([Act::Chat]).await;
    assert_eq!(error.kind, PortErrorKind::Corrupt);
    insta::assert_snapshot!(told(&error), @r#"copy_writer.write failed: the answer could not be understood: openai: Corrupt: it did not answer the JSON that it was asked for, but "I would love to help! Could you tell me more about your product?""#);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_told_with_the_setting_to_raise() {
    let error = failure([Act::RunOut]).await;
    assert_eq!(error.kind, PortErrorKind::Corrupt);
    insta::assert_snapshot!(told(&error), @r#"copy_writer.write failed: the answer could not be understood: openai: Corrupt: its answer was cut off at max_output_tokens: "{\"variants\": [{\"headl""#);
}

#[tokio::test]
async fn bytes_that_are_no_json_are_told_as_such() {
    let error = failure([Act::Babble]).await;
    assert_eq!(error.kind, PortErrorKind::Corrupt);
    insta::assert_snapshot!(told(&error), @r#"copy_writer.write failed: the answer could not be understood: openai: Corrupt: the server answered no JSON, but "<html>It works!</html>""#);
}

#[tokio::test]
async fn a_refused_key_is_told_with_its_setting_and_not_tried_again() {
    for status in [401, 403] {
        let error = failure([Act::Fail(status, "invalid_api_key")]).await;
        assert_eq!(error.kind, PortErrorKind::Denied);
        assert_eq!(
            told(&error),
            "copy_writer.write failed: the key or the address is refused: openai: Denied: the provider refused the key: check \
             ai.providers.openai.api_key"
        );
    }
}

#[tokio::test]
async fn an_account_without_credit_is_refused_although_the_status_says_too_many_requests() {
    let error = failure([Act::Fail(429, "insufficient_quota")]).await;
    assert_eq!(error.kind, PortErrorKind::Denied);
    insta::assert_snapshot!(told(&error), @r#"copy_writer.write failed: the key or the address is refused: openai: Denied: the provider's account is out of credit (HTTP 429 Too Many Requests: "You cannot have this (insufficient_quota), Bearer [key]."): top it up or choose another provider"#);
}

#[tokio::test]
async fn an_unknown_model_is_told_with_its_setting() {
    let error = failure([Act::Fail(404, "model_not_found")]).await;
    assert_eq!(error.kind, PortErrorKind::Denied);
    let told = told(&error);
    assert!(told.contains("there is no model \"test-model\""), "{told}");
    assert!(told.contains("check ai.providers.openai.model"), "{told}");
}

#[tokio::test]
async fn an_unknown_model_is_told_with_those_that_there_are() {
    let error = failure([Act::LackModel]).await;
    assert_eq!(error.kind, PortErrorKind::Denied);
    let told = told(&error);
    assert!(told.ends_with("set ai.providers.openai.model to one of test-model, test-model-mini"), "{told}");
}

#[tokio::test]
async fn a_provider_is_checked_by_the_models_that_it_has() {
    let checked = async |act: Act, model: &str| {
        let server = FakeOpenAi::start([act]).await;
        let config = ProviderConfig { model: model.to_owned(), ..provider(&server) };
        let (_writer, services) = writer(&[("openai", config)], &["openai"]);
        let outcome = services.check("openai").await.expect("it can be asked");
        assert_eq!((server.probes(), server.requests().len()), (1, 0));
        outcome.map_err(|error| (error.kind, told(&error)))
    };
    assert_eq!(checked(Act::Comply, "test-model").await, Ok(()));
    assert_eq!(
        checked(Act::Fail(404, "no_such_page"), "test-model").await,
        Ok(()),
        "not all servers can tell"
    );
    let (kind, told) = checked(Act::Comply, "gpt-9").await.unwrap_err();
    assert_eq!(kind, PortErrorKind::Denied);
    assert!(
        told.contains("there is no model \"gpt-9\": set ai.providers.openai.model to one of test-model,"),
        "{told}"
    );
    let (kind, told) = checked(Act::Fail(401, "invalid_api_key"), "test-model").await.unwrap_err();
    assert_eq!(kind, PortErrorKind::Denied);
    assert!(told.contains("check ai.providers.openai.api_key") && !told.contains(KEY), "{told}");
    assert_eq!(
        checked(Act::Fail(500, "oops"), "test-model").await.unwrap_err().0,
        PortErrorKind::Unavailable
    );
}

#[tokio::test]
async fn a_model_that_declines_is_a_refusal() {
    let error = failure([Act::Decline]).await;
    assert_eq!(error.kind, PortErrorKind::Rejected);
    assert!(told(&error).contains("the model declined: \"I cannot help with that.\""));
}

#[tokio::test]
async fn a_passing_failure_is_tried_again() {
    let server = FakeOpenAi::start([Act::Fail(500, "oops"), Act::BreakOff, Act::Comply]).await;
    let config = with_retries(provider(&server), 2);
    let (writer, services) = writer(&[("openai", config)], &["openai"]);
    writer.write(&two_variants()).await.unwrap();
    let counted = statistics(&services, "openai");
    assert_eq!((counted.calls, counted.failures, counted.retries), (3, 2, 2));
    let last_error = counted.last_error.unwrap().message;
    assert!(last_error.starts_with("copy_writer.write failed"), "{last_error}");
    assert!(!last_error.contains("oops"), "the provider's words are for the log alone: {last_error}");
}

#[tokio::test]
async fn a_server_that_keeps_failing_is_unavailable() {
    for act in [Act::Fail(500, "oops"), Act::Fail(529, "overloaded"), Act::BreakOff] {
        assert_eq!(failure([act]).await.kind, PortErrorKind::Unavailable);
    }
}

#[tokio::test]
async fn a_wish_to_wait_is_honoured_and_passed_on() {
    let error = failure([Act::Throttle(7)]).await;
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::RateLimited, Some(Duration::from_secs(7))));

    let server = FakeOpenAi::start([Act::Throttle(1), Act::Comply]).await;
    let config = with_retries(provider(&server), 1);
    let (writer, _) = writer(&[("openai", config)], &["openai"]);
    let started = Instant::now();
    writer.write(&two_variants()).await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let server = FakeOpenAi::start([Act::Hang]).await;
    let config = provider(&server);
    let policy = ServicePolicy { attempt_timeout: Duration::from_millis(50), ..config.policy };
    let config = ProviderConfig { policy, ..config };
    let (writer, _) = writer(&[("openai", config)], &["openai"]);
    assert_eq!(writer.write(&two_variants()).await.unwrap_err().kind, PortErrorKind::Timeout);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unavailable() {
    let config = {
        let gone = FakeOpenAi::start([]).await;
        provider(&gone)
    };
    let unreachable = ProviderConfig { base_url: "http://127.0.0.1:1/v1".to_owned(), ..config };
    let (writer, _) = writer(&[("openai", unreachable)], &["openai"]);
    assert_eq!(writer.write(&two_variants()).await.unwrap_err().kind, PortErrorKind::Unavailable);
}

#[tokio::test]
async fn lines_past_a_limit_are_left_to_the_caller() {
    let server = FakeOpenAi::start([Act::Ramble]).await;
    let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
    let written = writer.write(&two_variants()).await.unwrap();
    assert!(written.content[0].headlines[0].chars().count() > 2_200);
}
