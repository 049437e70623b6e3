use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AccountRepository, PortError};
use adstead_domain::{
    Account, AccountId, AccountName, ApiKey, ApiKeyId, Currency, Email, Sha256Digest, User,
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::to_the_end;
use crate::cache::{CacheManager, EntryOptions, shared_failure};

/// Keeps accounts and keys for a moment: each request asks for both.
///
/// A key that was revoked on another node is found as it was for that moment, so it must be short.
pub struct CachedAccounts {
    accounts: Arc<dyn AccountRepository>,
    cache: Arc<CacheManager>,
    ttl: Duration,
}

impl CachedAccounts {
    /// The longest that an account or key is kept.
    pub const MAX_TTL: Duration = Duration::from_secs(2);

    /// `accounts`, each of them and each key kept for `ttl`, but never longer than [`CachedAccounts::MAX_TTL`].
    pub fn new(accounts: Arc<dyn AccountRepository>, cache: Arc<CacheManager>, ttl: Duration) -> Self {
        Self { accounts, cache, ttl: ttl.min(Self::MAX_TTL) }
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AccountRepository for CachedAccounts {
    async fn insert(&self, account: &Account) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        let account = account.clone();
        to_the_end(async move {
            let outcome = inner.insert(&account).await;
            cache.delete(&account_key(account.id)).await;
            outcome
        })
        .await
    }

    async fn found(&self, account: &Account, user: &User, key: &ApiKey) -> Result<bool, PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        let (account, user, key) = (account.clone(), user.clone(), key.clone());
        to_the_end(async move {
            let outcome = inner.found(&account, &user, &key).await;
            cache.delete(&account_key(account.id)).await;
            cache.delete(&digest_key(&key.digest)).await;
            outcome
        })
        .await
    }

    async fn get(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        let options = EntryOptions::new(self.ttl);
        let load = self.accounts.get(id);
        let account = self.cache.get_or_load_optional(&account_key(id), &options, load).await;
        account.map(|account| account.map(Arc::unwrap_or_clone)).map_err(shared_failure)
    }

    async fn by_name(&self, name: &AccountName) -> Result<Option<Account>, PortError> {
        self.accounts.by_name(name).await
    }

    async fn fix_currency(&self, id: AccountId, currency: Currency) -> Result<Currency, PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        to_the_end(async move {
            let outcome = inner.fix_currency(id, currency).await;
            cache.delete(&account_key(id)).await;
            outcome
        })
        .await
    }

    async fn insert_user(&self, user: &User) -> Result<(), PortError> {
        self.accounts.insert_user(user).await
    }

    async fn user_by_email(&self, account: AccountId, email: &Email) -> Result<Option<User>, PortError> {
        self.accounts.user_by_email(account, email).await
    }

    async fn insert_key(&self, key: &ApiKey) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        let key = key.clone();
        to_the_end(async move {
            let outcome = inner.insert_key(&key).await;
            cache.delete(&digest_key(&key.digest)).await;
            outcome
        })
        .await
    }

    async fn key_by_digest(&self, digest: &Sha256Digest) -> Result<Option<ApiKey>, PortError> {
        // Which key it is, and so under which tag it can be outdated, is known only once it was read.
        let cached = digest_key(digest);
        let options = EntryOptions::new(self.ttl).tag(ANY_KEY);
        let key =
            self.cache.get_or_load_optional(&cached, &options, self.accounts.key_by_digest(digest)).await;
        key.map(|key| key.map(Arc::unwrap_or_clone)).map_err(shared_failure)
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, PortError> {
        self.accounts.keys(account).await
    }

    async fn note_key_use(&self, id: ApiKeyId, at: Timestamp) -> Result<(), PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        to_the_end(async move {
            let outcome = inner.note_key_use(id, at).await;
            cache.invalidate_tag(ANY_KEY).await;
            outcome
        })
        .await
    }

    async fn revoke_key(&self, account: AccountId, id: ApiKeyId, at: Timestamp) -> Result<bool, PortError> {
        let (inner, cache) = (Arc::clone(&self.accounts), Arc::clone(&self.cache));
        to_the_end(async move {
            let outcome = inner.revoke_key(account, id, at).await;
            cache.invalidate_tag(ANY_KEY).await;
            outcome
        })
        .await
    }
}

/// The tag of all keys. Uses are noted once a minute and key, revocations are rare, and entries live for two seconds: to
/// outdate all of them at once costs next to nothing.
const ANY_KEY: &str = "api_keys";

fn account_key(id: AccountId) -> String {
    format!("account:{id}")
}

fn digest_key(digest: &Sha256Digest) -> String {
    format!("api_key:{digest}")
}
