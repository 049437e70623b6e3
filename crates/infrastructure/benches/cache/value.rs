//! What is kept: an ad of about 256 bytes, with two tags.

use std::sync::Arc;
use std::time::Duration;

use adstead_infrastructure::cache::EntryOptions;
use serde::{Deserialize, Serialize};

/// The tags of each ad.
pub(crate) const TAGS: [&str; 2] = ["account:7", "campaign:42"];

/// The bytes of its texts and number.
pub(crate) const VALUE_BYTES: u32 = 256;

/// An ad as a repository would load it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ad {
    id: String,
    account: String,
    campaign: String,
    headline: String,
    text: String,
    url: String,
    bid_micros: u64,
}

impl Ad {
    pub(crate) fn new() -> Self {
        let ad = Self {
            id: "0199f2c4-d1e7-7000-8000-000000000007".to_owned(),
            account: "0199f2c4-d1e7-7000-8000-000000000008".to_owned(),
            campaign: "0199f2c4-d1e7-7000-8000-000000000009".to_owned(),
            headline: "Walk on: shoes for every weather".to_owned(),
            text: "Waterproof, light, and repaired for free. Sent back at our cost within 30 days."
                .to_owned(),
            url: "https://shop.example/".to_owned(),
            bid_micros: 1_250_000,
        };
        let texts = [&ad.id, &ad.account, &ad.campaign, &ad.headline, &ad.text, &ad.url];
        let bytes = texts.iter().map(|text| text.len()).sum::<usize>() + size_of::<u64>();
        assert!(bytes.abs_diff(VALUE_BYTES as usize) <= 8, "an ad of {bytes} bytes");
        ad
    }

    pub(crate) fn shared() -> Arc<Self> {
        Arc::new(Self::new())
    }
}

/// Keys as repositories make them.
pub(crate) fn keys(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("0199-7f2c-4d1e:{n:08}")).collect()
}

/// For an hour, with the tags.
pub(crate) fn options<V>() -> EntryOptions<V> {
    let options = EntryOptions::new(Duration::from_secs(3600)).weighing(|_| VALUE_BYTES);
    TAGS.into_iter().fold(options, EntryOptions::tag)
}
