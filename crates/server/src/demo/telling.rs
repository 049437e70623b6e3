//! Who is told of what happens in the demo.

use std::time::Duration;

use adstead_domain::WebhookSecret;
use anyhow::{Context, Result, ensure};
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::creation::Team;
use super::neighbours::{Message, Neighbours};
use super::outcome::Told;
use crate::client::field;

/// How long a message may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The reviewer wants a mail for each ad that waits, the admin has a program told of what was decided; the secret of that.
pub(super) async fn subscribe(team: &Team, webhook: &str) -> Result<WebhookSecret> {
    let by_mail =
        json!({ "events": ["ad.submitted"], "channel": "email", "email": "omar@cafe-alba.example" });
    team.reviewer.post("/v1/subscriptions", &by_mail).await?;
    let to_program =
        json!({ "events": ["ad.approved", "ad.rejected"], "channel": "webhook", "url": webhook });
    let made = team.admin.post("/v1/subscriptions", &to_program).await?;
    Ok(field::<String>(&made, "/secret")?.parse()?)
}

/// Waits until all ads were told of, and looks at what came.
pub(super) async fn told(neighbours: &mut Neighbours, secret: &WebhookSecret, ads: usize) -> Result<Told> {
    let mails = timeout(PATIENCE, neighbours.mails.wait_for(|mails| mails.len() >= ads)).await;
    let mails = mails.context("not all mails came in")??.clone();
    let messages = timeout(PATIENCE, neighbours.messages.wait_for(|messages| messages.len() >= ads)).await;
    let messages = messages.context("the program was not told of all")??.clone();
    let subject =
        |mail: &String| mail.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned));
    let subject = mails.iter().find_map(subject).context("the mail has no subject")?;
    let message = messages.first().context("there is no message")?;
    for message in &messages {
        ensure!(is_signed(message, secret), "a message is not signed with the secret of its subscription");
    }
    let body: Value = serde_json::from_slice(&message.body)?;
    Ok(Told {
        mails: mails.len(),
        subject,
        messages: messages.len(),
        event: field(&body, "/type")?,
        signed: true,
    })
}

/// As the receiver of a webhook verifies it.
fn is_signed(Message { headers, body }: &Message, secret: &WebhookSecret) -> bool {
    let header = |name: &str| headers.get(name)?.to_str().ok();
    let signed = || {
        let (id, sent_at) = (header("webhook-id")?, header("webhook-timestamp")?.parse().ok()?);
        let expected = secret.sign(id, Timestamp::from_second(sent_at).ok()?, body);
        Some(header("webhook-signature")?.split(' ').any(|given| given == expected))
    };
    signed().unwrap_or(false)
}
