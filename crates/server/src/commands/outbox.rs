use adstead_config::Settings;
use adstead_domain::port::{MessageState, OutboxEntry, OutboxSelection};
use adstead_domain::{AccountId, DomainEventId, MessageId};
use anyhow::{Result, bail};
use jiff::Timestamp;
use serde::Serialize;

use super::{advise, is_agreed_at_terminal, operate, print, print_json, second};
use crate::cli::{JsonArgs, OutboxChoice, OutboxListArgs};

/// What is known of messages.
#[derive(Serialize)]
struct ListedMessages {
    messages: Vec<ListedMessage>,
    /// The message to go on after, where there may be more.
    next: Option<MessageId>,
}

/// What is known of a message.
#[derive(Serialize)]
struct ListedMessage {
    id: MessageId,
    state: MessageState,
    subscriber: String,
    event: String,
    event_id: DomainEventId,
    account_id: AccountId,
    occurred_at: Timestamp,
    attempts: u32,
    due_at: Option<Timestamp>,
    failure: Option<String>,
}

pub(super) async fn list(settings: &Settings, args: OutboxListArgs) -> Result<()> {
    let OutboxListArgs { subscriber, state, limit, after, output } = args;
    let selection = OutboxSelection { subscriber, state, ids: None };
    let entries =
        operate(settings, async |operator| operator.manage_outbox.list(&selection, after, limit).await)
            .await?;
    let next = entries.last().map(|entry| entry.id).filter(|_| entries.len() == limit as usize);
    let messages: Vec<_> = entries.into_iter().map(ListedMessage::from).collect();
    if let JsonArgs { json: true } = output {
        return print_json(&ListedMessages { messages, next });
    }
    if messages.is_empty() {
        advise("There are no such messages.");
        return Ok(());
    }
    print(&table(&messages))?;
    if let Some(next) = next {
        advise(&format!("There may be more: go on with --after {next}"));
    }
    Ok(())
}

pub(super) async fn retry(settings: &Settings, choice: OutboxChoice) -> Result<()> {
    // What never failed is not touched in any case.
    let selection = OutboxSelection { state: None, ..selection(choice) };
    let retried = operate(settings, async |operator| operator.manage_outbox.retry(&selection).await).await?;
    print(&format!("{retried} messages are due now\n"))?;
    tell_others(&selection, retried, "are unknown, never failed, or are being delivered");
    Ok(())
}

pub(super) async fn purge(
    settings: &Settings,
    choice: OutboxChoice,
    is_waiting_too: bool,
    is_agreed: bool,
) -> Result<()> {
    let mut selection = selection(choice);
    if is_waiting_too {
        selection.state = None;
    }
    if !is_agreed {
        advise("Nobody will ever be told of the events of these messages.");
        if !is_agreed_at_terminal()? {
            bail!("nothing was removed, as nobody agreed: answer `yes`, or give --yes");
        }
    }
    let purged = operate(settings, async |operator| operator.manage_outbox.purge(&selection).await).await?;
    print(&format!("{purged} messages were removed\n"))?;
    tell_others(&selection, purged, "are unknown, or are being delivered");
    Ok(())
}

/// Tells of messages that were named and not met.
fn tell_others(selection: &OutboxSelection, met: u64, why: &str) {
    let named = selection.ids.as_ref().map_or(0, |ids| ids.len() as u64);
    if named > met {
        advise(&format!("{} of those that you named {why}: see `adstead outbox list`", named - met));
    }
}

/// Those that are named, in whatever state; otherwise dead letters.
fn selection(choice: OutboxChoice) -> OutboxSelection {
    let OutboxChoice { ids, all, subscriber } = choice;
    OutboxSelection { subscriber, state: all.then_some(MessageState::Dead), ids: (!all).then_some(ids) }
}

fn table(messages: &[ListedMessage]) -> String {
    let row = |id: &str,
               subscriber: &str,
               event: &str,
               occurred: &str,
               attempts: &str,
               due: &str,
               failure: &str| {
        let line = format!(
            "{id:>8}  {subscriber:<12}  {event:<20}  {occurred:<20}  {attempts:>8}  {due:<20}  {failure}"
        );
        format!("{}\n", line.trim_end())
    };
    let mut text = row("ID", "SUBSCRIBER", "EVENT", "OCCURRED", "ATTEMPTS", "DUE", "LAST FAILURE");
    for message in messages {
        let due = message.due_at.map_or_else(|| "dead".to_owned(), second);
        let (id, attempts) = (message.id.to_string(), message.attempts.to_string());
        let failure = message.failure.as_deref().unwrap_or_default();
        let occurred = second(message.occurred_at);
        text += &row(&id, &message.subscriber, &message.event, &occurred, &attempts, &due, failure);
    }
    text
}

impl From<OutboxEntry> for ListedMessage {
    fn from(entry: OutboxEntry) -> Self {
        let OutboxEntry {
            id,
            subscriber,
            account_id,
            event_id,
            name,
            occurred_at,
            attempts,
            due_at,
            failure,
        } = entry;
        let state = if due_at.is_some() { MessageState::Waiting } else { MessageState::Dead };
        Self {
            id,
            state,
            subscriber,
            event: name,
            event_id,
            account_id,
            occurred_at,
            attempts,
            due_at,
            failure,
        }
    }
}
