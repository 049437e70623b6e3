//! The in-memory adapters against the contracts of their ports.

mod copy_analyst;
mod copy_reviewer;
mod copy_writer;
mod files;
mod images;
mod nondeterminism;
mod notifier;
mod rate_limiter;
mod repositories;
mod subscriber;
mod system;
