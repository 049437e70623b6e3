//! A provider that speaks OpenAI's chat API: OpenAI itself, or any server that imitates it (Ollama, vLLM, llama.cpp,
//! LiteLLM …).

mod answer;
mod stream;
mod transport;

use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::AdCopy;
use adstead_domain::port::{
    Chain, CopyRequest, Listener, PortError, PortErrorKind, Progress, Prompt, RewriteRequest, Usage, Written,
};
use async_openai::Client;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, ChatCompletionStreamOptions, CreateChatCompletionRequest, ResponseFormat,
    ResponseFormatJsonSchema,
};
use async_trait::async_trait;
use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use self::answer::{Copies, Lines, Refusal, Reply, Shape};
use self::stream::{Pieces, Streams};
use self::transport::{Endpoint, Failure, Models};
use super::config::{AiConfigError, Prices, ProviderConfig};
use super::provider::{AiProvider, Chance, PROBE, REWRITE, WRITE};
use crate::external::ExternalServiceManager;
use crate::external::words::excerpt;

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
}

impl OpenAiProvider {
    pub(super) fn new(
        name: &str,
        config: &ProviderConfig,
        services: Arc<ExternalServiceManager>,
    ) -> Result<Self, AiConfigError> {
        let endpoint = Endpoint::new(&config.base_url, config.api_key.as_ref())
            .map_err(|_invalid| AiConfigError::InvalidKey { name: name.to_owned() })?;
        let http = transport::http().map_err(AiConfigError::HttpClient)?;
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
        Ok(Self { words, config: config.clone(), client, streams, models, services })
    }

    /// One question and its answer, readable or not; `listener` hears it as it comes.
    async fn ask(
        &self,
        operation: &'static str,
        prompt: &Prompt,
        shape: &Shape,
        chance: &Chance,
        listener: Option<&Listener>,
    ) -> Result<Reply, PortError> {
        let request = self.chat_request(prompt, shape);
        match listener {
            None => self.ask_at_once(operation, &request, chance).await,
            Some(listener) => {
                let request = CreateChatCompletionRequest {
                    stream: Some(true),
                    stream_options: Some(ChatCompletionStreamOptions {
                        include_usage: Some(true),
                        include_obfuscation: None,
                    }),
                    ..request
                };
                self.ask_in_pieces(operation, &request, chance, listener).await
            }
        }
    }

    async fn ask_at_once(
        &self,
        operation: &'static str,
        request: &CreateChatCompletionRequest,
        chance: &Chance,
    ) -> Result<Reply, PortError> {
        let chat = self.client.chat();
        let attempt = async || {
            let answer: Result<Value, _> = chat.create_byot(request).await;
            let reply = match answer {
                Ok(reply) => reply,
                Err(error) => return Err(self.port_error(operation, error).await),
            };
            Reply::read(&reply).map_err(|refusal| refused(operation, refusal))
        };
        self.services.call(&self.words.name, chance.call(operation), attempt).await
    }

    async fn ask_in_pieces(
        &self,
        operation: &'static str,
        request: &CreateChatCompletionRequest,
        chance: &Chance,
        listener: &Listener,
    ) -> Result<Reply, PortError> {
        let Words { name, model } = &self.words;
        let attempt = async || {
            let (mut pieces, mut has_begun) = (Pieces::default(), false);
            let hear = |piece: &Value| {
                let Some(text) = pieces.take(piece) else { return };
                if !std::mem::replace(&mut has_begun, true) {
                    chance.begun.note();
                    listener.tell(Progress::Began { provider: name, model });
                }
                listener.tell(Progress::Wrote(text));
            };
            match self.streams.read(request, hear).await {
                Ok(()) => pieces.into_reply().map_err(|refusal| refused(operation, refusal)),
                Err(failure) => Err(self.of_failure(operation, &failure).await),
            }
        };
        self.services.call_streaming(name, chance.streaming_call(operation), &chance.begun, attempt).await
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

    /// The error of an exchange.
    async fn port_error(&self, operation: &'static str, error: OpenAIError) -> PortError {
        let failure = match error {
            OpenAIError::Boxed(error) => error.downcast::<Failure>().map(|failure| *failure),
            OpenAIError::Reqwest(error) => Ok(Failure::from(error)),
            other => Err(other.into()),
        };
        match failure {
            Ok(failure) => self.of_failure(operation, &failure).await,
            Err(error) => PortError::new(PortErrorKind::Unexpected, operation).with_source(error),
        }
    }

    /// What is said of a failure; where the server does not know the model, it is asked which it knows.
    async fn of_failure(&self, operation: &'static str, failure: &Failure) -> PortError {
        let models = if failure.status() == Some(StatusCode::NOT_FOUND) {
            let models = timeout(PATIENCE, self.models.list()).await;
            models.ok().and_then(Result::ok).unwrap_or_default()
        } else {
            Vec::new()
        };
        self.words.of_failure(operation, failure, &models)
    }

    fn usage(&self, bill: Bill, started: Instant) -> Usage {
        let Bill { model, tokens } = bill;
        let cost = |prices: Prices| match (prices, tokens) {
            (Prices { input_micros_per_million: 0, output_micros_per_million: 0 }, _) => Some(0),
            (prices, Some((input, output))) => Some(prices.cost(input, output)),
            (_, None) => None,
        };
        let (input_tokens, output_tokens) = tokens.unwrap_or_default();
        Usage {
            provider: self.words.name.clone(),
            model: model.unwrap_or_else(|| self.config.model.clone()),
            input_tokens,
            output_tokens,
            cost_micros: self.config.prices.and_then(cost),
            latency_ms: started.elapsed().as_millis() as u64,
        }
    }
}

#[async_trait]
impl AiProvider for OpenAiProvider {
    fn needs(&self) -> Duration {
        self.config.policy.attempt_timeout
    }

    async fn write(&self, request: &CopyRequest, chance: Chance) -> Result<Written<Vec<AdCopy>>, PortError> {
        let started = Instant::now();
        let wanted = usize::from(request.brief.variants);
        let shape = Copies::shape(wanted, request.headlines, request.descriptions);
        let (mut bill, mut copies, mut fault) = (Bill::new(), Vec::new(), String::new());
        for _ in 0..ASKS {
            let reply = self.ask(WRITE, &request.prompt, &shape, &chance, request.listener.as_ref()).await?;
            bill.add(&reply);
            match reply.extract::<Copies>() {
                Some(answer) => {
                    let usable =
                        answer.into_copies(request).filter(|copy| !copies.contains(copy)).collect::<Vec<_>>();
                    copies.extend(usable);
                    fault = format!("it wrote {} of {wanted} variants that can be used", copies.len());
                }
                None => fault = reply.fault(),
            }
            if copies.len() >= wanted {
                copies.truncate(wanted);
                return Ok(Written { content: copies, usage: self.usage(bill, started) });
            }
        }
        Err(PortError::new(PortErrorKind::Corrupt, WRITE).with_source(fault))
    }

    async fn rewrite(
        &self,
        request: &RewriteRequest,
        chance: Chance,
    ) -> Result<Written<Vec<String>>, PortError> {
        let started = Instant::now();
        let wanted = request.lines.len();
        let shape = Lines::shape(wanted);
        let (mut bill, mut fault) = (Bill::new(), String::new());
        for _ in 0..ASKS {
            let reply =
                self.ask(REWRITE, &request.prompt, &shape, &chance, request.listener.as_ref()).await?;
            bill.add(&reply);
            match reply.extract::<Lines>() {
                Some(Lines { mut lines }) if lines.len() >= wanted => {
                    lines.truncate(wanted);
                    return Ok(Written { content: lines, usage: self.usage(bill, started) });
                }
                Some(Lines { lines }) => fault = format!("it wrote {} of {wanted} lines", lines.len()),
                None => fault = reply.fault(),
            }
        }
        Err(PortError::new(PortErrorKind::Corrupt, REWRITE).with_source(fault))
    }
}

fn refused(operation: &'static str, refusal: Refusal) -> PortError {
    PortError::new(PortErrorKind::Rejected, operation).with_source(refusal)
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

/// What is said of a provider's failures.
#[derive(Debug, Clone)]
struct Words {
    name: String,
    model: String,
}

impl Words {
    fn of_failure(&self, operation: &'static str, failure: &Failure, models: &[String]) -> PortError {
        let error = PortError::new(failure.kind(), operation);
        PortError { retry_after: failure.retry_after(), ..error }.with_source(self.explained(failure, models))
    }

    /// Whether the model is among those that the server has, where it tells.
    fn check(&self, models: &[String]) -> Result<(), PortError> {
        // Ollama's models may be named without their tag.
        let is_known = |known: &String| {
            known.strip_prefix(&self.model).is_some_and(|rest| rest.is_empty() || rest == ":latest")
        };
        if models.is_empty() || models.iter().any(is_known) {
            return Ok(());
        }
        let Self { name, model } = self;
        let why = format!(
            "there is no model {model:?}: set ai.providers.{name}.model to one of {}",
            listed(models)
        );
        Err(PortError::new(PortErrorKind::Rejected, PROBE).with_source(why))
    }

    /// The failure in words, with what the operator can do about it.
    fn explained(&self, failure: &Failure, models: &[String]) -> String {
        // The address is left out: it may hold a password.
        let Self { name, model } = self;
        match failure.status() {
            // The server's own words are left out: they often repeat the key.
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                format!("the provider refused the key: check ai.providers.{name}.api_key")
            }
            Some(StatusCode::NOT_FOUND) if !models.is_empty() => format!(
                "there is no model {model:?} ({failure}): set ai.providers.{name}.model to one of {}",
                listed(models)
            ),
            Some(StatusCode::NOT_FOUND) => format!(
                "there is no model {model:?}, or no chat API at its address ({failure}): check ai.providers.{name}.model \
                 and ai.providers.{name}.base_url"
            ),
            Some(_) if failure.is_out_of_credit() => {
                format!(
                    "the provider's account is out of credit ({failure}): top it up or choose another provider"
                )
            }
            Some(status) if status.is_redirection() => {
                format!(
                    "the provider's address leads elsewhere ({failure}): set ai.providers.{name}.base_url to where it leads"
                )
            }
            _ => Chain(failure).to_string(),
        }
    }
}

/// Names in one line, as many of them as a person reads.
fn listed(models: &[String]) -> String {
    const READABLE: usize = 20;
    let shown = models.iter().take(READABLE).map(|model| excerpt(model)).collect::<Vec<_>>().join(", ");
    match models.len().saturating_sub(READABLE) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
