use adstead_domain::port::{AccountRepository, PortError, PortErrorKind};
use adstead_domain::{
    Account, AccountId, AccountName, ApiKey, ApiKeyId, Currency, Email, Page, PageRequest, Sha256Digest, User,
};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::{MemoryStore, World, add, page};

pub(super) struct MemoryAccounts(pub(super) MemoryStore);

#[async_trait]
impl AccountRepository for MemoryAccounts {
    async fn insert(&self, account: &Account) -> Result<(), PortError> {
        const OPERATION: &str = "accounts.insert";
        let mut world = self.0.world();
        if world.accounts.values().any(|other| other.name == account.name) {
            return Err(PortError::new(PortErrorKind::Conflict, OPERATION));
        }
        add(&mut world.accounts, account.id, account.clone(), OPERATION)
    }

    async fn found(&self, account: &Account, user: &User, key: &ApiKey) -> Result<bool, PortError> {
        let mut world = self.0.world();
        if !world.accounts.is_empty() {
            return Ok(false);
        }
        world.accounts.insert(account.id, account.clone());
        world.users.insert((user.account_id, user.id), user.clone());
        world.keys.insert(key.id, key.clone());
        Ok(true)
    }

    async fn get(&self, id: AccountId) -> Result<Option<Account>, PortError> {
        Ok(self.0.world().accounts.get(&id).cloned())
    }

    async fn by_name(&self, name: &AccountName) -> Result<Option<Account>, PortError> {
        Ok(self.0.world().accounts.values().find(|account| account.name == *name).cloned())
    }

    async fn list(&self, request: PageRequest) -> Result<Page<Account>, PortError> {
        let world = self.0.world();
        Ok(page(world.accounts.values().rev(), request, |account| account.id.uuid()))
    }

    async fn fix_currency(&self, id: AccountId, currency: Currency) -> Result<Currency, PortError> {
        let mut world = self.0.world();
        let account = world.accounts.get_mut(&id);
        let account =
            account.ok_or_else(|| PortError::new(PortErrorKind::Rejected, "accounts.fix_currency"))?;
        Ok(*account.currency.get_or_insert(currency))
    }

    async fn insert_user(&self, user: &User) -> Result<(), PortError> {
        const OPERATION: &str = "accounts.insert_user";
        let mut world = self.0.world();
        if world.user_by_email(user.account_id, &user.email).is_some() {
            return Err(PortError::new(PortErrorKind::Conflict, OPERATION));
        }
        add(&mut world.users, (user.account_id, user.id), user.clone(), OPERATION)
    }

    async fn user_by_email(&self, account: AccountId, email: &Email) -> Result<Option<User>, PortError> {
        Ok(self.0.world().user_by_email(account, email).cloned())
    }

    async fn insert_key(&self, key: &ApiKey) -> Result<(), PortError> {
        add(&mut self.0.world().keys, key.id, key.clone(), "accounts.insert_key")
    }

    async fn key_by_digest(&self, digest: &Sha256Digest) -> Result<Option<ApiKey>, PortError> {
        Ok(self.0.world().keys.values().find(|key| key.digest == *digest).cloned())
    }

    async fn keys(&self, account: AccountId) -> Result<Vec<ApiKey>, PortError> {
        let world = self.0.world();
        Ok(world.keys.values().rev().filter(|key| key.account_id == account).cloned().collect())
    }

    async fn note_key_use(&self, id: ApiKeyId, at: Timestamp) -> Result<(), PortError> {
        if let Some(key) = self.0.world().keys.get_mut(&id) {
            key.last_used_at = key.last_used_at.max(Some(at));
        }
        Ok(())
    }

    async fn revoke_key(&self, account: AccountId, id: ApiKeyId, at: Timestamp) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let Some(key) = world.keys.get_mut(&id).filter(|key| key.account_id == account) else {
            return Ok(false);
        };
        key.revoked_at.get_or_insert(at);
        Ok(true)
    }
}

impl World {
    fn user_by_email(&self, account: AccountId, email: &Email) -> Option<&User> {
        self.users.values().find(|user| (user.account_id, &user.email) == (account, email))
    }
}
