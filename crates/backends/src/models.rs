//! A server of language models that somebody else wrote.

use crate::engine::LiteLlm;
use crate::{Backend, Durability, Server, StartError};

/// A server that speaks OpenAI's chat API, each of whose models says one thing: LiteLLM's proxy. It is nobody else's, and takes
/// some ten seconds to start.
#[derive(Debug)]
pub struct ModelServer {
    server: Server,
}

impl ModelServer {
    /// As what a model says: it answers 429 instead.
    pub const RATE_LIMITED: &str = "litellm.RateLimitError";
    /// As what a model says: it answers 500 instead.
    pub const FAILING: &str = "litellm.InternalServerError";

    /// Starts one with these models, each with what it says.
    ///
    /// # Errors
    /// As [`Server::start`].
    pub fn start(models: &[(&str, &str)]) -> Result<Self, StartError> {
        let models = models.iter().map(|(name, says)| ((*name).to_owned(), (*says).to_owned()));
        let engine = Box::new(LiteLlm::find(models.collect())?);
        Ok(Self { server: Server::run(Backend::LiteLlm, Durability::Crash, engine)? })
    }

    /// Where its API begins, such as `http://127.0.0.1:4000/v1`.
    pub fn base_url(&self) -> String {
        self.server.url()
    }

    /// The key that it takes.
    pub fn key(&self) -> String {
        LiteLlm::key()
    }
}
