use adstead_domain::port::{Payer, PortError, SpendLedger};
use async_trait::async_trait;

use super::store::{MemoryStore, World};

pub(super) struct MemorySpendLedger(pub(super) MemoryStore);

#[async_trait]
impl SpendLedger for MemorySpendLedger {
    async fn reserve(
        &self,
        payer: &Payer,
        micros: u64,
        limit_micros: Option<u64>,
    ) -> Result<bool, PortError> {
        let mut world = self.0.world();
        let spent = world.spent_on_models(payer);
        let sum = spent.saturating_add(micros);
        let is_granted = limit_micros.is_none_or(|limit| sum <= limit);
        if is_granted {
            *spent = sum;
        }
        Ok(is_granted)
    }

    async fn settle(&self, payer: &Payer, reserved_micros: u64, spent_micros: u64) -> Result<(), PortError> {
        let mut world = self.0.world();
        let spent = world.spent_on_models(payer);
        *spent = spent.saturating_sub(reserved_micros).saturating_add(spent_micros);
        Ok(())
    }

    async fn spent(&self, payer: &Payer) -> Result<u64, PortError> {
        Ok(*self.0.world().spent_on_models(payer))
    }
}

impl World {
    fn spent_on_models(&mut self, payer: &Payer) -> &mut u64 {
        self.spent_on_models.entry((payer.account, payer.day)).or_default()
    }
}
