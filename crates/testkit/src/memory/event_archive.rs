use std::collections::HashSet;

use adstead_domain::port::{Comparison, EventArchive, Expired, PortError};
use adstead_domain::report::bucket_start;
use adstead_domain::{AccountId, KeptRejection, Page, PageRequest};
use async_trait::async_trait;
use jiff::Timestamp;

use super::store::{MemoryStore, World, page};

/// Its figures are computed from the events, so that they always equal them.
pub(super) struct MemoryEventArchive(pub(super) MemoryStore);

#[async_trait]
impl EventArchive for MemoryEventArchive {
    async fn kept_since(&self) -> Result<Timestamp, PortError> {
        Ok(self.0.world().since())
    }

    async fn expire(&self, before: Timestamp) -> Result<Expired, PortError> {
        let mut world = self.0.world();
        world.kept_since = world.kept_since.max(Some(before));
        let expired: Vec<_> = world.events.extract_if(|_, event| event.occurred_at < before).collect();
        let rejected = world.rejected.extract_if(|_, kept| kept.received_at < before).count();
        let answer = Expired { events: expired.len() as u64, rejected: rejected as u64 };
        world.expired.extend(expired.into_iter().map(|((account, _), event)| (account, event)));
        Ok(answer)
    }

    async fn compare(&self, account: AccountId) -> Result<Comparison, PortError> {
        let world = self.0.world();
        let since = world.since();
        let of_account = world.events.iter().filter(|((owner, _), _)| *owner == account);
        let all = of_account.map(|(_, event)| (event.ad_id, bucket_start(event.occurred_at)));
        let buckets: HashSet<_> = all.filter(|(_, start)| *start >= since).collect();
        Ok(Comparison { since, buckets: buckets.len() as u64, differing: 0 })
    }

    async fn mend(&self, account: AccountId) -> Result<Comparison, PortError> {
        self.compare(account).await
    }

    async fn rejected(
        &self,
        account: AccountId,
        request: PageRequest,
    ) -> Result<Page<KeptRejection>, PortError> {
        let world = self.0.world();
        let of_account = world.rejected.iter().filter(|((owner, _), _)| *owner == account);
        let mut kept: Vec<_> = of_account.map(|(_, kept)| kept).collect();
        kept.sort_by_key(|kept| std::cmp::Reverse(kept.place()));
        Ok(page(kept.into_iter(), request, KeptRejection::place))
    }
}

impl World {
    fn since(&self) -> Timestamp {
        self.kept_since.unwrap_or(Timestamp::UNIX_EPOCH)
    }
}
