//! The file storage as the settings have it, and what operators do with it.

use std::sync::Arc;

use adstead_application::files::{CollectGarbage, CopyFiles, Grace, ProbeFiles, SurveyFiles, VerifyFiles};
use adstead_config::{
    S3Settings, SecondRole, SecondStorage, StorageBackend, StorageCompression, StorageSettings,
};
use adstead_domain::GrantIssuer;
use adstead_domain::port::{Chain, FileStore};
use adstead_infrastructure::database::DatabaseManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::storage::{
    BackupStorage, CachedStorage, CloudStorageStrategy, Compressed, CompressedStorage, CompressionOptions,
    EncryptedStorage, FileCacheOptions, FileStorageManager, LocalStorageStrategy, MirrorStorage,
};
use adstead_infrastructure::system::{OsEntropy, UuidV7};
use anyhow::{Context, Result, ensure};

use super::clock;
use crate::settings;

pub use adstead_infrastructure::storage::Rekeyed;

/// The file storage, whose presigned requests `issuer` makes where it cannot.
///
/// # Errors
/// A place that cannot be used, and which setting chooses another.
pub(super) async fn open_storage(
    settings: &StorageSettings,
    issuer: GrantIssuer,
) -> Result<FileStorageManager> {
    let Stack { top, cache, fallbacks, encrypted: _ } = Stack::open(settings, Purpose::Serve).await?;
    let manager = FileStorageManager::new(top).with_issuer(issuer).with_fallbacks(fallbacks);
    if storage_places(settings).iter().any(|(backend, _)| *backend == StorageBackend::S3) {
        tokio::spawn(look_for_bucket(open_bucket(&settings.s3).await?));
    }
    Ok(match cache {
        Some(cache) => manager.with_cache(cache),
        None => manager,
    })
}

/// The place, or places, where files are kept, and all that stands over them.
struct Stack {
    top: Arc<dyn FileStore>,
    cache: Option<Arc<CachedStorage>>,
    /// How often a second place had to answer.
    fallbacks: Box<dyn Fn() -> u64 + Send + Sync>,
    encrypted: Option<Arc<EncryptedStorage>>,
}

/// What a stack is opened for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To serve: one process has the folder of the read cache.
    Serve,
    /// To look after files, beside whoever serves.
    Operate,
}

impl Stack {
    async fn open(settings: &StorageSettings, purpose: Purpose) -> Result<Self> {
        let (mut place, cache) = match (settings.backend, purpose) {
            (StorageBackend::S3, Purpose::Serve) if settings.cache.max_bytes.bytes() > 0 => {
                let cache = Arc::new(cached(settings).await?);
                (cache.clone() as Arc<dyn FileStore>, Some(cache))
            }
            (backend, _) => (open_place(settings, backend).await?, None),
        };
        let mut fallbacks: Box<dyn Fn() -> u64 + Send + Sync> = Box::new(|| 0);
        if let Some(second) = second_place(settings) {
            let second = open_place(settings, second).await?;
            match settings.second_role {
                SecondRole::Mirror => {
                    let mirror = Arc::new(MirrorStorage::new(place, second));
                    place = mirror.clone();
                    fallbacks = Box::new(move || mirror.fallbacks());
                }
                SecondRole::Backup => {
                    let backup = Arc::new(BackupStorage::new(place, second));
                    place = backup.clone();
                    fallbacks = Box::new(move || backup.fallbacks());
                }
            }
        }
        let keys = settings::encryption_keys(&settings.encryption);
        let encrypted = keys
            .context("storage.encryption cannot be used")?
            .map(|keys| Arc::new(EncryptedStorage::new(Arc::clone(&place), keys, Arc::new(OsEntropy))));
        let mut top = encrypted.clone().map_or(place, |encrypted| encrypted);
        let which = match settings.compression {
            StorageCompression::None => None,
            StorageCompression::Read => Some(Compressed::Nothing),
            StorageCompression::Zstd => Some(Compressed::KnownToShrink),
        };
        if let Some(which) = which {
            let options = CompressionOptions { which, ..CompressionOptions::default() };
            top = Arc::new(CompressedStorage::new(top, options));
        }
        Ok(Self { top, cache, fallbacks, encrypted })
    }
}

fn second_place(settings: &StorageSettings) -> Option<StorageBackend> {
    match settings.second {
        SecondStorage::None => None,
        SecondStorage::Local => Some(StorageBackend::Local),
        SecondStorage::S3 => Some(StorageBackend::S3),
    }
}

/// The places that the settings name, each with where it is.
pub fn storage_places(settings: &StorageSettings) -> Vec<(StorageBackend, String)> {
    let places = [Some(settings.backend), second_place(settings)];
    let at = |backend| match backend {
        StorageBackend::Local => format!("the folder {}", settings.local.root.display()),
        StorageBackend::S3 => format!("the bucket {}", settings.s3.bucket),
    };
    places.into_iter().flatten().map(|backend| (backend, at(backend))).collect()
}

/// What finds out whether files can be kept in one of the places.
///
/// # Errors
/// A place that cannot be used, and which setting chooses another.
pub async fn probe_files(settings: &StorageSettings, backend: StorageBackend) -> Result<ProbeFiles> {
    Ok(ProbeFiles { files: open_place(settings, backend).await?, ids: Arc::new(UuidV7) })
}

/// One of the places where files are kept.
async fn open_place(settings: &StorageSettings, backend: StorageBackend) -> Result<Arc<dyn FileStore>> {
    Ok(match backend {
        StorageBackend::Local => Arc::new(open_folder(settings).await?),
        StorageBackend::S3 => Arc::new(open_bucket(&settings.s3).await?),
    })
}

async fn open_folder(settings: &StorageSettings) -> Result<LocalStorageStrategy> {
    let root = &settings.local.root;
    LocalStorageStrategy::open(root).await.with_context(|| {
        format!(
            "the folder of files {} cannot be used: choose one that may be written to \
             by storage.local.root or ADSTEAD__STORAGE__LOCAL__ROOT",
            root.display()
        )
    })
}

async fn open_bucket(settings: &S3Settings) -> Result<CloudStorageStrategy> {
    // Settings that keep no files there need not name one.
    ensure!(
        settings.bucket != "none",
        "no bucket is named: name it by storage.s3.bucket or ADSTEAD__STORAGE__S3__BUCKET"
    );
    let config = settings::cloud_config(settings)?;
    CloudStorageStrategy::connect(config).await.with_context(|| {
        format!("the bucket `{}` of storage.s3.bucket cannot be used with [storage.s3]", settings.bucket)
    })
}

/// Asks whether the bucket can be used, and tells the log where it cannot: a server starts without it, since it may come back,
/// and much can be done meanwhile.
async fn look_for_bucket(bucket: CloudStorageStrategy) {
    if let Err(error) = bucket.check().await {
        tracing::warn!(
            error = %Chain(&error),
            "files cannot be kept in the bucket of storage.s3: `adstead storage check` tells more"
        );
    }
}

/// The bucket behind a cache on the local disk.
async fn cached(settings: &StorageSettings) -> Result<CachedStorage> {
    let bucket = open_place(settings, StorageBackend::S3).await?;
    let cache = &settings.cache;
    let options = FileCacheOptions {
        folder: cache.folder.clone(),
        max_bytes: cache.max_bytes.bytes(),
        max_file_bytes: cache.max_file.bytes(),
        trust_for: cache.trust_for,
    };
    CachedStorage::open(bucket, options, clock()).await.with_context(|| {
        format!(
            "the folder {} of storage.cache.folder or ADSTEAD__STORAGE__CACHE__FOLDER cannot be used: choose one that no \
             other process uses",
            cache.folder.display()
        )
    })
}

/// The use cases of whoever looks after the files.
pub struct StorageOperator {
    /// Counts files.
    pub survey: SurveyFiles,
    /// Removes what belongs to nothing.
    pub collect: CollectGarbage,
    /// Compares files with what is known of them.
    pub verify: VerifyFiles,
}

/// What the operator may do with the files, beside any running server.
///
/// # Errors
/// A place that cannot be used, and which setting chooses another.
pub async fn storage_operator(
    settings: &StorageSettings,
    database: &Arc<DatabaseManager>,
) -> Result<StorageOperator> {
    let files = Stack::open(settings, Purpose::Operate).await?.top;
    let inventory = RepositoryFactory::new(Arc::clone(database)).asset_inventory();
    Ok(StorageOperator {
        survey: SurveyFiles { files: files.clone(), inventory: inventory.clone() },
        collect: CollectGarbage {
            files: files.clone(),
            inventory: inventory.clone(),
            clock: clock(),
            grace: grace(settings),
        },
        verify: VerifyFiles { files, inventory },
    })
}

pub(super) fn grace(settings: &StorageSettings) -> Grace {
    Grace { orphans: settings.orphans_after, quarantine: settings.quarantine_after }
}

/// Removes every file: for who kept some for a while.
///
/// # Errors
/// A place that cannot be used, and which setting chooses another; those of the storage.
pub async fn remove_files(settings: &StorageSettings) -> Result<()> {
    const PAGE: u16 = 500;
    let files = Stack::open(settings, Purpose::Operate).await?.top;
    loop {
        let page = files.list(None, None, PAGE).await?;
        if page.files.is_empty() {
            return Ok(());
        }
        let keys: Vec<_> = page.files.into_iter().map(|file| file.key).collect();
        files.delete_many(&keys).await?;
    }
}

/// What copies the files of one place to another, as they are stored.
///
/// # Errors
/// A place that cannot be used, and which setting chooses another.
pub async fn copy_files(
    settings: &StorageSettings,
    from: StorageBackend,
    to: StorageBackend,
) -> Result<CopyFiles> {
    Ok(CopyFiles { from: open_place(settings, from).await?, to: open_place(settings, to).await? })
}

/// Brings every file under the active key, and tells `report` of each.
///
/// # Errors
/// There are no keys; a place that cannot be used; those of the storage.
pub async fn rekey_files(settings: &StorageSettings, mut report: impl FnMut(Rekeyed)) -> Result<()> {
    let encrypted = Stack::open(settings, Purpose::Operate).await?.encrypted;
    ensure!(
        encrypted.is_some(),
        "storage.encryption.keys holds no key, so there is nothing to encrypt or decrypt with: give the keys there"
    );
    if let Some(encrypted) = encrypted {
        encrypted.rekey_all(|_, rekeyed| report(rekeyed)).await?;
    }
    Ok(())
}
