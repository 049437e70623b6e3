//! A provider that speaks OpenAI's chat API: OpenAI itself, or any server that imitates it (Ollama, vLLM, llama.cpp,
//! LiteLLM …).

mod answer;
mod transport;

use std::sync::Arc;
use std::time::{Duration, Instant};

use adstead_domain::AdCopy;
use adstead_domain::port::{
    Chain, CopyRequest, PortError, PortErrorKind, Prompt, RewriteRequest, Usage, Written,
};
use async_openai::Client;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestMessage, CreateChatCompletionRequest, ResponseFormat, ResponseFormatJsonSchema,
};
use async_trait::async_trait;
use futures::FutureExt;
use reqwest::StatusCode;
use serde_json::Value;
use tokio::time::timeout;

use self::answer::{Copies, Lines, Reply, Shape};
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
        let client = transport::client(http, endpoint, config.api_key.clone());
        Ok(Self { words, config: config.clone(), client, models, services })
    }

    /// One question and its answer, readable or not.
    async fn ask(
        &self,
        operation: &'static str,
        prompt: &Prompt,
        shape: &Shape,
        chance: Chance,
    ) -> Result<Reply, PortError> {
        let request = self.chat_request(prompt, shape);
        let chat = self.client.chat();
        let attempt = async || {
            let answer: Result<Value, _> = chat.create_byot(&request).await;
            let reply = match answer {
                Ok(reply) => reply,
                Err(error) => return Err(self.port_error(operation, error).await),
            };
            Reply::read(&reply)
                .map_err(|refusal| PortError::new(PortErrorKind::Rejected, operation).with_source(refusal))
        };
        self.services.call(&self.words.name, chance.call(operation), attempt).await
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

    /// The error of an exchange; where the server does not know the model, it is asked which it knows.
    async fn port_error(&self, operation: &'static str, error: OpenAIError) -> PortError {
        let failure = match error {
            OpenAIError::Boxed(error) => error.downcast::<Failure>().map(|failure| *failure),
            OpenAIError::Reqwest(error) => Ok(Failure::from(error)),
            other => Err(other.into()),
        };
        match failure {
            Ok(failure) if failure.status() == Some(StatusCode::NOT_FOUND) => {
                let models = timeout(PATIENCE, self.models.list()).await;
                let models = models.ok().and_then(Result::ok).unwrap_or_default();
                self.words.of_failure(operation, &failure, &models)
            }
            Ok(failure) => self.words.of_failure(operation, &failure, &[]),
            Err(error) => PortError::new(PortErrorKind::Unexpected, operation).with_source(error),
        }
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
            let reply = self.ask(WRITE, &request.prompt, &shape, chance).await?;
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
            let reply = self.ask(REWRITE, &request.prompt, &shape, chance).await?;
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
