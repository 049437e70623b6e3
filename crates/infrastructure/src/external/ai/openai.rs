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
use reqwest::StatusCode;
use serde_json::Value;

use self::answer::{Copies, Lines, Reply, Shape};
use self::transport::{Endpoint, Failure};
use super::config::{AiConfigError, ProviderConfig};
use super::provider::{AiProvider, REWRITE, WRITE};
use crate::external::{ExternalServiceManager, ServicePolicy};
use crate::resilience::{Deadline, RetryPolicy};

/// How often the model is asked where it answers something that cannot be used: its next answer may well be another.
const ASKS: usize = 2;

/// Told to a model whose server does not hold it to a schema.
const SCHEMA_IN_WORDS: &str =
    "Answer with one JSON object and nothing else: no prose, no Markdown. It satisfies this JSON schema:";

pub(super) struct OpenAiProvider {
    name: String,
    config: ProviderConfig,
    client: Client<Endpoint>,
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
        let client =
            transport::client(endpoint, config.api_key.clone()).map_err(AiConfigError::HttpClient)?;
        let retry = RetryPolicy::times(config.retries);
        services.register(name, ServicePolicy { attempt_timeout: config.timeout, retry });
        Ok(Self { name: name.to_owned(), config: config.clone(), client, services })
    }

    /// One question and its answer, readable or not.
    async fn ask(
        &self,
        operation: &'static str,
        prompt: &Prompt,
        shape: &Shape,
        deadline: Deadline,
    ) -> Result<Reply, PortError> {
        let request = self.chat_request(prompt, shape);
        let chat = self.client.chat();
        let attempt = async || {
            let answer: Result<Value, _> = chat.create_byot(&request).await;
            let reply = answer.map_err(|error| self.port_error(operation, error))?;
            Reply::read(&reply)
                .map_err(|refusal| PortError::new(PortErrorKind::Rejected, operation).with_source(refusal))
        };
        self.services.call(&self.name, operation, deadline, attempt).await
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

    fn port_error(&self, operation: &'static str, error: OpenAIError) -> PortError {
        let failure = match error {
            OpenAIError::Boxed(error) => error.downcast::<Failure>().map(|failure| *failure),
            OpenAIError::Reqwest(error) => Ok(Failure::from(error)),
            other => Err(other.into()),
        };
        match failure {
            Ok(failure) => {
                let error = PortError::new(failure.kind(), operation);
                let source = self.explained(&failure);
                PortError { retry_after: failure.retry_after(), ..error }.with_source(source)
            }
            Err(error) => PortError::new(PortErrorKind::Unexpected, operation).with_source(error),
        }
    }

    /// The failure in words, with what the operator can do about it.
    fn explained(&self, failure: &Failure) -> String {
        // The address is left out: it may hold a password.
        let Self { name, config: ProviderConfig { model, .. }, .. } = self;
        match failure.status() {
            // The server's own words are left out: they often repeat the key.
            Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => {
                format!("the provider refused the key: check ai.providers.{name}.api_key")
            }
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

    fn usage(&self, bill: Bill, started: Instant) -> Usage {
        let Bill { model, input_tokens, output_tokens } = bill;
        let ProviderConfig { input_price_micros_per_million, output_price_micros_per_million, .. } =
            self.config;
        let input = u128::from(input_tokens) * u128::from(input_price_micros_per_million);
        let output = u128::from(output_tokens) * u128::from(output_price_micros_per_million);
        Usage {
            provider: self.name.clone(),
            model: model.unwrap_or_else(|| self.config.model.clone()),
            input_tokens,
            output_tokens,
            // Rounded up: what was paid for is never free.
            cost_micros: i64::try_from((input + output).div_ceil(1_000_000)).unwrap_or(i64::MAX),
            latency_ms: started.elapsed().as_millis() as u64,
        }
    }
}

#[async_trait]
impl AiProvider for OpenAiProvider {
    fn needs(&self) -> Duration {
        self.config.timeout
    }

    async fn write(
        &self,
        request: &CopyRequest,
        deadline: Deadline,
    ) -> Result<Written<Vec<AdCopy>>, PortError> {
        let started = Instant::now();
        let wanted = usize::from(request.brief.variants);
        let shape = Copies::shape(wanted, request.headlines, request.descriptions);
        let (mut bill, mut copies, mut fault) = (Bill::default(), Vec::new(), String::new());
        for _ in 0..ASKS {
            let reply = self.ask(WRITE, &request.prompt, &shape, deadline).await?;
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
        deadline: Deadline,
    ) -> Result<Written<Vec<String>>, PortError> {
        let started = Instant::now();
        let wanted = request.lines.len();
        let shape = Lines::shape(wanted);
        let (mut bill, mut fault) = (Bill::default(), String::new());
        for _ in 0..ASKS {
            let reply = self.ask(REWRITE, &request.prompt, &shape, deadline).await?;
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

/// What the answers so far took, as the server reports it; nothing where it does not.
#[derive(Default)]
struct Bill {
    model: Option<String>,
    input_tokens: u64,
    output_tokens: u64,
}

impl Bill {
    fn add(&mut self, reply: &Reply) {
        self.model.clone_from(&reply.model);
        self.input_tokens = self.input_tokens.saturating_add(reply.input_tokens);
        self.output_tokens = self.output_tokens.saturating_add(reply.output_tokens);
    }
}
