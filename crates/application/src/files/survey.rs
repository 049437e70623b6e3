use std::collections::BTreeMap;
use std::sync::Arc;

use adstead_domain::port::{AssetInventory, AssetTotal, FileStore};

use crate::Error;

/// Counts files: those that are known, and those that are stored.
pub struct SurveyFiles {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub inventory: Arc<dyn AssetInventory>,
}

/// What is stored below one place.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlaceTotal {
    /// How many files.
    pub files: u64,
    /// What they take, in bytes.
    pub bytes: u64,
}

/// How many files are listed at once.
const PAGE: u16 = 1_000;

impl SurveyFiles {
    /// The assets of all accounts, by their types.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn assets(&self) -> Result<Vec<AssetTotal>, Error> {
        Ok(self.inventory.totals().await?)
    }

    /// What is stored, by the first segment of its key. Every file is listed.
    ///
    /// # Errors
    /// [`Error::Port`] where the storage fails.
    pub async fn places(&self) -> Result<BTreeMap<String, PlaceTotal>, Error> {
        let mut places = BTreeMap::<String, PlaceTotal>::new();
        let mut cursor = None::<String>;
        loop {
            let page = self.files.list(None, cursor.as_deref(), PAGE).await?;
            for file in page.files {
                let place = file.key.as_str().split('/').next().unwrap_or_default();
                let total = places.entry(place.to_owned()).or_default();
                total.files += 1;
                total.bytes += file.stored_bytes;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(places);
            }
        }
    }
}
