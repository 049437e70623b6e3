//! What only the operator may do.

use std::sync::Arc;

use adstead_application::accounts::{CreateAccount, CreateKey, FoundFirstAccount, ManageKeys};
use adstead_application::events::RebuildFigures;
use adstead_application::outbox::ManageOutbox;
use adstead_application::services::SwitchServices;
use adstead_domain::port::{Entropy, IdGenerator};
use adstead_infrastructure::database::DatabaseManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::system::{OsEntropy, UuidV7};

use super::clock;

/// The use cases of whoever runs Adstead; nobody has to be logged in for them.
pub struct Operator {
    /// Opens an account.
    pub create_account: CreateAccount,
    /// Issues a key.
    pub create_key: CreateKey,
    /// Lists and revokes keys.
    pub manage_keys: ManageKeys,
    /// Opens the account of a first start.
    pub found_first_account: FoundFirstAccount,
    /// Compares figures with their events, and mends them.
    pub rebuild_figures: RebuildFigures,
    /// Looks at events that were not delivered, and decides on them.
    pub manage_outbox: ManageOutbox,
    /// Decides which external services may be called.
    pub switch_services: SwitchServices,
}

/// What the operator may do with a database, beside any running server and past its caches.
pub fn operator(database: &Arc<DatabaseManager>) -> Operator {
    let repositories = RepositoryFactory::new(Arc::clone(database));
    let accounts = repositories.accounts();
    let clock = clock();
    let ids: Arc<dyn IdGenerator> = Arc::new(UuidV7);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let create_key = || CreateKey {
        accounts: accounts.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        entropy: entropy.clone(),
    };
    Operator {
        create_account: CreateAccount { accounts: accounts.clone(), clock: clock.clone(), ids: ids.clone() },
        create_key: create_key(),
        manage_keys: ManageKeys { accounts: accounts.clone(), clock: clock.clone() },
        found_first_account: FoundFirstAccount { keys: create_key() },
        rebuild_figures: RebuildFigures { accounts, archive: repositories.event_archive() },
        manage_outbox: ManageOutbox { outbox: repositories.outbox(), clock: clock.clone() },
        switch_services: SwitchServices { switches: repositories.service_switches(), clock },
    }
}
