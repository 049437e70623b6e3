use std::sync::Arc;

use adstead_domain::port::{Alerts, Clock};
use jiff::SignedDuration;

use crate::Error;

/// Forgets what was told long ago: where it still holds, it is told again.
pub struct ForgetAlerts {
    /// What was told.
    pub alerts: Arc<dyn Alerts>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl ForgetAlerts {
    /// For how long nothing is told twice.
    pub const MEMORY: SignedDuration = SignedDuration::from_hours(90 * 24);

    /// Forgets; how many.
    ///
    /// # Errors
    /// [`Error::Port`].
    pub async fn execute(&self) -> Result<u64, Error> {
        Ok(self.alerts.forget(self.clock.now() - Self::MEMORY).await?)
    }
}
