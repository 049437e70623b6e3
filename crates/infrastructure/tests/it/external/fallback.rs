use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use adstead_domain::port::{CopyRequest, CopyWriter, ModelCall, PortErrorKind, ServiceHealth};
use adstead_domain::{Brief, Language};
use adstead_infrastructure::external::ServicePolicy;
use adstead_infrastructure::external::ai::{
    AiConfig, AiConfigError, AiProviderService, OFFLINE, ProviderConfig,
};
use adstead_infrastructure::resilience::BreakerPolicy;
use adstead_testkit::build;
use adstead_testkit::openai::{Act, FakeOpenAi};

use super::{KEY, provider, statistics, told, with_retries, writer};

#[tokio::test]
async fn the_next_provider_answers_where_one_fails() {
    for act in [Act::Fail(500, "oops"), Act::Fail(401, "invalid_api_key"), Act::Throttle(3_600), Act::Chat] {
        let server = FakeOpenAi::start([act.clone()]).await;
        let (writer, services) = writer(&[("openai", provider(&server))], &["openai", OFFLINE]);
        let written = writer.write(&build::copy_request(&build::brief())).await.unwrap();
        assert_eq!(
            (written.usage.provider.as_str(), written.usage.model.as_str()),
            ("offline", "grammar-1"),
            "{act:?}"
        );
        assert_eq!(statistics(&services, "offline").calls, 1);
    }
}

#[tokio::test]
async fn a_provider_that_hangs_leaves_time_for_the_next() {
    let server = FakeOpenAi::start([Act::Hang]).await;
    let config = with_retries(provider(&server), 10);
    let (writer, _) = writer(&[("openai", config)], &["openai", OFFLINE]);
    let deadline = Duration::from_secs(2);
    let started = Instant::now();
    let call = ModelCall { deadline, ..build::model_call() };
    let request = CopyRequest { call, ..build::copy_request(&build::brief()) };
    let written = writer.write(&request).await.unwrap();
    assert_eq!(written.usage.provider, "offline");
    assert!(started.elapsed() < deadline);
}

#[tokio::test]
async fn a_provider_that_is_named_is_the_only_one_asked() {
    let server = FakeOpenAi::start([Act::Fail(500, "oops")]).await;
    let (writer, services) = writer(&[("openai", provider(&server))], &[OFFLINE, "openai"]);
    let named = |name: &str| {
        let call = ModelCall { provider: Some(name.to_owned()), ..build::model_call() };
        CopyRequest { call, ..build::copy_request(&build::brief()) }
    };
    assert_eq!(writer.write(&named("openai")).await.unwrap_err().kind, PortErrorKind::Unavailable);
    assert_eq!(statistics(&services, "offline").calls, 0);
    let error = writer.write(&named("opnai")).await.unwrap_err();
    insta::assert_snapshot!(told(&error), @r#"copy_writer.write failed: it was refused: there is no provider "opnai": use one of offline, openai"#);
}

#[tokio::test]
async fn an_error_names_every_attempt_and_can_be_tried_again_where_one_of_them_can() {
    let (first, second) =
        (FakeOpenAi::start([Act::Throttle(9)]).await, FakeOpenAi::start([Act::Decline]).await);
    let providers = [("first", provider(&first)), ("second", provider(&second))];
    let (writer, _) = writer(&providers, &["first", "second", OFFLINE]);
    let german = Brief { language: "de".parse::<Language>().unwrap(), ..build::brief() };
    let error = writer.write(&build::copy_request(&german)).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::RateLimited, Some(Duration::from_secs(9))));
    let told = told(&error);
    for attempt in [
        "first: RateLimited: HTTP 429",
        "; second: Rejected: the model declined",
        "; offline: Rejected: the built-in writer speaks",
    ] {
        assert!(told.contains(attempt), "{told}");
    }
}

#[tokio::test]
async fn a_provider_that_asks_for_time_gets_it_while_the_next_answers_at_once() {
    let server = FakeOpenAi::start([Act::Throttle(1), Act::Comply]).await;
    let config = with_retries(provider(&server), 3);
    let (writer, services) = writer(&[("openai", config)], &["openai", OFFLINE]);
    let asked = async || writer.write(&build::copy_request(&build::brief())).await.unwrap().usage.provider;
    let started = Instant::now();
    assert_eq!([asked().await, asked().await], ["offline", "offline"]);
    assert!(started.elapsed() < Duration::from_secs(1), "nobody waits");
    let counted = statistics(&services, "openai");
    assert_eq!((counted.health, counted.calls, counted.refused), (ServiceHealth::RateLimited, 1, 1));
    tokio::time::sleep(counted.available_in.unwrap()).await;
    assert_eq!(asked().await, "openai");
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn nobody_is_told_to_wait_longer_than_the_one_who_may_be_back_at_once() {
    let (first, second) = (
        FakeOpenAi::start([Act::Throttle(900)]).await,
        FakeOpenAi::start([Act::Fail(503, "restarting")]).await,
    );
    let providers = [("first", provider(&first)), ("second", provider(&second))];
    let (writer, _) = writer(&providers, &["first", "second"]);
    let error = writer.write(&build::copy_request(&build::brief())).await.unwrap_err();
    assert_eq!((error.kind, error.retry_after), (PortErrorKind::Unavailable, None));
}

#[tokio::test]
async fn a_provider_that_is_gone_is_asked_by_probes_alone_until_it_is_back() {
    let server = FakeOpenAi::start([Act::Fail(503, "overloaded")]).await;
    let breaker = BreakerPolicy {
        failures: 3,
        of_last: 3,
        open_for: Duration::from_millis(50),
        longest: Duration::from_millis(50),
    };
    let config = provider(&server);
    let config = ProviderConfig { policy: ServicePolicy { breaker, ..config.policy }, ..config };
    let (writer, services) = writer(&[("openai", config)], &["openai", OFFLINE]);
    let asked = async || writer.write(&build::copy_request(&build::brief())).await.unwrap().usage.provider;
    for _ in 0..20 {
        assert_eq!(asked().await, "offline");
    }
    assert_eq!(server.requests().len(), 3);
    assert_eq!(statistics(&services, "openai").health, ServiceHealth::Open);
    while server.probes() < 3 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(asked().await, "offline");
    assert_eq!(server.requests().len(), 3, "no caller asks while probes fail");

    server.play([Act::Comply]);
    while statistics(&services, "openai").health == ServiceHealth::Open {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(asked().await, "openai");
    assert_eq!(statistics(&services, "openai").openings, 1, "it was away all the time");
}

#[tokio::test]
async fn providers_of_one_entry_are_asked_in_turns_by_weight_and_stand_in_for_one_another() {
    let (large, small) = (FakeOpenAi::start([]).await, FakeOpenAi::start([]).await);
    let heavy = ProviderConfig { weight: NonZeroU32::new(3).unwrap(), ..provider(&large) };
    let providers = [("large", heavy), ("small", provider(&small))];
    let (writer, _) = writer(&providers, &["large|small", OFFLINE]);
    let asked = async || writer.write(&build::copy_request(&build::brief())).await.unwrap().usage.provider;
    for _ in 0..8 {
        asked().await;
    }
    assert_eq!((large.requests().len(), small.requests().len()), (6, 2));
    large.play([Act::Fail(500, "oops")]);
    for _ in 0..4 {
        assert_eq!(asked().await, "small");
    }
    small.play([Act::Fail(500, "oops")]);
    assert_eq!(asked().await, OFFLINE);
}

#[tokio::test]
async fn the_providers_are_those_of_the_order_and_then_the_others() {
    let server = FakeOpenAi::start([]).await;
    let providers = [("a", provider(&server)), ("b", provider(&server))];
    let (writer, _) = writer(&providers, &["b", OFFLINE]);
    let call = ModelCall { provider: Some("c".to_owned()), ..build::model_call() };
    let request = CopyRequest { call, ..build::copy_request(&build::brief()) };
    let refused = told(&writer.write(&request).await.unwrap_err());
    assert!(refused.ends_with("there is no provider \"c\": use one of b, offline, a"), "{refused}");
    assert!(!format!("{writer:?} {:?}", providers[0]).contains(KEY));
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let refusal = |order: &[&str]| {
        let config = AiConfig {
            order: order.iter().map(|name| vec![(*name).to_owned()]).collect(),
            providers: Default::default(),
            spend_per_day_micros: None,
        };
        AiProviderService::new(&config, &Default::default()).unwrap_err()
    };
    assert!(matches!(refusal(&[]), AiConfigError::NoProvider));
    insta::assert_snapshot!(refusal(&["offline", "openai"]), @r#"ai.order names "openai", which is none of offline"#);
}
