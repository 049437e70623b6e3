use std::time::Duration;

use adstead_domain::Brief;
use adstead_domain::port::{CopyRequest, CopyWriter, Listener, ModelCall, PortErrorKind, Progress};
use adstead_infrastructure::external::ServicePolicy;
use adstead_infrastructure::external::ai::{OFFLINE, ProviderConfig};
use adstead_testkit::build;
use adstead_testkit::openai::{Act, FakeOpenAi, TOKENS};
use serde_json::{Value, json};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::{KEY, provider, statistics, told, with_retries, writer};

/// A wish for two variants, and what its listener hears, `> provider model` where somebody begins.
fn heard_wish() -> (CopyRequest, UnboundedReceiver<String>) {
    let (tell, heard) = unbounded_channel();
    let listener = Listener::new(move |progress| {
        let heard = match progress {
            Progress::Began { provider, model } => format!("> {provider} {model}"),
            Progress::Wrote(text) => text.to_owned(),
            Progress::Repairing { .. } => panic!("who writes does not repair"),
        };
        let _ = tell.send(heard);
    });
    let request = build::copy_request(&Brief { variants: 2, ..build::brief() });
    let call = ModelCall { listener: Some(listener), ..request.call };
    (CopyRequest { call, ..request }, heard)
}

/// All that was heard, once nothing more can be.
async fn all(mut heard: UnboundedReceiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    heard.recv_many(&mut all, usize::MAX).await;
    while heard.recv_many(&mut all, usize::MAX).await > 0 {}
    all
}

/// A provider that gives up on a server that says nothing for that long.
fn impatient(server: &FakeOpenAi, patience: Duration) -> ProviderConfig {
    let config = with_retries(provider(server), 2);
    ProviderConfig { policy: ServicePolicy { attempt_timeout: patience, ..config.policy }, ..config }
}

#[tokio::test]
async fn a_model_is_heard_word_by_word() {
    let server = FakeOpenAi::start([Act::Comply]).await;
    let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
    let (request, heard) = heard_wish();
    let written = writer.write(&request).await.unwrap();
    drop(request);
    let heard = all(heard).await;
    assert_eq!(heard[0], "> openai test-model");
    assert!(heard.len() > 5, "it comes in pieces: {heard:?}");
    let answer: Value = serde_json::from_str(&heard[1..].concat()).unwrap();
    assert_eq!(answer["variants"][1]["headlines"], json!(written.content[1].headlines));
    assert_eq!((written.usage.input_tokens, written.usage.output_tokens), TOKENS);
    let sent = &server.requests()[0].body;
    assert_eq!((&sent["stream"], &sent["stream_options"]["include_usage"]), (&json!(true), &json!(true)));
}

#[tokio::test]
async fn servers_that_say_less_say_it_at_once_or_lie_are_understood() {
    let costs =
        [(Act::BeSparse, None), (Act::Lie, None), (Act::ComplyAtOnce, Some(384)), (Act::Fence, Some(384))];
    for (act, cost) in costs {
        let server = FakeOpenAi::start([act.clone()]).await;
        let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
        let (request, heard) = heard_wish();
        let written = writer.write(&request).await.unwrap();
        drop(request);
        assert_eq!((written.content.len(), written.usage.cost_micros), (2, cost), "{act:?}");
        assert!(all(heard).await.len() > 1, "{act:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_the_wish_for_usage_is_asked_without() {
    for status in [400, 422] {
        let server = FakeOpenAi::start([Act::Fail(status, "stream_options"), Act::Comply]).await;
        let (writer, _) = writer(&[("openai", with_retries(provider(&server), 0))], &["openai"]);
        let (request, heard) = heard_wish();
        let written = writer.write(&request).await.unwrap();
        drop(request);
        assert_eq!((written.content.len(), written.usage.cost_micros), (2, None), "nobody told what it took");
        assert_eq!(all(heard).await[0], "> openai test-model");
        let [first, second] = &server.requests()[..] else { panic!("it is asked twice") };
        assert_eq!(first.body["stream_options"]["include_usage"], true);
        assert_eq!((&second.body["stream"], second.body.get("stream_options")), (&json!(true), None));
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_an_error_that_nobody_else_is_asked_to_mend() {
    let patience = Duration::from_millis(300);
    let cases = [
        (Act::BreakOff, PortErrorKind::Unavailable, "the server cannot be reached, or broke off", 1),
        (
            Act::FailMidway,
            PortErrorKind::Unavailable,
            "the server broke its answer off with an error: \"You",
            1,
        ),
        (Act::Stall, PortErrorKind::Timeout, "the server sent nothing for 300ms", 1),
        // What cannot be read is asked for once more, whether it is streamed or not.
        (
            Act::StopShort,
            PortErrorKind::Corrupt,
            "its answer ended before the JSON that it was asked for did",
            2,
        ),
    ];
    for (act, kind, words, asked) in cases {
        let server = FakeOpenAi::start([act.clone()]).await;
        let (writer, services) = writer(&[("openai", impatient(&server, patience))], &["openai", OFFLINE]);
        let (request, heard) = heard_wish();
        let error = writer.write(&request).await.unwrap_err();
        drop(request);
        assert_eq!(error.kind, kind, "{act:?}: {}", told(&error));
        assert!(told(&error).contains(words) && !told(&error).contains(KEY), "{act:?}: {}", told(&error));
        assert_eq!(server.requests().len(), asked, "{act:?}");
        assert_eq!(statistics(&services, OFFLINE).calls, 0, "{act:?}");
        assert!(all(heard).await[1].starts_with("{\"variants\""), "{act:?}");
    }
}

#[tokio::test]
async fn the_next_provider_is_asked_where_none_has_written_a_word() {
    let patience = Duration::from_millis(200);
    for act in [Act::Fail(400, "no_streams_here"), Act::Throttle(9), Act::Babble, Act::Decline, Act::Hang] {
        let server = FakeOpenAi::start([act.clone()]).await;
        let config = with_retries(impatient(&server, patience), 0);
        let (writer, _) = writer(&[("openai", config)], &["openai", OFFLINE]);
        let (request, heard) = heard_wish();
        let written = writer.write(&request).await.unwrap();
        drop(request);
        let heard = all(heard).await;
        assert_eq!(heard[0], "> offline grammar-1", "{act:?}");
        assert_eq!(heard[1], format!("{}\n", written.content[0].headlines[0]), "{act:?}");
    }
}

#[tokio::test]
async fn a_provider_that_never_begins_counts_as_failing_though_the_next_one_answers() {
    let server = FakeOpenAi::start([Act::Hang]).await;
    let [slow, next] = [600, 400].map(|patience| impatient(&server, Duration::from_millis(patience)));
    let providers = [("slow", with_retries(slow, 0)), ("next", with_retries(next, 0))];
    let (writer, services) = writer(&providers, &["slow", "next", OFFLINE]);
    let (request, _heard) = heard_wish();
    // What is left for the first is a little less than it has patience.
    let call = ModelCall { deadline: Duration::from_millis(1_450), ..request.call };
    let written = writer.write(&CopyRequest { call, ..request }).await.unwrap();
    assert_eq!(written.usage.provider, OFFLINE);
    assert_eq!((statistics(&services, "slow").failures, statistics(&services, "next").failures), (1, 1));
}

#[tokio::test]
async fn an_answer_without_an_end_ends_at_the_deadline() {
    let server = FakeOpenAi::start([Act::Stall]).await;
    let (writer, _) = writer(&[("openai", provider(&server))], &["openai"]);
    let (request, _heard) = heard_wish();
    let call = ModelCall { deadline: Duration::from_millis(300), ..request.call };
    let request = CopyRequest { call, ..request };
    let error = writer.write(&request).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Timeout);
    server.left().await;
}

#[tokio::test]
async fn a_call_ends_as_its_caller_goes() {
    let server = FakeOpenAi::start([Act::Stall]).await;
    let (writer, services) = writer(&[("openai", provider(&server))], &["openai"]);
    let (request, mut heard) = heard_wish();
    let caller = tokio::spawn(async move { writer.write(&request).await });
    assert_eq!(heard.recv().await.unwrap(), "> openai test-model");
    assert_eq!(statistics(&services, "openai").in_flight, 1);
    caller.abort();
    server.left().await;
    assert_eq!(statistics(&services, "openai").in_flight, 0);
}
