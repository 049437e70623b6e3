//! Where generations and optimisation runs are kept.

use async_trait::async_trait;

use super::PortError;
use crate::{
    AccountId, Ad, AdId, Campaign, DomainEvent, Generation, GenerationId, OptimizationRun, OptimizationRunId,
    Page, PageRequest, Version,
};

/// Keeps generations.
///
/// # Contract
/// - What `get` answers MUST equal what was stored, to the microsecond of its times.
/// - A generation of another account MUST be as absent as one that does not exist.
/// - The events that a write is given MUST be in the outbox of each subscriber once the write is done, and MUST be in
///   none where it is not.
#[async_trait]
pub trait GenerationRepository: Send + Sync {
    /// Stores a new generation, and what happened with it.
    async fn insert(&self, generation: &Generation, events: &[DomainEvent]) -> Result<(), PortError>;

    /// The account's generation with this id.
    async fn get(&self, account: AccountId, id: GenerationId) -> Result<Option<Generation>, PortError>;
}

/// Keeps optimisation runs.
///
/// # Contract
/// - What `get` and `of_ad` answer MUST equal what was stored, to the microsecond of its times.
/// - A run of another account MUST be as absent as one that does not exist: for every method.
/// - `apply` MUST write the run, and the ad and the campaign where they are given, each only where the stored version is
///   its own, and each at its next version; it MUST answer the run's. Otherwise it MUST fail with `Stale`. Whatever it
///   fails with, it MUST have written all of them or none.
/// - The events that `apply` is given MUST be in the outbox of each subscriber once it is done, and MUST be in
///   none where it is not.
/// - `of_ad` MUST answer newest first (greatest id first) and MUST neither skip nor repeat a run from page to page.
#[async_trait]
pub trait OptimizationRepository: Send + Sync {
    /// Stores a new run.
    async fn insert(&self, run: &OptimizationRun) -> Result<(), PortError>;

    /// The account's run with this id.
    async fn get(
        &self,
        account: AccountId,
        id: OptimizationRunId,
    ) -> Result<Option<OptimizationRun>, PortError>;

    /// Overwrites the run that was read at `run.version` together with what applying it changed, keeps what happened, and
    /// answers the run's new version.
    async fn apply(
        &self,
        run: &OptimizationRun,
        ad: Option<&Ad>,
        campaign: Option<&Campaign>,
        events: &[DomainEvent],
    ) -> Result<Version, PortError>;

    /// A page of an ad's runs.
    async fn of_ad(
        &self,
        account: AccountId,
        ad: AdId,
        page: PageRequest,
    ) -> Result<Page<OptimizationRun>, PortError>;
}
