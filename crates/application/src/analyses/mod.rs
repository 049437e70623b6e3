//! What a model can tell before anything is written.

use std::sync::Arc;
use std::time::Duration;

use adstead_domain::analysis::{AudienceBrief, AudienceSegment, VoiceAnalysis, VoiceSamples};
use adstead_domain::port::{
    AccountRepository, AudienceRequest, Clock, CopyAnalyst, ModelCall, Prompt, VoiceRequest, Written,
};
use adstead_domain::{Actor, Permission};

use crate::Error;
use crate::generations::{audience_prompt, model_call, voice_prompt};

/// Has a model tell how a brand speaks, and whom a product is for. Nothing of it is kept.
pub struct Analyse {
    /// Who pays.
    pub accounts: Arc<dyn AccountRepository>,
    /// Who tells.
    pub analyst: Arc<dyn CopyAnalyst>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// The time for an answer.
    pub deadline: Duration,
}

impl Analyse {
    /// How whoever wrote these texts speaks.
    ///
    /// # Errors
    /// [`Error::Rules`] for an unknown provider; [`Error::Writer`] where no provider answers, or none can.
    pub async fn brand_voice(
        &self,
        actor: &Actor,
        samples: VoiceSamples,
        provider: Option<String>,
    ) -> Result<Written<VoiceAnalysis>, Error> {
        let call = self.call(actor, voice_prompt(&samples), provider).await?;
        self.analyst.brand_voice(&VoiceRequest { samples, call }).await.map_err(Error::of_writer)
    }

    /// Whom a product is for.
    ///
    /// # Errors
    /// [`Error::Rules`] for an unknown provider; [`Error::Writer`] where no provider answers, or none can.
    pub async fn audience(
        &self,
        actor: &Actor,
        brief: AudienceBrief,
        provider: Option<String>,
    ) -> Result<Written<Vec<AudienceSegment>>, Error> {
        let call = self.call(actor, audience_prompt(&brief), provider).await?;
        self.analyst.audience(&AudienceRequest { brief, call }).await.map_err(Error::of_writer)
    }

    async fn call(
        &self,
        actor: &Actor,
        prompt: Prompt,
        provider: Option<String>,
    ) -> Result<ModelCall, Error> {
        actor.must(Permission::Write)?;
        model_call(self.accounts.as_ref(), actor, self.clock.now(), prompt, provider, self.deadline).await
    }
}
