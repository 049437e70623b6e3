use std::sync::Arc;

use adstead_infrastructure::external::ai::ProviderConfig;
use adstead_testkit::contract::{copy_analyst, copy_reviewer, copy_writer, run_all};
use adstead_testkit::openai::{Act, FakeOpenAi};

use super::{provider, writer};

#[tokio::test]
async fn the_offline_writer_keeps_the_contract() {
    run_all("AiProviderService (offline)", "CopyWriter", copy_writer::CASES, async || {
        Arc::new(writer(&[], &["offline"]).0) as _
    })
    .await;
}

async fn openai_keeps_the_contract(adapter: &str, act: Act, json_schema: bool) {
    let server = FakeOpenAi::start([act]).await;
    let config = ProviderConfig { json_schema, ..provider(&server) };
    run_all(adapter, "CopyWriter", copy_writer::CASES, async || {
        Arc::new(writer(&[("openai", config.clone())], &["openai"]).0) as _
    })
    .await;
}

#[tokio::test]
async fn a_server_that_honours_schemas_keeps_the_contract() {
    openai_keeps_the_contract("AiProviderService (JSON schema)", Act::Comply, true).await;
}

#[tokio::test]
async fn a_server_that_is_only_told_the_schema_keeps_the_contract() {
    openai_keeps_the_contract("AiProviderService (prompt only)", Act::Fence, false).await;
}

#[tokio::test]
async fn a_server_that_overdoes_it_keeps_the_contract() {
    openai_keeps_the_contract("AiProviderService (too much)", Act::Overdo, true).await;
}

#[tokio::test]
async fn the_analysts_keep_the_contract() {
    run_all("AiProviderService (offline)", "CopyAnalyst", copy_analyst::CASES, async || {
        Arc::new(writer(&[], &["offline"]).0) as _
    })
    .await;
    for (adapter, act, json_schema) in [
        ("JSON schema", Act::Comply, true),
        ("prompt only", Act::Fence, false),
        ("too much", Act::Overdo, true),
    ] {
        let server = FakeOpenAi::start([act]).await;
        let config = ProviderConfig { json_schema, ..provider(&server) };
        let adapter = format!("AiProviderService ({adapter})");
        run_all(&adapter, "CopyAnalyst", copy_analyst::CASES, async || {
            Arc::new(writer(&[("openai", config.clone())], &["openai"]).0) as _
        })
        .await;
    }
}

/// What a model answers that sees one thing rightly, and some that are not there.
const HINTS: &str = r#"{"hints": [
    {"rule": "superlative", "line": 2, "excerpt": "the best shoes", "explanation": "No proof.", "suggestion": "Good shoes"},
    {"rule": "superlative", "line": 9, "excerpt": "the best", "explanation": "There is no such line.", "suggestion": ""},
    {"rule": "banned_claim", "line": 1, "excerpt": "forever", "explanation": "It does not stand there.", "suggestion": ""},
    {"rule": "boredom", "line": 1, "excerpt": "Shoes", "explanation": "There is no such rule.", "suggestion": ""},
    {"rule": "personal_attribute", "line": 3, "excerpt": "Are you overweight?", "explanation": "", "suggestion": " "}
]}"#;

#[tokio::test]
async fn the_reviewers_keep_the_contract() {
    run_all("AiProviderService (offline)", "CopyReviewer", copy_reviewer::CASES, async || {
        Arc::new(writer(&[], &["offline"]).0) as _
    })
    .await;
    for (adapter, json_schema) in [("JSON schema", true), ("prompt only", false)] {
        let server = FakeOpenAi::start([Act::Say(HINTS)]).await;
        let config = ProviderConfig { json_schema, ..provider(&server) };
        let adapter = format!("AiProviderService ({adapter})");
        run_all(&adapter, "CopyReviewer", copy_reviewer::CASES, async || {
            Arc::new(writer(&[("openai", config.clone())], &["openai"]).0) as _
        })
        .await;
    }
}
