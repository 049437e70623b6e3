//! Faults that must lose nothing, done for real: processes are killed and disks filled while clients send events, and services
//! fail while they are called.
//!
//! A client sends each batch until it is acknowledged. In the end the reports must hold each of its events once: none
//! of those that were acknowledged is lost, and none counts twice, though many were sent again.

mod deadlines;
mod disk;
mod figures;
mod full;
mod kills;
mod load;
mod providers;
mod sharing;

pub(crate) use disk::Disk;
