use std::sync::Arc;

use adstead_domain::port::{AssetInventory, FileStore, FileStoreExt};
use adstead_domain::{Asset, Sha256Digest};
use futures::{StreamExt, stream};

use crate::Error;

/// Compares files with what is known of them.
pub struct VerifyFiles {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub inventory: Arc<dyn AssetInventory>,
}

/// What became of one asset's file.
#[derive(Debug)]
pub struct Verified {
    /// The asset.
    pub asset: Asset,
    /// How its file is.
    pub verdict: Verdict,
}

/// How a file is.
#[derive(Debug)]
pub enum Verdict {
    /// As it should be, to the last byte.
    Whole,
    /// There is none.
    Missing,
    /// It has another size, in bytes.
    WrongSize(u64),
    /// Its content is another.
    WrongContent(Sha256Digest),
    /// It could not be read to its end.
    Unreadable(Error),
}

/// How many assets are asked for at once.
const PAGE: u16 = 200;

/// How many files are read at the same time.
const READERS: usize = 4;

impl VerifyFiles {
    /// How many files there are, and the bytes that they hold.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn totals(&self) -> Result<(u64, u64), Error> {
        let totals = self.inventory.totals().await?;
        Ok(totals.iter().fold((0, 0), |(files, bytes), total| (files + total.files, bytes + total.bytes)))
    }

    /// Reads the file of every asset of every account, and tells `report` of each. An asset that is deleted meanwhile is told
    /// of as missing.
    ///
    /// # Errors
    /// [`Error::Port`] where the database fails.
    pub async fn execute(&self, mut report: impl FnMut(Verified)) -> Result<(), Error> {
        let mut after = None;
        loop {
            let page = self.inventory.page(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some((last.account_id, last.id));
            let judged = stream::iter(page).map(|asset| async {
                let verdict = self.judge(&asset).await.unwrap_or_else(Verdict::Unreadable);
                Verified { asset, verdict }
            });
            let mut judged = judged.buffered(READERS);
            while let Some(verified) = judged.next().await {
                report(verified);
            }
        }
    }

    async fn judge(&self, asset: &Asset) -> Result<Verdict, Error> {
        let Some((size_bytes, sha256)) = self.files.digest(&asset.key()).await? else {
            return Ok(Verdict::Missing);
        };
        if size_bytes != asset.size_bytes {
            return Ok(Verdict::WrongSize(size_bytes));
        }
        Ok(if sha256 == asset.sha256 { Verdict::Whole } else { Verdict::WrongContent(sha256) })
    }
}
