//! Bringing news to people and programs: mail, chats that take webhooks as Slack does, and signed webhooks.

mod config;
mod mail;
mod service;
mod templates;
mod webhook;
mod words;

pub use config::{MailConfig, MailTls, NotificationConfig, NotificationConfigError};
pub use service::NotificationService;
