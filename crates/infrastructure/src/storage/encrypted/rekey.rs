use std::pin::pin;

use adstead_domain::port::{FileKey, FileStore, PortError};
use futures::{StreamExt, TryStreamExt, stream};

use super::{EncryptedStorage, Rekeyed};

/// How many files are listed at once.
const PAGE: u16 = 500;

/// How many files are rewritten at the same time.
const WRITERS: usize = 4;

impl EncryptedStorage {
    /// Brings every file under the active key, and tells `report` of each. It may be run beside whoever reads and writes, and
    /// again after it was interrupted.
    ///
    /// # Errors
    /// Those of the store; what was rewritten until then stays so.
    pub async fn rekey_all(&self, mut report: impl FnMut(&FileKey, Rekeyed)) -> Result<(), PortError> {
        let mut cursor = None::<String>;
        loop {
            let page = self.list(None, cursor.as_deref(), PAGE).await?;
            let rekeyed = stream::iter(page.files)
                .map(|file| async { self.rekey(&file.key).await.map(|rekeyed| (file.key, rekeyed)) })
                .buffer_unordered(WRITERS);
            let mut rekeyed = pin!(rekeyed);
            while let Some((key, rekeyed)) = rekeyed.try_next().await? {
                report(&key, rekeyed);
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }
}
