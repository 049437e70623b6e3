use std::sync::Arc;

use adstead_domain::port::{
    Chain, FileKey, FileStore, FileTag, PortError, PortErrorKind, Precondition, StoredFile,
};

use super::turns::Turns;
use super::upload::Upload;
use crate::storage::carried::carried;

/// Two stores that are changed together.
pub(super) struct Sides {
    pub(super) primary: Arc<dyn FileStore>,
    pub(super) secondary: Arc<dyn FileStore>,
    pub(super) turns: Turns,
}

impl Sides {
    /// Ends both uploads of the file `key`, so that both sides have it or the put failed.
    pub(super) async fn commit(
        &self,
        key: &FileKey,
        condition: &Precondition,
        primary: Upload,
        secondary: Upload,
    ) -> Result<StoredFile, PortError> {
        let _turn = self.turns.on([key]).await;
        let had_one = match condition {
            Precondition::Absent => Ok(false),
            Precondition::Matches(_) => Ok(true),
            Precondition::None => self.primary.head(key).await.map(|head| head.is_some()),
        };
        let had_one = match had_one {
            Ok(had_one) => had_one,
            Err(error) => {
                primary.abandon().await;
                secondary.abandon().await;
                return Err(error);
            }
        };
        match primary.finish().await {
            Ok(stored) => self.kept(key, stored, secondary.finish().await.map(drop), had_one).await,
            Err(error) => {
                secondary.abandon().await;
                Err(error)
            }
        }
    }

    pub(super) async fn copy(&self, from: &FileKey, to: &FileKey) -> Result<Option<StoredFile>, PortError> {
        let _turn = self.turns.on([from, to]).await;
        let (primary, secondary) = (&*self.primary, &*self.secondary);
        let had_one = primary.head(to).await?.is_some();
        let mut copied = primary.copy(from, to).await?;
        if copied.is_none() {
            copied = carried((secondary, from), (primary, to), Precondition::None).await?;
        }
        let Some(stored) = copied else { return Ok(None) };
        let outcome = match secondary.copy(from, to).await {
            Ok(None) => carried((primary, to), (secondary, to), Precondition::None).await,
            outcome => outcome,
        };
        self.kept(to, stored, outcome.map(drop), had_one).await.map(Some)
    }

    /// What was `stored` on the primary, if the secondary has it too; otherwise it is taken back.
    async fn kept(
        &self,
        key: &FileKey,
        stored: StoredFile,
        on_secondary: Result<(), PortError>,
        had_one: bool,
    ) -> Result<StoredFile, PortError> {
        let Err(error) = on_secondary else { return Ok(stored) };
        if let Err(undo) = self.take_back(key, stored.tag, had_one).await {
            tracing::error!(
                %key, error = %Chain(&undo),
                "a file is on the first storage and not on the second, and cannot be taken back: store it again"
            );
        }
        Err(error)
    }

    /// Brings the primary, which holds the file of this `tag`, back to what the secondary holds.
    async fn take_back(&self, key: &FileKey, tag: FileTag, had_one: bool) -> Result<(), PortError> {
        let (primary, secondary) = (&*self.primary, &*self.secondary);
        if primary.head(key).await?.is_none_or(|head| head.tag != tag) {
            return Ok(());
        }
        if had_one {
            let condition = match primary.capabilities().if_match {
                true => Precondition::Matches(tag),
                false => Precondition::None,
            };
            // Rather a file too new than none.
            return match carried((secondary, key), (primary, key), condition).await? {
                Some(_) => Ok(()),
                None => Err(PortError::new(PortErrorKind::Unexpected, "files.put")
                    .with_source("the second storage holds no older version")),
            };
        }
        primary.delete(key).await?;
        // The secondary may have stored the file although it did not say so.
        secondary.delete(key).await
    }
}
