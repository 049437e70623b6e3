//! Creative files.

mod delete;
mod find;
mod upload;

pub use delete::DeleteAsset;
pub use find::FindAssets;
pub use upload::{NewAsset, UploadAsset};
