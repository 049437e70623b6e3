//! Creative files: what is known of them, what they must be, and how they may be called.

mod content_type;
mod digest;
mod inspection;
mod name;
mod orientation;
mod rendition;
mod structure;
mod ticket;

use std::fmt::Display;

use jiff::Timestamp;

use crate::port::FileKey;
use crate::violation::named;
use crate::{AccountId, AdId, AssetId, UploadId, UserId, Violation};

pub use content_type::ContentType;
pub use digest::{Sha256Digest, Sha256Hasher};
pub use inspection::{Inspected, Inspection};
pub use name::AssetName;
pub use rendition::{Fit, RENDITION_SIZES, Rendition, RenditionSize};
pub use ticket::UploadTicket;

/// A creative file that ads may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: AssetId,
    /// Whose it is.
    pub account_id: AccountId,
    /// What people call it.
    pub name: AssetName,
    /// Its type, as its content shows.
    pub content_type: ContentType,
    /// Its size in bytes.
    pub size_bytes: u64,
    /// The digest of its content.
    pub sha256: Sha256Digest,
    /// Width and height, where it is an image.
    pub dimensions: Option<Dimensions>,
    /// Who uploaded it.
    pub uploaded_by: UserId,
    /// When it was uploaded.
    pub created_at: Timestamp,
}

impl Asset {
    /// Where an asset's content is stored.
    pub fn file_key(account: AccountId, asset: AssetId) -> FileKey {
        key(ASSETS, account, asset)
    }

    /// Where this asset's content is stored.
    pub fn key(&self) -> FileKey {
        Self::file_key(self.account_id, self.id)
    }

    /// Where what is made of an asset's content is stored.
    pub fn renditions_key(account: AccountId, asset: AssetId) -> FileKey {
        key(RENDITIONS, account, asset)
    }

    /// The asset to which the file under `key` belongs: its content, or what was made of that. Nothing for other files.
    pub fn of_key(key: &FileKey) -> Option<(AccountId, AssetId)> {
        let mut segments = key.as_str().split('/');
        let belongs = [ASSETS, RENDITIONS].contains(&segments.next()?);
        let (account, asset) = (segments.next()?.parse().ok()?, segments.next()?.parse().ok()?);
        belongs.then_some((account, asset))
    }

    /// Where a file waits to be looked at that was stored past us.
    pub fn quarantine_key(account: AccountId, upload: UploadId) -> FileKey {
        key(QUARANTINE, account, upload)
    }

    /// Below what files are stored that belong to assets.
    pub fn keeping_places() -> [FileKey; 2] {
        [ASSETS, RENDITIONS].map(|place| place.parse().expect("a word is a file key"))
    }

    /// Below what files wait to be looked at that were stored past us.
    pub fn quarantine() -> FileKey {
        QUARANTINE.parse().expect("a word is a file key")
    }

    /// Why an asset stays that these ads show.
    pub fn shown_by(ads: &[AdId]) -> Violation {
        Violation::state(match ads {
            [] => "an ad showed the asset a moment ago: try again".to_owned(),
            _ => format!(
                "the asset is shown by the ads {}: take it out of them or archive them first",
                named(ads.iter())
            ),
        })
    }
}

/// Below what assets' contents are stored.
const ASSETS: &str = "assets";

/// Below what is stored that was made of assets' contents.
const RENDITIONS: &str = "renditions";

/// Below what files wait to be looked at.
const QUARANTINE: &str = "quarantine";

fn key(below: &str, account: AccountId, id: impl Display) -> FileKey {
    format!("{below}/{account}/{id}").parse().expect("UUIDs are segments of a file key")
}

/// Width and height of an image in pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dimensions {
    /// Pixels from left to right.
    pub width: u32,
    /// Pixels from top to bottom.
    pub height: u32,
}
