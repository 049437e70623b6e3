//! Where accounts, users and keys are kept.

use async_trait::async_trait;
use jiff::Timestamp;

use super::PortError;
use crate::{
    Account, AccountId, AccountName, ApiKey, ApiKeyId, Currency, Email, Page, PageRequest, Sha256Digest, User,
};

/// Keeps accounts, their users and their keys.
///
/// # Contract
/// - `insert` of an account whose name is taken MUST fail with `Conflict`, as MUST `insert_user` of an address that the
///   account already has.
/// - `found` MUST store all three or nothing, and nothing where any account exists; of two concurrent calls at most one
///   MUST answer `true`.
/// - `fix_currency` MUST set the currency only where none is set, and MUST answer the one that then holds; for an account
///   that does not exist it MUST fail.
/// - `list` MUST answer newest first (greatest id first) and MUST neither skip nor repeat an account from page to page.
/// - `key_by_digest` MUST find revoked keys too: whether a key still counts is for the domain to say.
/// - `note_key_use` MUST NOT move the last use backwards. It MAY answer before the use is durable, and then without a
///   failure to keep it; who reads the key through the same repository MUST see the use as soon as it has answered.
/// - `revoke_key` MUST touch no key of another account, and MUST keep the first instant of revocation; it answers
///   whether the account has such a key.
#[async_trait]
pub trait AccountRepository: Send + Sync {
    /// Stores a new account.
    async fn insert(&self, account: &Account) -> Result<(), PortError>;

    /// Stores the very first account with its user and key, unless there is any account; whether it did.
    async fn found(&self, account: &Account, user: &User, key: &ApiKey) -> Result<bool, PortError>;

    /// The account with this id.
    async fn get(&self, id: AccountId) -> Result<Option<Account>, PortError>;

    /// The account with this name.
    async fn by_name(&self, name: &AccountName) -> Result<Option<Account>, PortError>;

    /// A page of all accounts: for the operator, nobody else sees another's.
    async fn list(&self, page: PageRequest) -> Result<Page<Account>, PortError>;

    /// Sets the account's currency where it has none, and answers the one that it has then.
    async fn fix_currency(&self, id: AccountId, currency: Currency) -> Result<Currency, PortError>;

    /// Stores a new user.
    async fn insert_user(&self, user: &User) -> Result<(), PortError>;

    /// The account's user with this address.
    async fn user_by_email(&self, account: AccountId, email: &Email) -> Result<Option<User>, PortError>;

    /// Stores a new key.
    async fn insert_key(&self, key: &ApiKey) -> Result<(), PortError>;

    /// The key with this digest, of whichever account.
    async fn key_by_digest(&self, digest: &Sha256Digest) -> Result<Option<ApiKey>, PortError>;

    /// All keys of the account, newest first.
    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, PortError>;

    /// Notes that a key was shown.
    async fn note_key_use(&self, id: ApiKeyId, at: Timestamp) -> Result<(), PortError>;

    /// Makes a key worthless from now on; whether the account has it.
    async fn revoke_key(&self, account: AccountId, id: ApiKeyId, at: Timestamp) -> Result<bool, PortError>;
}
