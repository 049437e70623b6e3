//! News to people and programs.

use adstead_domain::{Email, WebhookUrl};
use clap::{Args, Subcommand};

use super::JsonArgs;

/// What can be done with news.
#[derive(Debug, Subcommand)]
pub enum NotifyCommand {
    /// Bring a test to a mailbox, a chat or a webhook, as the settings say, and tell whether it was taken.
    ///
    /// It goes there at once, by no subscription. To test one, use `POST /v1/subscriptions/{id}/test`.
    #[command(after_help = TEST_EXAMPLES)]
    Test(NotifyTestArgs),
}

const TEST_EXAMPLES: &str = "\
Examples:
  adstead notify test --email ada@example.com
  ADSTEAD_WEBHOOK=https://hooks.slack.com/services/… adstead notify test --slack
  adstead notify test --webhook --url https://example.com/hooks/adstead --secret whsec_…";

/// Where a test is brought.
#[derive(Debug, Args)]
#[group(id = "destination", required = true, multiple = false, args = ["email", "slack", "webhook"])]
pub struct NotifyTestArgs {
    /// A mailbox.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Option<Email>,
    /// The chat at `--url`.
    #[arg(long, requires = "url")]
    pub slack: bool,
    /// The webhook at `--url`.
    #[arg(long, requires = "url")]
    pub webhook: bool,
    /// The address of the chat or the webhook. As a variable nobody sees it in the list of processes.
    #[arg(long, value_name = "URL", env = "ADSTEAD_WEBHOOK", hide_env_values = true)]
    pub url: Option<WebhookUrl>,
    /// What the message to the webhook is signed with; without it, a secret that nobody knows.
    #[arg(
        long,
        value_name = "SECRET",
        env = "ADSTEAD_WEBHOOK_SECRET",
        hide_env_values = true,
        requires = "webhook"
    )]
    pub secret: Option<String>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}
