//! Ads, their review and their life.

mod create;
mod edit;
mod find;
mod review;
mod step;

use adstead_domain::port::AssetRepository;
use adstead_domain::{AccountId, AssetId, Faults, Violation};

pub(crate) use create::Place;
pub use create::{CreateAd, NewAd};
pub use edit::EditAd;
pub use find::FindAds;
pub use review::ReviewAd;
pub use step::StepAd;

use crate::Error;

/// Lets files pass that the account has.
async fn require_assets(
    assets: &dyn AssetRepository,
    account: AccountId,
    ids: &[AssetId],
) -> Result<(), Error> {
    let mut faults = Faults::default();
    for (index, &id) in ids.iter().enumerate() {
        if assets.get(account, id).await?.is_none() {
            let message = format!("there is no asset {id} in this account: upload it first");
            faults.push(&format!("/asset_ids/{index}"), Violation::invalid(message));
        }
    }
    Ok(faults.into_result()?)
}
