//! Keeps files.
//!
//! [`FileStorageManager`] is the door: it counts what passes, and has presigned requests made where its strategy cannot. Behind
//! it stands a strategy that knows where files live, [`LocalStorageStrategy`] for a folder of this machine or [`CloudStorageStrategy`] for a bucket of S3, and
//! between them whatever stack of decorators is wanted: [`EncryptedStorage`], [`CompressedStorage`], [`MirrorStorage`],
//! [`BackupStorage`], [`CachedStorage`]. All of them keep the contract of the domain's
//! [`FileStore`](adstead_domain::port::FileStore), so that each can stand over each.
//!
//! ```
//! use std::sync::Arc;
//!
//! use adstead_domain::ContentType;
//! use adstead_domain::port::{FileKey, FileRules, FileStore, FileStoreExt};
//! use adstead_infrastructure::storage::{FileStorageManager, LocalStorageStrategy};
//! use futures::{StreamExt, TryStreamExt, stream};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let root = folder.path();
//! let files: Arc<dyn FileStore> =
//!     Arc::new(FileStorageManager::new(Arc::new(LocalStorageStrategy::open(root).await?)));
//!
//! // A picture arrives in pieces. It is judged on its way, and stored whole or not at all.
//! let key: FileKey = "pictures/1".parse()?;
//! let rules = FileRules { declared: None, allowed: vec![ContentType::Gif], max_bytes: 1 << 20 };
//! let pieces = [&b"GIF89a\x01\0\x01\0\0\0\0"[..], b",\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;"].map(|piece| Ok(piece.into()));
//! let kept = files.put_inspected(&key, stream::iter(pieces).boxed(), &rules).await?;
//! assert_eq!(kept.inspected.content_type, ContentType::Gif);
//!
//! let part = files.get(&key, Some(0..6)).await?.expect("it was stored");
//! assert_eq!(part.bytes.try_collect::<Vec<_>>().await?.concat(), b"GIF89a");
//!
//! let page = stream::iter([Ok(b"<script>".as_slice().into())]).boxed();
//! assert!(files.put_inspected(&key, page, &rules).await.is_err());
//! # Ok(())
//! # }
//! ```

mod announced;
mod backup;
mod cached;
mod carried;
mod cloud;
mod compressed;
mod cursor;
mod encrypted;
mod fallback;
mod framed;
mod images;
mod local;
mod manager;
mod mirror;

pub use backup::BackupStorage;
pub use cached::{CachedStorage, FileCacheOptions};
pub use cloud::{CloudCredentials, CloudEncryption, CloudStorageConfig, CloudStorageStrategy};
pub use compressed::{Compressed, CompressedStorage, CompressionOptions};
pub use encrypted::{EncryptedStorage, EncryptionKey, EncryptionKeyId, EncryptionKeys, Rekeyed};
pub use images::ImageStudio;
pub use local::LocalStorageStrategy;
pub use manager::FileStorageManager;
pub use mirror::MirrorStorage;
