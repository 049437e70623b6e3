//! In-memory adapters, the contract suites of every port, builders, and a clock that a test moves.

pub mod bench;
pub mod build;
mod clock;
pub mod contract;
pub mod corpus;
mod entropy;
pub mod http;
mod ids;
pub mod memory;
pub mod openai;
pub mod pictures;
pub mod proxy;
pub mod receiver;
pub mod s3;
mod traffic;

pub use clock::TestClock;
pub use entropy::CountingEntropy;
pub use ids::SequentialIds;
pub use traffic::Traffic;
