//! Campaigns.

mod create;
mod edit;
mod find;
mod step;

use adstead_domain::port::AccountRepository;
use adstead_domain::{AccountId, Budget, Violation};

pub use create::{CreateCampaign, NewCampaign};
pub use edit::EditCampaign;
pub use find::FindCampaigns;
pub use step::StepCampaign;

use crate::Error;

/// Lets a budget pass that is in the account's one currency; the first budget decides which that is.
pub(crate) async fn settle_currency(
    accounts: &dyn AccountRepository,
    account: AccountId,
    budget: &Budget,
) -> Result<(), Error> {
    let wanted = budget.currency();
    let settled = accounts.fix_currency(account, wanted).await?;
    if settled == wanted {
        return Ok(());
    }
    let message = format!("the account counts in {settled}, not in {wanted}: give the budget in {settled}");
    Err(Violation::invalid(message).at("/budget/currency").into())
}
