//! The cache over servers that are killed, paused, slow, full, or not what they seem: no error reaches a caller, and nothing
//! outdated is served once all is well again.

mod connecting;
mod foreign;
mod gone;
mod hanging;
mod line;
mod load;
mod messages;
mod nodes;
mod refusing;
mod several;
