//! Ads, their review and their life.

mod create;
mod edit;
mod find;
mod inspect;
mod review;
mod step;

use adstead_domain::port::{AssetRepository, PortError, PortErrorKind};
use adstead_domain::{AccountId, Ad, AssetId, Faults, Violation};

pub(crate) use create::Place;
pub use create::{CreateAd, NewAd};
pub use edit::EditAd;
pub use find::FindAds;
pub use inspect::{InspectCopy, Inspection};
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

/// What it means that the ad was not written: that a file went in the meantime is said as if it had never been there.
async fn not_written(error: PortError, assets: &dyn AssetRepository, ad: &Ad) -> Error {
    if error.kind == PortErrorKind::Conflict
        && let Err(missing) = require_assets(assets, ad.account_id, &ad.content.assets).await
    {
        return missing;
    }
    error.into()
}
