//! The use cases, over in-memory adapters that keep the ports' contracts.

mod accounts;
mod assets;
mod desk;
mod events;
mod generations;
mod optimizations;
mod reports;
