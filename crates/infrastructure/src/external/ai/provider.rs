use std::time::Duration;

use adstead_domain::AdCopy;
use adstead_domain::port::{CopyRequest, PortError, RewriteRequest, Written};
use async_trait::async_trait;

use crate::resilience::Deadline;

/// The operations, as errors and logs name them.
pub(super) const WRITE: &str = "copy_writer.write";
pub(super) const REWRITE: &str = "copy_writer.rewrite";

/// One who writes copy, with the promises of [`CopyWriter`](adstead_domain::port::CopyWriter) except the choice among
/// providers. Its calls to the outside pass through the
/// [`ExternalServiceManager`](crate::external::ExternalServiceManager) under its name.
#[async_trait]
pub(super) trait AiProvider: Send + Sync {
    /// The time that suffices for an answer.
    fn needs(&self) -> Duration;

    /// Writes all variants of a brief.
    async fn write(
        &self,
        request: &CopyRequest,
        deadline: Deadline,
    ) -> Result<Written<Vec<AdCopy>>, PortError>;

    /// Writes single lines again.
    async fn rewrite(
        &self,
        request: &RewriteRequest,
        deadline: Deadline,
    ) -> Result<Written<Vec<String>>, PortError>;
}
