//! The names of the performance tables. Their rows are written and read in bulk, never one by one as entities, and written
//! by statements that name all columns themselves.

use sea_orm::sea_query::{self, Iden};

#[derive(Debug, Clone, Copy, Iden)]
pub(in crate::repositories) enum PerformanceEvents {
    Table,
    AccountId,
    Id,
    OccurredAt,
}

#[derive(Debug, Clone, Copy, Iden)]
pub(in crate::repositories) enum RejectedEvents {
    Table,
    AccountId,
    Digest,
    ReceivedAt,
    Reason,
    Payload,
}

#[derive(Debug, Clone, Copy, Iden)]
pub(in crate::repositories) enum PerformanceRollups {
    Table,
    AccountId,
    AdId,
    BucketStart,
    Impressions,
    Clicks,
    Conversions,
    SpendMicros,
    RevenueMicros,
}

impl PerformanceRollups {
    /// The columns that add up.
    pub(in crate::repositories) const FIGURES: [Self; 5] =
        [Self::Impressions, Self::Clicks, Self::Conversions, Self::SpendMicros, Self::RevenueMicros];
}

/// Since when events are kept: one row at most.
#[derive(Debug, Clone, Copy, Iden)]
pub(in crate::repositories) enum EventHorizon {
    Table,
    Id,
    KeptSince,
}
