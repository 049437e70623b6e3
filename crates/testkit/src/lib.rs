//! In-memory adapters, the contract suites of every port, builders, and a clock that a test moves.

pub mod bench;
pub mod build;
mod clock;
pub mod contract;
mod entropy;
mod ids;
pub mod memory;
pub mod openai;
mod traffic;

pub use clock::TestClock;
pub use entropy::CountingEntropy;
pub use ids::SequentialIds;
pub use traffic::Traffic;
