//! Where the secrets are kept with which all nodes sign.

use async_trait::async_trait;

use super::PortError;
use crate::{SigningKey, SigningPurpose};

/// Keeps one signing key for each purpose, so that what one node signed is known to all, with nothing to configure.
///
/// # Contract
/// - The first key that `agree` is given for a purpose MUST stay: it, and every later call of any node, MUST answer that
///   key. Of concurrent first calls one MUST win, and all MUST answer its key.
/// - The value of a key MUST appear in no log and no error.
#[async_trait]
pub trait SigningKeys: Send + Sync {
    /// The key of the purpose, which is `candidate` where there is none yet.
    async fn agree(&self, purpose: SigningPurpose, candidate: SigningKey) -> Result<SigningKey, PortError>;
}
