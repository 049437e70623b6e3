use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::port::{AccountRepository, Chain, PortError};
use adstead_domain::{
    Account, AccountId, AccountName, ApiKey, ApiKeyId, Currency, Email, Page, PageRequest, Sha256Digest, User,
};
use async_trait::async_trait;
use jiff::Timestamp;
use tokio::sync::watch;
use tracing::Instrument;

use super::{RepositoryCaches, in_time, to_the_end};
use crate::cache::{EntryOptions, Levels};

/// Keeps accounts and keys for a moment: each request asks for both.
///
/// A key that was revoked on another node, while this one could not be told, is found as it was for that moment, so it must be
/// short.
///
/// That a key was used is written behind the answer: no request waits for the database's writer to note it.
pub struct CachedAccounts {
    accounts: Arc<dyn AccountRepository>,
    caches: RepositoryCaches,
    uses: Arc<Uses>,
}

impl CachedAccounts {
    /// `accounts`, they and their keys kept in `caches`.
    pub fn new(accounts: Arc<dyn AccountRepository>, caches: RepositoryCaches) -> Self {
        Self { accounts, caches, uses: Arc::default() }
    }

    /// Waits until each use of a key is noted that was answered already: to be called before the database is closed.
    pub async fn uses_noted(&self) {
        self.uses.written().await;
    }
}

#[deny(clippy::missing_trait_methods)]
#[async_trait]
impl AccountRepository for CachedAccounts {
    async fn insert(&self, account: &Account) -> Result<(), PortError> {
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        let account = account.clone();
        to_the_end(async move {
            let outcome = inner.insert(&account).await;
            caches.accounts.delete(&account_key(account.id)).await;
            outcome
        })
        .await
    }

    async fn found(&self, account: &Account, user: &User, key: &ApiKey) -> Result<bool, PortError> {
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        let (account, user, key) = (account.clone(), user.clone(), key.clone());
        to_the_end(async move {
            let outcome = inner.found(&account, &user, &key).await;
            caches.accounts.delete(&account_key(account.id)).await;
            caches.keys.delete(&digest_key(&key.digest)).await;
            outcome
        })
        .await
    }

    async fn get(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        let inner = Arc::clone(&self.accounts);
        let load = move || async move { inner.get(id).await };
        let cached = account_key(id);
        let account = self.caches.accounts.get_or_load_optional(&cached, load);
        Ok(in_time("accounts.get", account).await?.map(Arc::unwrap_or_clone))
    }

    async fn by_name(&self, name: &AccountName) -> Result<Option<Account>, PortError> {
        self.accounts.by_name(name).await
    }

    async fn list(&self, page: PageRequest) -> Result<Page<Account>, PortError> {
        self.accounts.list(page).await
    }

    async fn fix_currency(&self, id: AccountId, currency: Currency) -> Result<Currency, PortError> {
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        to_the_end(async move {
            let outcome = inner.fix_currency(id, currency).await;
            caches.accounts.delete(&account_key(id)).await;
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
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        let key = key.clone();
        to_the_end(async move {
            let outcome = inner.insert_key(&key).await;
            caches.keys.delete(&digest_key(&key.digest)).await;
            outcome
        })
        .await
    }

    async fn key_by_digest(&self, digest: &Sha256Digest) -> Result<Option<ApiKey>, PortError> {
        let uses = self.uses.under_way();
        let (inner, wanted) = (Arc::clone(&self.accounts), *digest);
        let load = move || async move { inner.key_by_digest(&wanted).await };
        let cached = digest_key(digest);
        let key = self.caches.keys.get_or_load_optional(&cached, load);
        let key = in_time("accounts.key_by_digest", key).await?.map(Arc::unwrap_or_clone);
        Ok(key.map(|key| with_use(key, &uses)))
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, PortError> {
        let uses = self.uses.under_way();
        let keys = self.accounts.keys(account).await?;
        Ok(keys.into_iter().map(|key| with_use(key, &uses)).collect())
    }

    async fn note_key_use(&self, id: ApiKeyId, at: Timestamp) -> Result<(), PortError> {
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        let uses = Arc::clone(&self.uses);
        if !uses.begin(id, at) {
            return Ok(());
        }
        let write = async move {
            let outcome = inner.note_key_use(id, at).await;
            outdate(&caches, id).await;
            uses.end(id, at);
            if let Err(error) = outcome {
                // The last use is a convenience; the next request notes its own.
                tracing::warn!(key_id = %id, error = %Chain(&error), "the use of a key was not noted");
            }
        };
        tokio::spawn(write.in_current_span());
        Ok(())
    }

    async fn revoke_key(&self, account: AccountId, id: ApiKeyId, at: Timestamp) -> Result<bool, PortError> {
        let (inner, caches) = (Arc::clone(&self.accounts), self.caches.clone());
        to_the_end(async move {
            let outcome = inner.revoke_key(account, id, at).await;
            outdate(&caches, id).await;
            outcome
        })
        .await
    }
}

/// The latest use of each key whose note is being written.
#[derive(Default)]
struct Uses(watch::Sender<HashMap<ApiKeyId, Timestamp>>);

impl Uses {
    /// Whether this use is to be written: none as late is being written already.
    fn begin(&self, id: ApiKeyId, at: Timestamp) -> bool {
        self.0.send_if_modified(|uses| {
            let later = uses.get(&id).is_none_or(|latest| *latest < at);
            if later {
                uses.insert(id, at);
            }
            later
        })
    }

    /// Forgets a use that was written, unless a later one is on its way.
    fn end(&self, id: ApiKeyId, at: Timestamp) {
        self.0.send_if_modified(|uses| {
            let is_last = uses.get(&id) == Some(&at);
            if is_last {
                uses.remove(&id);
            }
            is_last
        });
    }

    /// A copy from before the keys are read: a use that is written meanwhile is in the one or in the other. It is empty
    /// as a rule, and costs nothing then.
    fn under_way(&self) -> HashMap<ApiKeyId, Timestamp> {
        self.0.borrow().clone()
    }

    /// Waits until none is on its way.
    async fn written(&self) {
        let mut uses = self.0.subscribe();
        uses.wait_for(HashMap::is_empty).await.expect("its sender is this very one");
    }
}

/// The key with a use that may not be stored yet.
fn with_use(mut key: ApiKey, uses: &HashMap<ApiKeyId, Timestamp>) -> ApiKey {
    key.last_used_at = key.last_used_at.max(uses.get(&key.id).copied());
    key
}

/// How keys are kept: each under its digest, and to be outdated by its id, which is known only once it was read.
pub(super) fn key_options(ttl: Duration) -> EntryOptions<ApiKey> {
    EntryOptions::new(ttl).levels(Levels::Memory).tagged_by(|key| vec![key_tag(key.id)])
}

async fn outdate(caches: &RepositoryCaches, id: ApiKeyId) {
    caches.manager.invalidate_tag(&key_tag(id)).await.expect("a tag of an id is short");
}

fn key_tag(id: ApiKeyId) -> String {
    format!("key:{id}")
}

fn account_key(id: AccountId) -> String {
    id.to_string()
}

fn digest_key(digest: &Sha256Digest) -> String {
    digest.to_string()
}
