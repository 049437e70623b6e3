//! Providers of ad copy that are dead, and come back.

use std::net::SocketAddr;
use std::process::Command;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use adstead_testkit::openai::{Act, FakeOpenAi};
use serde_json::{Value, json};

use super::figures::note;
use crate::http::succeed;
use crate::server::{Server, adstead, eventually};

fn brief() -> Value {
    json!({ "brief": {
        "product": "Hand-stitched shoes", "language": "en", "platform": "google", "ad_type": "text", "variants": 2,
    } })
}

/// Lets the server ask this one, under a name.
fn ask(command: &mut Command, name: &str, server: &FakeOpenAi, settings: &[(&str, &str)]) {
    command.env("ADSTEAD__AI__CACHE_TTL", "0s");
    let settings =
        [&[("BASE_URL", server.base_url()), ("MODEL", "test-model"), ("RETRIES", "0")], settings].concat();
    command.envs(
        settings.into_iter().map(|(key, value)| (format!("ADSTEAD__AI__PROVIDERS__{name}__{key}"), value)),
    );
}

/// What the server says of the first provider.
fn first(address: SocketAddr, key: &str) -> Value {
    let told = succeed(address, "GET /v1/system/services", key, None);
    let services = told["services"].as_array().unwrap();
    services.iter().find(|service| service["name"] == "first").unwrap().clone()
}

/// A request every second for a minute, the first of three providers hanging: until its breaker opens they pay for it, and from
/// then on none does.
#[tokio::test(flavor = "multi_thread")]
async fn a_dead_provider_costs_nobody_a_second_once_its_breaker_is_open() {
    const REQUESTS: u32 = 60;
    let dead = FakeOpenAi::start([Act::Hang]).await;
    let alive = FakeOpenAi::start([Act::Comply]).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    command.env("ADSTEAD__AI__ORDER", "first,second,offline");
    command.env("ADSTEAD__EXTERNAL__BREAKER_OPEN", "5s");
    ask(&mut command, "FIRST", &dead, &[("TIMEOUT", "2s")]);
    ask(&mut command, "SECOND", &alive, &[]);
    let server = Server::spawn(&mut command);
    let (address, key) = (server.address, server.first_key());

    let begun = Instant::now();
    let answered = Mutex::new(Vec::new());
    let opened = thread::scope(|scope| {
        let opened = scope.spawn(|| {
            eventually("the breaker opens", || (first(address, &key)["openings"] != 0).then(Instant::now))
        });
        for number in 0..REQUESTS {
            let (answered, key) = (&answered, &key);
            scope.spawn(move || {
                thread::sleep(
                    (begun + number * Duration::from_secs(1)).saturating_duration_since(Instant::now()),
                );
                let start = Instant::now();
                let generation = succeed(address, "POST /v1/generations", key, Some(&brief()));
                let provider = generation["provenance"]["provider"].as_str().unwrap().to_owned();
                answered.lock().unwrap().push((start, start.elapsed(), provider));
            });
        }
        opened.join().unwrap()
    });
    let answered = answered.into_inner().unwrap();
    let longest = |is_after: bool| {
        let of_that_time = answered.iter().filter(|(start, ..)| (*start > opened) == is_after);
        of_that_time.map(|(_, took, _)| *took).max().unwrap()
    };
    assert_eq!(answered.len(), REQUESTS as usize);
    assert!(answered.iter().all(|(.., provider)| provider == "second"), "{answered:?}");
    assert!(longest(true) < Duration::from_secs(1), "{:?}", longest(true));
    let (paid, probes) = (dead.requests().len(), dead.probes());
    let counted = first(address, &key);
    assert_eq!((&counted["health"], &counted["calls"]), (&json!("open"), &json!(paid)), "{counted}");
    assert!((5..=8).contains(&paid), "five open the breaker, and few were under way beside them: {paid}");
    assert!((1..=5).contains(&probes), "{probes}");
    note(
        "dead_provider",
        &format!(
            "{REQUESTS} generations, all answered by the second provider; {paid} paid for the dead one before its breaker opened \
         {} ms after the first, then none; {probes} probes; longest answer {} ms before, {} ms after",
            (opened - begun).as_millis(),
            longest(false).as_millis(),
            longest(true).as_millis(),
        ),
        &json!({
            "requests": REQUESTS,
            "paid": paid,
            "probes": probes,
            "opened_after_ms": (opened - begun).as_millis() as u64,
            "longest_before_ms": longest(false).as_millis() as u64,
            "longest_after_ms": longest(true).as_millis() as u64,
        }),
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_first_provider_does_the_next_answers_in_time() {
    let acts = [
        Act::Throttle(3_600),
        Act::Fail(500, "oops"),
        Act::Babble,
        Act::BreakOff,
        Act::Chat,
        Act::RunOut,
        Act::Hang,
    ];
    let (broken, alive) = (FakeOpenAi::start([Act::Comply]).await, FakeOpenAi::start([Act::Comply]).await);
    let folder = tempfile::tempdir().unwrap();
    let mut command = adstead(folder.path(), &["serve"]);
    command.env("ADSTEAD__AI__ORDER", "first,second").env("ADSTEAD__AI__DEADLINE", "4s");
    command.env("ADSTEAD__EXTERNAL__BREAKER_FAILURES", "10");
    ask(&mut command, "FIRST", &broken, &[("TIMEOUT", "2s")]);
    ask(&mut command, "SECOND", &alive, &[("TIMEOUT", "2s")]);
    let server = Server::spawn(&mut command);
    let key = server.first_key();
    let mut longest = Duration::ZERO;
    for act in &acts[1..] {
        broken.play([act.clone()]);
        let start = Instant::now();
        let generation = succeed(server.address, "POST /v1/generations", &key, Some(&brief()));
        assert_eq!(generation["provenance"]["provider"], "second", "{act:?}");
        longest = longest.max(start.elapsed());
        assert!(start.elapsed() < Duration::from_secs(4), "{act:?} took {:?}", start.elapsed());
    }
    broken.play([acts[0].clone()]);
    alive.play([Act::Fail(500, "oops")]);
    let answer = crate::http::ask(server.address, "POST /v1/generations", &key, Some(&brief())).unwrap();
    assert_eq!(answer.status, 503, "{answer:?}");
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    for attempt in ["first: RateLimited: HTTP 429", "second: Unavailable: HTTP 500"] {
        assert!(detail.contains(attempt), "{detail}");
    }
    note(
        "provider_faults",
        &format!(
            "{} ways to fail, each answered by the next provider, {} ms at the longest; where both fail, the error names both",
            acts.len() - 1,
            longest.as_millis(),
        ),
        &json!({ "ways": acts.len() - 1, "longest_ms": longest.as_millis() as u64 }),
    );
}
