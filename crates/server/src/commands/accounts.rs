use adstead_application::accounts::NewAccount;
use adstead_config::Settings;
use adstead_domain::{AccountId, Currency};
use anyhow::Result;
use serde::Serialize;

use super::{advise, operate, print, print_json};
use crate::cli::{JsonArgs, NewAccountArgs};

/// An account that was opened.
#[derive(Serialize)]
struct OpenedAccount<'a> {
    id: AccountId,
    name: &'a str,
    time_zone: &'a str,
    currency: Option<&'static str>,
    second_reviewer: bool,
}

pub(super) async fn create(settings: &Settings, args: NewAccountArgs) -> Result<()> {
    let NewAccountArgs { name, time_zone, currency, no_second_reviewer, output } = args;
    let new = NewAccount { name, time_zone, currency, second_reviewer: !no_second_reviewer };
    let account = operate(settings, async |operator| operator.create_account.execute(new).await).await?;
    match output {
        JsonArgs { json: true } => print_json(&OpenedAccount {
            id: account.id,
            name: account.name.as_str(),
            time_zone: account.time_zone.name(),
            currency: account.currency.map(Currency::code),
            second_reviewer: account.second_reviewer,
        }),
        JsonArgs { json: false } => {
            print(&format!("{}\n", account.id))?;
            advise("Next: adstead keys create --account ID --user EMAIL --role ROLE");
            Ok(())
        }
    }
}
