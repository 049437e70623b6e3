//! Creative files.

mod admit;
mod delete;
mod direct;
mod find;
mod granted;
mod render;
mod share;
mod upload;

pub use admit::Uploaded;
pub use delete::DeleteAsset;
pub use direct::{BeginUpload, BegunUpload, CompleteUpload, PlannedAsset};
pub use find::FindAssets;
pub use granted::GrantedFiles;
pub use render::RenderAsset;
pub use share::{ShareAsset, SharedAsset};
pub use upload::{NewAsset, UploadAsset};
