//! A provider that speaks OpenAI's chat API: OpenAI itself, or any server that imitates it (Ollama, vLLM, llama.cpp,
//! LiteLLM …).

mod analyses;
mod answer;
mod stream;
mod transport;
mod words;

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::AdCopy;
use adstead_domain::analysis::{AudienceSegment, VoiceAnalysis};
use adstead_domain::policy::PolicyHint;
use adstead_domain::port::{
    AudienceRequest, Chain, CopyRequest, Listener, ModelCall, PortError, PortErrorKind, Progress, Prompt,
    ReviewRequest, RewriteRequest, Usage, VoiceRequest, Written,
};
use async_openai::Client;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, CreateChatCompletionRequest, ResponseFormat, ResponseFormatJsonSchema,
};
use async_trait::async_trait;
use futures::FutureExt;
use reqwest::StatusCode;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::timeout;

use self::analyses::{Segments, Voice};
use self::answer::{Copies, Hints, Lines, Reply, Shape};
use self::stream::{Pieces, Streams};
use self::transport::{Endpoint, Failure, Models};
use self::words::Words;
use super::config::{AiConfigError, ProviderConfig};
use super::provider::{AUDIENCE, AiProvider, Chance, PROBE, REVIEW, REWRITE, VOICE, WRITE};
use super::spending::{Spending, Tab};
use crate::external::{ExternalServiceManager, http};

/// How often the model is asked where it answers something that cannot be used: its next answer may well be another.
const ASKS: usize = 2;

/// How long a server may take to tell which models it has, where that is not what was asked for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Told to a model whose server does not hold it to a schema.
const SCHEMA_IN_WORDS: &str =
    "Answer with one JSON object and nothing else: no prose, no Markdown. It satisfies this JSON schema:";

pub(super) struct OpenAiProvider {
    words: Words,
    config: ProviderConfig,
    client: Client<Endpoint>,
    streams: Streams,
    models: Models,
    services: Arc<ExternalServiceManager>,
    spending: Option<Spending>,
}

impl OpenAiProvider {
    pub(super) fn new(
        name: &str,
        config: &ProviderConfig,
        services: Arc<ExternalServiceManager>,
        spending: Option<Spending>,
    ) -> Result<Self, AiConfigError> {
        let endpoint = Endpoint::new(&config.base_url, config.api_key.as_ref())
            .map_err(|_invalid| AiConfigError::InvalidKey { name: name.to_owned() })?;
        let http = http::client().build().map_err(AiConfigError::HttpClient)?;
        let words = Words { name: name.to_owned(), model: config.model.clone() };
        let models = Models::new(http.clone(), &endpoint, config.api_key.clone());
        let probe = {
            let (models, words) = (models.clone(), words.clone());
            move || {
                let (models, words) = (models.clone(), words.clone());
                async move {
                    let known =
                        models.list().await.map_err(|failure| words.of_failure(PROBE, &failure, &[]))?;
                    words.check(&known)
                }
                .boxed()
            }
        };
        services.register_probed(name, config.policy.clone(), Arc::new(probe));
        let (key, patience) = (config.api_key.clone(), config.policy.attempt_timeout);
        let streams = Streams::new(http.clone(), &endpoint, key, patience);
        let client = transport::client(http, endpoint, config.api_key.clone());
        Ok(Self { words, config: config.clone(), client, streams, models, services, spending })
    }

    /// Asks until `take` has got what it wants out of the answers. Where it does not, what it got so far will do; if that is nothing,
    /// what is wrong with the last answer is the error.
    async fn converse<A: DeserializeOwned, T>(
        &self,
        operation: &'static str,
        call: &ModelCall,
        shape: &Shape,
        chance: &Chance,
        mut take: impl FnMut(A) -> Worth<T>,
    ) -> Result<Written<T>, PortError> {
        let started = Instant::now();
        let (mut bill, mut so_far) = (Bill::new(), None);
        let mut error = PortError::new(PortErrorKind::Corrupt, operation);
        for _ in 0..ASKS {
            let reply = match self.ask(operation, call, shape, chance).await {
                Ok(reply) => reply,
                Err(failed) => {
                    error = failed;
                    break;
                }
            };
            bill.add(&reply);
            if let Some(refusal) = reply.refusal {
                error = PortError::new(PortErrorKind::Rejected, operation).with_source(refusal);
                break;
            }
            let why = match reply.extract::<A>().map(&mut take) {
                Some(Worth::All(content)) => {
                    return Ok(Written { content, usage: self.usage(bill, started) });
                }
                Some(Worth::Part(content, why)) => {
                    so_far = Some(content);
                    why
                }
                Some(Worth::Nothing(why)) => why,
                None => reply.fault(),
            };
            error = PortError::new(PortErrorKind::Corrupt, operation).with_source(why);
        }
        let Some(content) = so_far else { return Err(error) };
        // It is paid for.
        tracing::warn!(provider = self.words.name, error = %Chain(&error), "a provider answered less than was asked for");
        Ok(Written { content, usage: self.usage(bill, started) })
    }

    /// One question and its answer, readable or not, once the account that pays may spend as much.
    async fn ask(
        &self,
        operation: &'static str,
        call: &ModelCall,
        shape: &Shape,
        chance: &Chance,
    ) -> Result<Reply, PortError> {
        let request = self.chat_request(&call.prompt, shape);
        let most = self.config.prices.map_or(0, |prices| {
            prices.cost(bytes(&request), u64::from(self.config.max_output_tokens)).unsigned_abs()
        });
        let tab = Tab::default();
        let work = self.exchange(operation, request, chance, call.listener.as_ref(), &tab);
        let Some(spending) = self.spending.as_ref().filter(|_| most > 0) else { return work.await };
        let cost = |reply: &Reply| self.cost(reply.tokens).and_then(|cost| u64::try_from(cost).ok());
        spending.pay(operation, call, most, &tab, work, cost).await
    }

    /// `listener` hears the answer as it comes.
    async fn exchange(
        &self,
        operation: &'static str,
        request: CreateChatCompletionRequest,
        chance: &Chance,
        listener: Option<&Listener>,
        tab: &Tab,
    ) -> Result<Reply, PortError> {
        match listener {
            None => self.ask_at_once(operation, &request, chance, tab).await,
            Some(listener) => self.ask_in_pieces(operation, &request, chance, listener, tab).await,
        }
    }

    async fn ask_at_once(
        &self,
        operation: &'static str,
        request: &CreateChatCompletionRequest,
        chance: &Chance,
        tab: &Tab,
    ) -> Result<Reply, PortError> {
        let chat = self.client.chat();
        let ask = async || {
            let answer: Value = chat.create_byot(request).await?;
            Ok(Reply::read(&answer))
        };
        // Boxed: a client's work is large, and handed on by many.
        let attempt = async || self.judged(operation, tab.attempt(Box::pin(ask()), Failure::is_free)).await;
        self.services.call(&self.words.name, chance.call(operation), attempt).await
    }

    async fn ask_in_pieces(
        &self,
        operation: &'static str,
        request: &CreateChatCompletionRequest,
        chance: &Chance,
        listener: &Listener,
        tab: &Tab,
    ) -> Result<Reply, PortError> {
        let Words { name, model } = &self.words;
        let ask = async || {
            let (mut pieces, mut has_begun) = (Pieces::default(), false);
            let hear = |piece: &Value| {
                let Some(text) = pieces.take(piece) else { return };
                if !std::mem::replace(&mut has_begun, true) {
                    chance.begun.note();
                    listener.tell(Progress::Began { provider: name, model });
                }
                listener.tell(Progress::Wrote(text));
            };
            self.streams.read(request, hear).await?;
            Ok(pieces.into_reply())
        };
        let attempt = async || self.judged(operation, tab.attempt(Box::pin(ask()), Failure::is_free)).await;
        self.services
            .call_streaming(name, chance.streaming_call(operation), chance.streaming(), attempt)
            .await
    }

    fn chat_request(&self, prompt: &Prompt, shape: &Shape) -> CreateChatCompletionRequest {
        let mut system = prompt.system.clone();
        if !self.config.json_schema {
            system = format!("{system}\n\n{SCHEMA_IN_WORDS}\n{}", shape.schema);
        }
        let json_schema = ResponseFormatJsonSchema {
            description: None,
            name: shape.name.to_owned(),
            schema: shape.schema.clone(),
            strict: Some(true),
        };
        CreateChatCompletionRequest {
            model: self.config.model.clone(),
            messages: vec![
                ChatCompletionRequestMessage::System(system.into()),
                ChatCompletionRequestMessage::User(prompt.user.clone().into()),
            ],
            max_completion_tokens: Some(self.config.max_output_tokens),
            response_format: self.config.json_schema.then_some(ResponseFormat::JsonSchema { json_schema }),
            ..CreateChatCompletionRequest::default()
        }
    }

    /// What an attempt brought, or the error that it failed with.
    async fn judged(
        &self,
        operation: &'static str,
        attempt: impl Future<Output = Result<Reply, Failure>>,
    ) -> Result<Reply, PortError> {
        match attempt.await {
            Ok(reply) => Ok(reply),
            Err(failure) => Err(Box::pin(self.of_failure(operation, &failure)).await),
        }
    }

    /// What is said of a failure. Where the server seems not to know the model, which OpenAI says by 404 and LiteLLM by 400, it is
    /// asked which it knows.
    async fn of_failure(&self, operation: &'static str, failure: &Failure) -> PortError {
        let is_missing = failure.status() == Some(StatusCode::NOT_FOUND);
        let mut others = Vec::new();
        if is_missing || failure.lacks(&self.config.model) {
            let models = timeout(PATIENCE, self.models.list()).await;
            others = models.ok().and_then(Result::ok).unwrap_or_default();
        }
        if !failure.is_of_model() && self.words.is_one_of(&others) {
            others.clear();
        }
        self.words.of_failure(operation, failure, &others)
    }

    fn usage(&self, bill: Bill, started: Instant) -> Usage {
        let Bill { model, tokens } = bill;
        let (input_tokens, output_tokens) = tokens.unwrap_or_default();
        Usage {
            provider: self.words.name.clone(),
            model: model.unwrap_or_else(|| self.config.model.clone()),
            input_tokens,
            output_tokens,
            cost_micros: self.cost(tokens),
            latency_ms: started.elapsed().as_millis() as u64,
            cached: false,
        }
    }

    /// What so many tokens cost, read and written, where that is known.
    fn cost(&self, tokens: Option<(u64, u64)>) -> Option<i64> {
        let prices = self.config.prices?;
        match tokens {
            _ if prices.are_free() => Some(0),
            Some((input, output)) => Some(prices.cost(input, output)),
            None => None,
        }
    }
}

#[async_trait]
impl AiProvider for OpenAiProvider {
    fn needs(&self) -> Duration {
        self.config.policy.attempt_timeout
    }

    async fn write(&self, request: &CopyRequest, chance: Chance) -> Result<Written<Vec<AdCopy>>, PortError> {
        let wanted = usize::from(request.brief.variants);
        let shape = Copies::shape(wanted, request.headlines, request.descriptions);
        let mut copies = Vec::new();
        self.converse(WRITE, &request.call, &shape, &chance, |answer: Copies| {
            let usable =
                answer.into_copies(request).filter(|copy| !copies.contains(copy)).collect::<Vec<_>>();
            copies.extend(usable);
            if copies.len() < wanted {
                let why = format!("it wrote {} of {wanted} variants that can be used", copies.len());
                return if copies.is_empty() {
                    Worth::Nothing(why)
                } else {
                    Worth::Part(copies.clone(), why)
                };
            }
            copies.truncate(wanted);
            Worth::All(mem::take(&mut copies))
        })
        .await
    }

    async fn review(
        &self,
        request: &ReviewRequest,
        chance: Chance,
    ) -> Result<Written<Vec<PolicyHint>>, PortError> {
        let copy = &request.copy;
        let most = copy.headlines.len() + copy.descriptions.len();
        self.converse(REVIEW, &request.call, &Hints::shape(most), &chance, |hints: Hints| {
            Worth::All(hints.of(copy))
        })
        .await
    }

    async fn brand_voice(
        &self,
        request: &VoiceRequest,
        chance: Chance,
    ) -> Result<Written<VoiceAnalysis>, PortError> {
        self.converse(VOICE, &request.call, &Voice::shape(), &chance, |voice: Voice| {
            voice.into_analysis().into()
        })
        .await
    }

    async fn audience(
        &self,
        request: &AudienceRequest,
        chance: Chance,
    ) -> Result<Written<Vec<AudienceSegment>>, PortError> {
        let wanted = usize::from(request.brief.segments);
        let take = |answer: Segments| answer.into_segments(wanted).into();
        self.converse(AUDIENCE, &request.call, &Segments::shape(wanted), &chance, take).await
    }

    async fn rewrite(
        &self,
        request: &RewriteRequest,
        chance: Chance,
    ) -> Result<Written<Vec<String>>, PortError> {
        let wanted = request.lines.len();
        self.converse(REWRITE, &request.call, &Lines::shape(wanted), &chance, |Lines { mut lines }| {
            if lines.len() < wanted {
                return Worth::Nothing(format!("it wrote {} of {wanted} lines", lines.len()));
            }
            lines.truncate(wanted);
            Worth::All(lines)
        })
        .await
    }
}

/// How many bytes the text of a request has: no text has more tokens.
fn bytes(request: &CreateChatCompletionRequest) -> u64 {
    serde_json::to_vec(request).map_or(u64::MAX, |text| text.len() as u64)
}

/// What an answer is worth, with what is wrong with it.
enum Worth<T> {
    All(T),
    /// It will do, together with those before it, if nothing better comes.
    Part(T, String),
    Nothing(String),
}

impl<T> From<Result<T, String>> for Worth<T> {
    fn from(answer: Result<T, String>) -> Self {
        answer.map_or_else(Self::Nothing, Self::All)
    }
}

/// What the answers so far took, as the server reports it.
struct Bill {
    model: Option<String>,
    /// Read and written; nothing where one of the answers did not tell.
    tokens: Option<(u64, u64)>,
}

impl Bill {
    fn new() -> Self {
        Self { model: None, tokens: Some((0, 0)) }
    }

    fn add(&mut self, reply: &Reply) {
        self.model.clone_from(&reply.model);
        let sum = |((read, written), (more_read, more_written)): ((u64, u64), (u64, u64))| {
            (read.saturating_add(more_read), written.saturating_add(more_written))
        };
        self.tokens = self.tokens.zip(reply.tokens).map(sum);
    }
}
