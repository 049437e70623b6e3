use std::sync::{Arc, Mutex};
use std::time::Duration;

use adstead_domain::platform::CopyField;
use adstead_domain::port::{
    CopyRequest, CopyWriter, FailedLine, Listener, ModelCall, Payer, Progress, Usage,
};
use adstead_domain::{Account, Brief};
use adstead_infrastructure::cache::{CacheConfig, CacheManager};
use adstead_infrastructure::external::ai::CachedCopyWriter;
use adstead_testkit::build::{self, CREATED_AT};
use adstead_testkit::contract::{copy_writer, run_all};
use adstead_testkit::memory::ScriptedCopyWriter;
use adstead_testkit::openai::{Act, FakeOpenAi};

use super::{provider, writer};

fn cached(writer: Arc<dyn CopyWriter>) -> CachedCopyWriter {
    let cache = CacheManager::new(&CacheConfig::in_memory(8 << 20));
    CachedCopyWriter::new(writer, &cache, Duration::from_secs(60)).expect("a time in range")
}

#[tokio::test]
async fn the_cached_writer_keeps_the_contract() {
    run_all("CachedCopyWriter", "CopyWriter", copy_writer::CASES, async || {
        Arc::new(cached(Arc::new(ScriptedCopyWriter::default()))) as _
    })
    .await;
}

#[tokio::test]
async fn the_same_wish_of_the_same_account_is_answered_once() {
    let scripted = Arc::new(ScriptedCopyWriter::default());
    let writer = cached(scripted.clone());
    let mine = build::copy_request(&build::brief());
    let first = writer.write(&mine).await.unwrap();
    assert_eq!((first.usage.cached, first.usage.cost_micros), (false, Some(10)));
    let again = writer.write(&mine).await.unwrap();
    assert_eq!(again.content, first.content);
    let free = Usage {
        cached: true,
        cost_micros: Some(0),
        input_tokens: 0,
        output_tokens: 0,
        latency_ms: 0,
        ..first.usage
    };
    assert_eq!(again.usage, free);

    let call = |call: ModelCall| CopyRequest { call, ..mine.clone() };
    let stranger = Account { id: build::parsed("0195d7a0-0000-7000-8000-00000000beef"), ..build::account() };
    let others = [
        CopyRequest { brief: Brief { variants: 1, ..build::brief() }, ..mine.clone() },
        call(ModelCall { payer: Payer::at(&stranger, CREATED_AT), ..mine.call.clone() }),
        call(ModelCall { provider: Some(ScriptedCopyWriter::PROVIDER.to_owned()), ..mine.call.clone() }),
        call(ModelCall { fresh: true, ..mine.call.clone() }),
    ];
    for other in &others {
        assert!(!writer.write(other).await.unwrap().usage.cached, "{other:?}");
    }
    assert_eq!(scripted.asked_to_write().len(), 1 + others.len());
    let newest = writer.write(&mine).await.unwrap();
    assert!(newest.usage.cached);
    assert_ne!(newest.content, first.content, "what was written afresh takes the place of the older");
}

#[tokio::test]
async fn lines_that_fail_again_are_not_remembered() {
    let long = || "A headline that is far longer than thirty characters".to_owned();
    let scripted = Arc::new(ScriptedCopyWriter::default().rewrites([long()]).rewrites(["Short".to_owned()]));
    let writer = cached(scripted.clone());
    let failed = FailedLine {
        variant: 0,
        field: CopyField::Headline,
        index: 0,
        text: long(),
        fault: "it is too long".to_owned(),
    };
    let request = build::rewrite_request(&build::brief(), vec![failed]);
    assert_eq!(writer.rewrite(&request).await.unwrap().content, [long()]);
    assert_eq!(writer.rewrite(&request).await.unwrap().content, ["Short"]);
    let again = writer.rewrite(&request).await.unwrap();
    assert_eq!((again.content, again.usage.cached), (vec!["Short".to_owned()], true));
    assert_eq!(scripted.asked_to_rewrite().len(), 2);
}

#[tokio::test]
async fn a_listener_hears_what_was_written_before() {
    let writer = cached(Arc::new(ScriptedCopyWriter::default()));
    let request = build::copy_request(&build::brief());
    let first = writer.write(&request).await.unwrap();
    let heard: Arc<Mutex<String>> = Arc::default();
    let hearing = Arc::clone(&heard);
    let listener = Listener::new(move |progress| {
        if let Progress::Wrote(text) = progress {
            hearing.lock().unwrap().push_str(text);
        }
    });
    let call = ModelCall { listener: Some(listener), ..request.call.clone() };
    let request = CopyRequest { call, ..request };
    assert!(writer.write(&request).await.unwrap().usage.cached);
    let heard = heard.lock().unwrap();
    assert!(first.content.iter().all(|copy| copy.headlines.iter().all(|line| heard.contains(line))));
}

#[tokio::test]
async fn who_stood_in_is_not_remembered_in_the_place_of_the_model() {
    let server = FakeOpenAi::start([Act::Fail(500, "oops"), Act::Comply]).await;
    let writer = cached(Arc::new(writer(&[("openai", provider(&server))], &["openai", "offline"]).0));
    let request = build::copy_request(&build::brief());
    let mut who = Vec::new();
    for _ in 0..3 {
        let usage = writer.write(&request).await.unwrap().usage;
        who.push((usage.provider, usage.cached));
    }
    let expected = [("offline", false), ("openai", false), ("openai", true)];
    assert_eq!(who, expected.map(|(name, cached)| (name.to_owned(), cached)));
}
