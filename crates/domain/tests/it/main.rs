//! The rules of advertising, as somebody meets them who works with campaigns and ads.

mod accounts;
mod ads;
mod campaigns;
mod events;
mod generations;
mod reports;
