use adstead_application::generations;
use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// What the account spent on language models today. Money is in micros of a US dollar.
#[derive(Serialize, ToSchema)]
pub(crate) struct ModelSpend {
    /// The day, by the account's own clock.
    #[schema(format = Date)]
    day: String,
    /// When it ends, and the next one begins with nothing.
    day_ends_at: Timestamp,
    /// What was spent, and what is set aside for calls under way. What models cost whose prices nobody knows is not in it.
    spent_micros: u64,
    /// What may be spent in a day; `null` is any amount.
    #[schema(required)]
    limit_micros: Option<u64>,
}

impl From<generations::ModelSpend> for ModelSpend {
    fn from(spend: generations::ModelSpend) -> Self {
        let generations::ModelSpend { day, day_ends_at, spent_micros, limit_micros } = spend;
        Self { day: day.to_string(), day_ends_at, spent_micros, limit_micros }
    }
}
