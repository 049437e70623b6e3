use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use adstead_domain::Asset;
use adstead_domain::port::{AssetInventory, Clock, FileKey, FileStore, ListedFile};
use jiff::Timestamp;

use crate::Error;

/// Removes files that belong to nothing: of assets that are gone or never came to be, of uploads that were never completed.
pub struct CollectGarbage {
    /// Where the files are.
    pub files: Arc<dyn FileStore>,
    /// What is known of them.
    pub inventory: Arc<dyn AssetInventory>,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// How old what is removed must be.
    pub grace: Grace,
}

/// How old something must be, at least, to be taken for garbage: what is younger may be under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grace {
    /// A file without its asset, which comes to be a moment after it; and a file of which only parts were stored.
    pub orphans: Duration,
    /// A file that waits to be looked at.
    pub quarantine: Duration,
}

/// What was found, and unless it ran dry is gone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collected {
    /// Files whose asset does not exist.
    pub orphans: Collection,
    /// Files that were stored past us, and whose upload was never completed.
    pub quarantine: Collection,
    /// Files of which only parts were stored.
    pub unfinished: Collection,
}

/// Files of one kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Collection {
    /// How many.
    pub files: u64,
    /// What they take, in bytes.
    pub bytes: u64,
}

impl Collection {
    fn add(&mut self, file: &ListedFile) {
        self.files += 1;
        self.bytes += file.stored_bytes;
    }
}

/// What counts as garbage in a place, once it is old.
#[derive(Clone, Copy)]
enum Garbage {
    /// What belongs to no asset.
    Orphans,
    /// Everything.
    All,
}

/// How many files are looked at at once.
const PAGE: u16 = 500;

impl CollectGarbage {
    /// Looks for garbage, and removes it unless `dry_run`. It may be run beside servers, and on many nodes at once.
    ///
    /// # Errors
    /// [`Error::Port`] where the storage or the database fails; what was removed until then is gone.
    pub async fn execute(&self, dry_run: bool) -> Result<Collected, Error> {
        let now = self.clock.now();
        let before = |grace| now.saturating_sub(grace).unwrap_or(Timestamp::MIN);
        let Grace { orphans, quarantine } = self.grace;
        let mut collected = Collected::default();
        for place in Asset::keeping_places() {
            self.sweep(&place, Garbage::Orphans, before(orphans), dry_run, &mut collected.orphans).await?;
        }
        let (place, before_all) = (Asset::quarantine(), before(quarantine));
        self.sweep(&place, Garbage::All, before_all, dry_run, &mut collected.quarantine).await?;
        let unfinished = self.files.unfinished(before(orphans), !dry_run).await?;
        collected.unfinished = Collection { files: unfinished.files, bytes: unfinished.bytes };
        Ok(collected)
    }

    /// Removes what is garbage of the files below `place` that were stored before `before`.
    async fn sweep(
        &self,
        place: &FileKey,
        garbage: Garbage,
        before: Timestamp,
        dry_run: bool,
        collection: &mut Collection,
    ) -> Result<(), Error> {
        let mut cursor = None::<String>;
        loop {
            let page = self.files.list(Some(place), cursor.as_deref(), PAGE).await?;
            let old = page.files.into_iter().filter(|file| file.modified_at < before).collect();
            let found = match garbage {
                Garbage::Orphans => self.orphans(old).await?,
                Garbage::All => old,
            };
            found.iter().for_each(|file| collection.add(file));
            if !dry_run && !found.is_empty() {
                let keys = found.into_iter().map(|file| file.key).collect::<Vec<_>>();
                self.files.delete_many(&keys).await?;
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(());
            }
        }
    }

    /// Those of the files whose asset does not exist. What nobody could have stored for an asset stays: it is not ours.
    async fn orphans(&self, files: Vec<ListedFile>) -> Result<Vec<ListedFile>, Error> {
        let asked = files.iter().filter_map(|file| Asset::of_key(&file.key)).collect::<Vec<_>>();
        let exist = self.inventory.which_exist(&asked).await?.into_iter().collect::<HashSet<_>>();
        let is_orphan =
            |file: &ListedFile| Asset::of_key(&file.key).is_some_and(|asset| !exist.contains(&asset));
        Ok(files.into_iter().filter(is_orphan).collect())
    }
}
