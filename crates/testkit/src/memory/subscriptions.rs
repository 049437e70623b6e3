use adstead_domain::port::{PortError, PortErrorKind, SubscriptionRepository};
use adstead_domain::{AccountId, Subscription, SubscriptionId, UserId, Version};
use async_trait::async_trait;

use super::store::{MemoryStore, add, newest_first};

pub(super) struct MemorySubscriptions(pub(super) MemoryStore);

#[async_trait]
impl SubscriptionRepository for MemorySubscriptions {
    async fn insert(&self, subscription: &Subscription) -> Result<(), PortError> {
        let rows = &mut self.0.world().subscriptions;
        let (account, operation) = (subscription.account_id, "subscriptions.insert");
        if newest_first(rows, account).count() >= Subscription::MOST {
            return Err(PortError::new(PortErrorKind::Conflict, operation));
        }
        add(rows, (account, subscription.id), subscription.clone(), operation)
    }

    async fn get(&self, account: AccountId, id: SubscriptionId) -> Result<Option<Subscription>, PortError> {
        Ok(self.0.world().subscriptions.get(&(account, id)).cloned())
    }

    async fn find(&self, id: SubscriptionId) -> Result<Option<Subscription>, PortError> {
        Ok(self.0.world().subscriptions.values().find(|found| found.id == id).cloned())
    }

    async fn of_account(
        &self,
        account: AccountId,
        user: Option<UserId>,
    ) -> Result<Vec<Subscription>, PortError> {
        let world = self.0.world();
        let all = newest_first(&world.subscriptions, account);
        Ok(all.filter(|found| user.is_none_or(|user| user == found.user_id)).cloned().collect())
    }

    async fn accounts(&self) -> Result<Vec<AccountId>, PortError> {
        let mut accounts: Vec<_> = self.0.world().subscriptions.keys().map(|(account, _)| *account).collect();
        accounts.dedup();
        Ok(accounts)
    }

    async fn update(&self, subscription: &Subscription) -> Result<Version, PortError> {
        let mut world = self.0.world();
        let stored = world.subscriptions.get_mut(&(subscription.account_id, subscription.id));
        let stored = stored.filter(|stored| stored.version == subscription.version);
        let stored = stored.ok_or_else(|| PortError::new(PortErrorKind::Stale, "subscriptions.update"))?;
        let version = subscription.version.next();
        *stored = Subscription { version, ..subscription.clone() };
        Ok(version)
    }

    async fn delete(&self, account: AccountId, id: SubscriptionId) -> Result<bool, PortError> {
        Ok(self.0.world().subscriptions.remove(&(account, id)).is_some())
    }
}
