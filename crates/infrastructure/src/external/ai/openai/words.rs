use adstead_domain::port::{Chain, PortError, PortErrorKind};
use reqwest::StatusCode;

use super::super::provider::PROBE;
use super::transport::Failure;
use crate::external::words::excerpt;

/// What is said of a provider's failures.
#[derive(Debug, Clone)]
pub(super) struct Words {
    pub(super) name: String,
    pub(super) model: String,
}

impl Words {
    /// `others` are those that the server has, where it does not take this one.
    pub(super) fn of_failure(
        &self,
        operation: &'static str,
        failure: &Failure,
        others: &[String],
    ) -> PortError {
        // Some servers say by a status that is a refusal that they lack the model.
        let kind = if others.is_empty() { failure.kind() } else { PortErrorKind::Denied };
        let error = PortError::new(kind, operation);
        PortError { retry_after: failure.retry_after(), ..error }.with_source(self.explained(failure, others))
    }

    /// Whether the model is among those that a server has. Ollama's models may be named without their tag.
    pub(super) fn is_one_of(&self, models: &[String]) -> bool {
        models.iter().any(|known| {
            known.strip_prefix(&self.model).is_some_and(|rest| rest.is_empty() || rest == ":latest")
        })
    }

    /// Whether the model is among those that the server has, where it tells.
    pub(super) fn check(&self, models: &[String]) -> Result<(), PortError> {
        if models.is_empty() || self.is_one_of(models) {
            return Ok(());
        }
        let Self { name, model } = self;
        let why = format!(
            "there is no model {model:?}: set ai.providers.{name}.model to one of {}",
            listed(models)
        );
        Err(PortError::new(PortErrorKind::Denied, PROBE).with_source(why))
    }

    /// The failure in words, with what the operator can do about it.
    fn explained(&self, failure: &Failure, others: &[String]) -> String {
        // The address is left out: it may hold a password.
        let Self { name, model } = self;
        match failure.status() {
            _ if !others.is_empty() => format!(
                "there is no model {model:?} ({failure}): set ai.providers.{name}.model to one of {}",
                listed(others)
            ),
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
