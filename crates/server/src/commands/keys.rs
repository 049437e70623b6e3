use adstead_application::accounts::{IssuedKey, NewKey};
use adstead_config::Settings;
use adstead_domain::{AccountId, ApiKey, ApiKeyId, Role, UserId};
use anyhow::Result;
use jiff::Timestamp;
use serde::Serialize;

use super::{advise, operate, print, print_json, second};
use crate::cli::{JsonArgs, NewKeyArgs};

/// A key that was issued; the only time that its secret is shown.
#[derive(Serialize)]
struct ShownKey<'a> {
    key: &'a str,
    id: ApiKeyId,
    account_id: AccountId,
    user_id: UserId,
    user: &'a str,
    role: Role,
}

/// What is known of a key.
#[derive(Serialize)]
struct ListedKey {
    id: ApiKeyId,
    user_id: UserId,
    role: Role,
    created_at: Timestamp,
    last_used_at: Option<Timestamp>,
    revoked_at: Option<Timestamp>,
}

#[derive(Serialize)]
struct ListedKeys {
    keys: Vec<ListedKey>,
}

pub(super) async fn create(settings: &Settings, args: NewKeyArgs) -> Result<()> {
    let NewKeyArgs { account, user, role, output } = args;
    let new = NewKey { account, email: user, role };
    let issued = operate(settings, async |operator| operator.create_key.execute(new).await).await?;
    let IssuedKey { key, secret, user } = &issued;
    match output {
        JsonArgs { json: true } => print_json(&ShownKey {
            key: secret.reveal(),
            id: key.id,
            account_id: key.account_id,
            user_id: user.id,
            user: user.email.as_str(),
            role: key.role,
        }),
        JsonArgs { json: false } => {
            print(&format!("{}\n", secret.reveal()))?;
            advise(&format!(
                "A key for {} as {}, shown this once. Its id is {}.",
                user.email, key.role, key.id
            ));
            Ok(())
        }
    }
}

pub(super) async fn list(settings: &Settings, account: &str, output: JsonArgs) -> Result<()> {
    let keys = operate(settings, async |operator| operator.manage_keys.list(account).await).await?;
    let keys: Vec<_> = keys.into_iter().map(ListedKey::from).collect();
    match output {
        JsonArgs { json: true } => print_json(&ListedKeys { keys }),
        JsonArgs { json: false } => Ok(print(&table(&keys))?),
    }
}

pub(super) async fn revoke(settings: &Settings, account: &str, id: ApiKeyId) -> Result<()> {
    operate(settings, async |operator| operator.manage_keys.revoke(account, id).await).await?;
    Ok(print(&format!("{id} is revoked\n"))?)
}

fn table(keys: &[ListedKey]) -> String {
    let row = |id: &str, role: &str, user: &str, created: &str, used: &str, state: &str| {
        format!("{id:<36}  {role:<8}  {user:<36}  {created:<20}  {used:<20}  {state}\n")
    };
    let mut text = row("ID", "ROLE", "USER", "CREATED", "LAST USED", "STATE");
    for key in keys {
        let used = key.last_used_at.map_or_else(|| "never".to_owned(), second);
        let state = key.revoked_at.map_or_else(|| "valid".to_owned(), |at| format!("revoked {}", second(at)));
        let (id, user) = (key.id.to_string(), key.user_id.to_string());
        text += &row(&id, key.role.as_str(), &user, &second(key.created_at), &used, &state);
    }
    text
}

impl From<ApiKey> for ListedKey {
    fn from(key: ApiKey) -> Self {
        let ApiKey { id, account_id: _, user_id, role, digest: _, created_at, last_used_at, revoked_at } =
            key;
        Self { id, user_id, role, created_at, last_used_at, revoked_at }
    }
}
