//! Models behind LiteLLM's proxy, whose idea of OpenAI's API is not ours.

use std::num::NonZeroU32;

use adstead_backends::{ModelServer, or_skipped};
use adstead_domain::Brief;
use adstead_domain::port::{CopyWriter, Listener, ModelCall, PortErrorKind, Progress};
use adstead_infrastructure::external::ServicePolicy;
use adstead_infrastructure::external::ai::{OFFLINE, Prices, ProviderConfig};
use adstead_infrastructure::resilience::RetryPolicy;
use adstead_testkit::build;
use tokio::sync::mpsc::unbounded_channel;

use super::{told, writer};

/// Two variants of a responsive search ad.
const COPY: &str = r#"{"variants": [
    {"headlines": ["Shoes that last", "Made in Portugal", "Free returns"],
     "descriptions": ["Hand-stitched, made to be repaired.", "Order today, wear them tomorrow."], "call_to_action": null},
    {"headlines": ["Walk to work", "Leather that ages well", "Sixty days to try"],
     "descriptions": ["Two generations of shoemakers.", "They fit, or we take them back."], "call_to_action": null}
]}"#;

/// What models say that ramble.
const FENCED: &str = "Gladly! Here you are:\n```json\n{\"variants\": []}\n```\nAnything else?";

fn provider(server: &ModelServer, model: &str) -> ProviderConfig {
    ProviderConfig {
        base_url: server.base_url(),
        model: model.to_owned(),
        api_key: Some(server.key().into()),
        weight: NonZeroU32::MIN,
        policy: ServicePolicy { retry: RetryPolicy::times(0), ..ServicePolicy::default() },
        prices: Some(Prices { input_micros_per_million: 150_000, output_micros_per_million: 600_000 }),
        max_output_tokens: 2_048,
        json_schema: true,
    }
}

#[tokio::test]
async fn models_behind_a_server_of_somebody_else_write_or_say_why_they_do_not() {
    let models = [
        ("copywriter", COPY),
        ("rambler", FENCED),
        ("busy", ModelServer::RATE_LIMITED),
        ("broken", ModelServer::FAILING),
    ];
    let Some(server) = or_skipped(ModelServer::start(&models)) else { return };
    let request = build::copy_request(&Brief { variants: 2, ..build::brief() });

    let (copywriter, services) = writer(&[("litellm", provider(&server, "copywriter"))], &["litellm"]);
    let check = services.check("litellm").await.expect("a registered service");
    check.expect("it tells which models it has");
    let written = copywriter.write(&request).await.expect("it writes");
    assert_eq!(written.content[1].headlines[0], "Walk to work");
    assert_eq!((written.usage.model.as_str(), written.usage.cached), ("copywriter", false));
    assert!(written.usage.input_tokens > 0 && written.usage.output_tokens > 0, "{:?}", written.usage);
    assert!(written.usage.cost_micros.is_some_and(|cost| cost > 0), "{:?}", written.usage);

    let (tell, mut heard) = unbounded_channel();
    let listener = Listener::new(move |progress| {
        if let Progress::Wrote(text) = progress {
            let _ = tell.send(text.to_owned());
        }
    });
    let call = ModelCall { listener: Some(listener), ..request.call.clone() };
    let streaming = adstead_domain::port::CopyRequest { call, ..request.clone() };
    let written = copywriter.write(&streaming).await.expect("it writes in pieces");
    drop(streaming);
    let mut pieces = Vec::new();
    while heard.recv_many(&mut pieces, usize::MAX).await > 0 {}
    assert!(pieces.len() > 5 && pieces.concat() == COPY, "{pieces:?}");
    assert_eq!(written.content[0].headlines[0], "Shoes that last");
    assert!(written.usage.cost_micros.is_some_and(|cost| cost > 0), "{:?}", written.usage);

    for (model, kind) in [
        ("busy", PortErrorKind::RateLimited),
        ("broken", PortErrorKind::Unavailable),
        ("rambler", PortErrorKind::Corrupt),
    ] {
        let failing = provider(&server, model);
        let (alone, _) = writer(&[("litellm", failing.clone())], &["litellm"]);
        let error = alone.write(&request).await.expect_err(model);
        assert_eq!(error.kind, kind, "{model}: {}", told(&error));
        let (backed, _) = writer(&[("litellm", failing)], &["litellm", OFFLINE]);
        assert_eq!(backed.write(&request).await.expect(model).usage.provider, OFFLINE, "{model}");
    }

    let (unknown, services) = writer(&[("litellm", provider(&server, "gpt-17"))], &["litellm"]);
    let check = services.check("litellm").await.expect("a registered service");
    for error in [unknown.write(&request).await.unwrap_err(), check.unwrap_err()] {
        let words = told(&error);
        assert!(
            words.contains("there is no model \"gpt-17\"") && words.contains("copywriter, rambler"),
            "{words}"
        );
    }
    let stranger =
        ProviderConfig { api_key: Some("sk-somebody-elses".into()), ..provider(&server, "copywriter") };
    let (stranger, _) = writer(&[("litellm", stranger)], &["litellm"]);
    let error = stranger.write(&request).await.unwrap_err();
    assert!(error.kind == PortErrorKind::Rejected && !told(&error).contains("sk-"), "{}", told(&error));
}
