use std::sync::Arc;

use adstead_infrastructure::external::ai::ProviderConfig;
use adstead_testkit::contract::{copy_writer, run_all};
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
