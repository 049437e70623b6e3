//! What a demo brought, as `--json` prints it.

use adstead_domain::Metrics;
use serde::Serialize;

/// What a demo brought.
#[derive(Debug, Default, Serialize)]
pub struct Outcome {
    /// Whether every step succeeded and the report equals what was sent.
    pub ok: bool,
    /// The steps that were taken; after one that failed, no more are.
    pub steps: Vec<Step>,
    /// Ads that were written.
    pub ads_generated: usize,
    /// Ads that were activated.
    pub ads_active: usize,
    /// Events that were sent, each time counted.
    pub events_sent: u64,
    /// Events that the server counted.
    pub events_accepted: u64,
    /// Events that it had counted before.
    pub events_duplicate: u64,
    /// Events that it refused.
    pub events_rejected: u64,
    /// The totals of its report.
    pub report: Figures,
    /// The file that was uploaded.
    pub asset: UploadedAsset,
    /// The file that was stored past the API.
    pub asset_past: UploadedPast,
    /// The sizes in which the uploaded picture was made.
    pub renditions: Vec<String>,
    /// Recommendations for all ads.
    pub recommendations: usize,
    /// What others were told.
    pub told: Told,
    /// How often the cache had what was asked for.
    pub cache: CacheUse,
    /// What one of the ads says on another platform.
    pub rewritten: String,
    /// Hints of what platforms may object to in the ads.
    pub hints: usize,
    /// Who wrote the ads.
    pub provider: String,
}

/// One step of a demo.
#[derive(Debug, Serialize)]
pub struct Step {
    /// Its name.
    pub name: &'static str,
    /// Whether it succeeded.
    pub ok: bool,
    /// How long it took, in milliseconds.
    pub ms: u64,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The totals of a report.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// How often ads were shown.
    pub impressions: u64,
    /// How often they were clicked.
    pub clicks: u64,
    /// How often somebody bought.
    pub conversions: u64,
    /// What they cost, in micros of the account's currency.
    pub spend_micros: i64,
}

impl From<Metrics> for Figures {
    fn from(metrics: Metrics) -> Self {
        let Metrics { impressions, clicks, conversions, spend_micros, revenue_micros: _ } = metrics;
        Self { impressions, clicks, conversions, spend_micros }
    }
}

/// A file that was uploaded.
#[derive(Debug, Default, Serialize)]
pub struct UploadedAsset {
    /// The digest that the server answered.
    pub sha256: String,
    /// Whether that is the digest of what was sent, and of what was downloaded again.
    pub verified: bool,
}

/// A file that was stored where files are kept, past the API.
#[derive(Debug, Default, Serialize)]
pub struct UploadedPast {
    /// Whether the storage itself took it, as a bucket does; for a local disk the API takes it.
    pub by_the_storage: bool,
    /// Whether what a link without a key led to was what was sent.
    pub verified: bool,
}

/// What others were told.
#[derive(Debug, Default, Serialize)]
pub struct Told {
    /// Mails that came in.
    pub mails: usize,
    /// The subject of one.
    pub subject: String,
    /// Messages to the webhook.
    pub messages: usize,
    /// What one is about.
    pub event: String,
    /// Whether all are signed with the secret of their subscription.
    pub signed: bool,
}

/// How often the cache had what was asked for.
#[derive(Debug, Default, Serialize)]
pub struct CacheUse {
    /// It had.
    pub hits: u64,
    /// It had not.
    pub misses: u64,
}
