//! The operator's word on external services.

mod switch;

pub use switch::SwitchServices;
