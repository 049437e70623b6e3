use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{
    CopyRequest, CopyWriter, Listener, ModelCall, Payer, PortError, PortErrorKind, SpendLedger, Usage,
};
use adstead_infrastructure::external::ai::{
    AiConfig, AiConfigError, AiProviderService, OFFLINE, Prices, ProviderConfig,
};
use adstead_infrastructure::external::{ExternalServiceManager, ServicePolicy};
use adstead_testkit::build::{self, CREATED_AT};
use adstead_testkit::memory;
use adstead_testkit::openai::{Act, FakeOpenAi};
use async_trait::async_trait;
use futures::future::{join, join_all};
use tokio::time::sleep;

use super::{install_tls, provider, told, with_retries};

/// What an answer of the server costs at the prices of [`provider`].
const COST: u64 = 384;

/// A provider, a ledger, and an account that may spend so much.
struct Till {
    writer: AiProviderService,
    ledger: Arc<dyn SpendLedger>,
    payer: Payer,
}

/// A ledger that takes its time, as one behind a network does.
struct Slow(Arc<dyn SpendLedger>);

const LEDGER_TAKES: Duration = Duration::from_millis(30);

#[async_trait]
impl SpendLedger for Slow {
    async fn reserve(&self, payer: &Payer, micros: u64, limit: Option<u64>) -> Result<bool, PortError> {
        sleep(LEDGER_TAKES).await;
        self.0.reserve(payer, micros, limit).await
    }

    async fn settle(&self, payer: &Payer, reserved: u64, spent: u64) -> Result<(), PortError> {
        sleep(LEDGER_TAKES).await;
        self.0.settle(payer, reserved, spent).await
    }

    async fn spent(&self, payer: &Payer) -> Result<u64, PortError> {
        self.0.spent(payer).await
    }
}

impl Till {
    fn new(config: ProviderConfig, order: &[&str], limit: Option<u64>) -> Self {
        install_tls();
        let config = AiConfig {
            order: order.iter().map(|name| vec![(*name).to_owned()]).collect(),
            providers: [("openai".to_owned(), config)].into(),
            spend_per_day_micros: limit,
        };
        let ledger: Arc<dyn SpendLedger> = Arc::new(Slow(memory::repositories().spend_ledger));
        let services = Arc::new(ExternalServiceManager::new());
        let writer = AiProviderService::with_ledger(&config, &services, ledger.clone());
        let writer = writer.expect("a valid configuration");
        Self { writer, ledger, payer: Payer::at(&build::account(), CREATED_AT) }
    }

    async fn write(&self) -> Result<Usage, PortError> {
        self.write_within(Duration::from_secs(10)).await
    }

    async fn write_within(&self, deadline: Duration) -> Result<Usage, PortError> {
        let call = ModelCall { payer: self.payer.clone(), deadline, ..build::model_call() };
        let request = CopyRequest { call, ..build::copy_request(&build::brief()) };
        self.writer.write(&request).await.map(|written| written.usage)
    }

    /// What is spent, once all is settled.
    async fn spent(&self) -> u64 {
        sleep(3 * LEDGER_TAKES).await;
        self.ledger.spent(&self.payer).await.expect("what was spent can be read")
    }
}

#[tokio::test]
async fn what_answers_cost_is_written_down() {
    let server = FakeOpenAi::start([]).await;
    let till = Till::new(provider(&server), &["openai"], None);
    for answers in 1..=2 {
        assert_eq!(till.write().await.unwrap().cost_micros, Some(COST.cast_signed()));
        assert_eq!(till.spent().await, answers * COST);
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_used_is_paid_for_too() {
    let server = FakeOpenAi::start([Act::Chat, Act::Comply]).await;
    let till = Till::new(provider(&server), &["openai"], None);
    till.write().await.unwrap();
    assert_eq!(till.spent().await, 2 * COST);
}

#[tokio::test]
async fn a_spent_day_is_told_and_the_server_is_left_alone() {
    let server = FakeOpenAi::start([]).await;
    let till = Till::new(provider(&server), &["openai"], Some(2_500));
    let refusal = loop {
        if let Err(error) = till.write().await {
            break error;
        }
    };
    let asked = server.requests().len();
    assert!(asked >= 2, "some of it could be spent");
    assert_eq!(till.spent().await, asked as u64 * COST);
    assert_eq!(refusal.kind, PortErrorKind::RateLimited);
    assert_eq!(refusal.retry_after, Some(till.payer.day_ends_in));
    let words = told(&refusal);
    assert!(words.contains("of the 0.002500 US dollars that the account may spend"), "{words}");
    assert!(words.contains("ai.spend_per_day_micros"), "{words}");
}

#[tokio::test]
async fn who_asks_for_nothing_is_asked_where_the_day_is_spent() {
    let server = FakeOpenAi::start([]).await;
    let till = Till::new(provider(&server), &["openai", OFFLINE], Some(1));
    assert_eq!(till.write().await.unwrap().provider, OFFLINE);
    assert!(server.requests().is_empty());
    let free = Prices { input_micros_per_million: 0, output_micros_per_million: 0 };
    let config = ProviderConfig { prices: Some(free), ..provider(&server) };
    let till = Till::new(config, &["openai"], Some(1));
    assert_eq!(till.write().await.unwrap().cost_micros, Some(0));
}

#[tokio::test]
async fn calls_at_once_share_the_day() {
    let server = FakeOpenAi::start([]).await;
    let limit = 6_000;
    let till = Till::new(provider(&server), &["openai"], Some(limit));
    let outcomes = join_all((0..20).map(|_| till.write())).await;
    let answered = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert!((1..20).contains(&answered), "{answered} of 20 were answered");
    assert_eq!(till.spent().await, answered as u64 * COST);
    assert!(till.spent().await <= limit);
}

#[tokio::test]
async fn nothing_is_spent_on_who_turns_a_call_away_and_something_on_who_may_have_worked() {
    for (act, is_paid) in [
        (Act::Throttle(9), false),
        (Act::Fail(401, "invalid_api_key"), false),
        (Act::Fail(500, "oops"), false),
        (Act::Hang, true),
        (Act::BreakOff, true),
        (Act::Decline, true),
    ] {
        let server = FakeOpenAi::start([act.clone()]).await;
        let till = Till::new(provider(&server), &["openai"], None);
        till.write_within(Duration::from_millis(300)).await.unwrap_err();
        assert_eq!(till.spent().await > 0, is_paid, "{act:?}");
    }
}

#[tokio::test]
async fn each_attempt_that_may_have_been_worked_on_is_paid_for() {
    let attempt_timeout = Duration::from_millis(150);
    let spent_with = async |acts: Vec<Act>| {
        let server = FakeOpenAi::start(acts).await;
        let config = with_retries(provider(&server), 2);
        let config = ProviderConfig { policy: ServicePolicy { attempt_timeout, ..config.policy }, ..config };
        let till = Till::new(config, &["openai"], None);
        till.write().await.unwrap();
        till.spent().await
    };
    let hung = spent_with(vec![Act::Hang, Act::Comply]).await - COST;
    assert!(hung > 0, "what hung may have been worked on");
    assert_eq!(spent_with(vec![Act::Hang, Act::Hang, Act::Comply]).await, COST + 2 * hung);
    assert_eq!(spent_with(vec![Act::Fail(500, "oops"), Act::Hang, Act::Comply]).await, COST + hung);
}

#[tokio::test]
async fn what_ends_with_the_deadline_is_settled_by_the_attempts_that_were_made() {
    let server = FakeOpenAi::start([Act::Hang]).await;
    let with = |concurrency, attempt_timeout| {
        let config = with_retries(provider(&server), 1);
        let policy = ServicePolicy { concurrency, attempt_timeout, ..config.policy };
        Till::new(ProviderConfig { policy, ..config }, &["openai"], None)
    };
    let (second, long) = (Duration::from_secs(1), Duration::from_secs(20));
    let till = with(1, long);
    let (first, waiting) = join(till.write_within(second), till.write_within(second / 2)).await;
    assert!(first.is_err() && waiting.is_err());
    let hung = till.spent().await;
    assert!(hung > 0 && server.requests().len() == 1, "one was asked, and the other waited for its place");

    let till = with(2, Duration::from_millis(600));
    till.write_within(second).await.unwrap_err();
    assert_eq!((server.requests().len(), till.spent().await), (3, 2 * hung));
}

#[tokio::test]
async fn who_turns_the_second_question_away_is_not_paid_for_it() {
    let server = FakeOpenAi::start([Act::Chat, Act::Fail(500, "oops")]).await;
    let till = Till::new(provider(&server), &["openai"], None);
    let call = ModelCall { listener: Some(Listener::new(|_| ())), ..build::model_call() };
    let call = ModelCall { payer: till.payer.clone(), ..call };
    let request = CopyRequest { call, ..build::copy_request(&build::brief()) };
    till.writer.write(&request).await.unwrap_err();
    assert_eq!(server.requests().len(), 2);
    assert_eq!(till.spent().await, COST);
}

#[tokio::test]
async fn a_limit_needs_prices() {
    let server = FakeOpenAi::start([]).await;
    let config = AiConfig {
        order: vec![vec!["openai".to_owned()]],
        providers: [("openai".to_owned(), ProviderConfig { prices: None, ..provider(&server) })].into(),
        spend_per_day_micros: Some(1),
    };
    let refusal = AiProviderService::new(&config, &Default::default()).unwrap_err();
    assert!(matches!(&refusal, AiConfigError::UnknownPrice { name } if name == "openai"), "{refusal}");
}
