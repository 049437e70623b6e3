use std::sync::Arc;

use adstead_domain::port::{
    AdGroupRepository, AdRepository, CampaignRepository, Clock, GenerationRepository, IdGenerator,
};
use adstead_domain::{
    Actor, Ad, AdChange, AdContent, AdGroupId, AdId, AdName, FinalUrl, Generation, GenerationId, Permission,
    Variant,
};

use crate::Error;
use crate::ads::{NewAd, Place};
use crate::happened::happened;

/// Makes draft ads from chosen variants of a generation.
pub struct AdoptVariants {
    /// Where generations are kept.
    pub generations: Arc<dyn GenerationRepository>,
    /// Where campaigns are kept.
    pub campaigns: Arc<dyn CampaignRepository>,
    /// Where ad groups are kept.
    pub groups: Arc<dyn AdGroupRepository>,
    /// Where ads are kept.
    pub ads: Arc<dyn AdRepository>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where ids come from.
    pub ids: Arc<dyn IdGenerator>,
}

/// Which variants become ads, and where.
#[derive(Debug, Clone)]
pub struct Adoption {
    /// The group that the ads go to.
    pub ad_group_id: AdGroupId,
    /// The variants, by their position from 0.
    pub variants: Vec<usize>,
    /// Where a click leads.
    pub final_url: FinalUrl,
}

impl AdoptVariants {
    /// Makes the ads, all or none.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Rules`] for a variant that is not there, or a group on another platform.
    pub async fn execute(
        &self,
        actor: &Actor,
        id: GenerationId,
        adoption: Adoption,
    ) -> Result<Vec<Ad>, Error> {
        actor.must(Permission::Write)?;
        let Adoption { ad_group_id, variants, final_url } = adoption;
        let found = self.generations.get(actor.account_id, id).await?;
        let generation = found.ok_or_else(|| Error::not_found("generation", id))?;
        let chosen = generation.choose(&variants).map_err(|fault| fault.at("/variants"))?;
        let place = Place::find(self.groups.as_ref(), self.campaigns.as_ref(), actor, ad_group_id).await?;
        generation.fits(&place.campaign).map_err(|fault| fault.at("/ad_group_id"))?;
        let now = self.clock.now();
        let draft = |(&index, &variant): (&usize, &&Variant)| {
            let content =
                AdContent { copy: variant.copy.clone(), final_url: final_url.clone(), assets: Vec::new() };
            let new = NewAd { name: name(&generation, index), ad_type: generation.brief.ad_type, content };
            place.draft(actor, new, AdId::new(self.ids.next()), now)
        };
        let ads: Vec<_> = variants.iter().zip(&chosen).map(draft).collect();
        let created = |ad: &Ad| happened(self.ids.as_ref(), actor, ad.occurrence(AdChange::Created), now);
        let events: Vec<_> = ads.iter().map(created).collect();
        self.ads.insert_all(&ads, &events).await?;
        Ok(ads)
    }
}

/// The product and the number of the variant, counted from 1 as people do.
fn name(generation: &Generation, index: usize) -> AdName {
    const LONGEST_PRODUCT: usize = 180;
    let product: String = generation.brief.product.as_str().chars().take(LONGEST_PRODUCT).collect();
    format!("{product} – variant {}", index + 1)
        .parse()
        .expect("a product's name and a number are the name of an ad")
}
