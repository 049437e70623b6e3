//! Real servers, started and harmed.

mod faults;
mod life;
mod orphans;
mod redis;
mod wire;
