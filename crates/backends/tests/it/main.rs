//! Real servers, started and harmed.

mod faults;
mod life;
mod mail;
mod orphans;
mod redis;
mod wire;
