use std::sync::Arc;

use adstead_domain::port::{Clock, DisabledService, ServiceSwitches};

use crate::Error;

/// Decides which external services may be called. It is the operator's business, so nobody has to be logged in.
pub struct SwitchServices {
    /// The operator's word, which all nodes follow.
    pub switches: Arc<dyn ServiceSwitches>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl SwitchServices {
    /// The services that nobody may call.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn disabled(&self) -> Result<Vec<DisabledService>, Error> {
        Ok(self.switches.disabled().await?)
    }

    /// Lets nobody call a service any more.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn disable(&self, name: &str) -> Result<(), Error> {
        Ok(self.switches.disable(name, self.clock.now()).await?)
    }

    /// Lets a service be called again; whether it was disabled.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn enable(&self, name: &str) -> Result<bool, Error> {
        Ok(self.switches.enable(name).await?)
    }
}
