//! Reports and forecasts.

mod budgets;
mod funnel;
mod performance;
mod predict;
mod summary;

pub use budgets::{BudgetReport, BudgetUse};
pub use funnel::FunnelReport;
pub use performance::{PerformanceReport, ReportDays, ReportRequest};
pub use predict::{AdPrediction, PredictAd};
pub use summary::{RankedAd, Summary, SummaryReport};
