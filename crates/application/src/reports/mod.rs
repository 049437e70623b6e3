//! Reports and forecasts.

mod performance;
mod predict;
mod summary;

pub use performance::{PerformanceReport, ReportDays, ReportRequest};
pub use predict::PredictAd;
pub use summary::{RankedAd, Summary, SummaryReport};
