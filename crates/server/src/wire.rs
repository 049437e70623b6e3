//! The composition root: the one place that names both the ports and their adapters.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use adstead_api::{ApiState, Within};
use adstead_application::accounts::{Authenticate, CreateAccount, CreateKey, FoundFirstAccount, ManageKeys};
use adstead_application::ad_groups::{CreateAdGroup, EditAdGroup, FindAdGroups};
use adstead_application::ads::{CreateAd, EditAd, FindAds, ReviewAd, StepAd};
use adstead_application::assets::{DeleteAsset, FindAssets, UploadAsset};
use adstead_application::campaigns::{CreateCampaign, EditCampaign, FindCampaigns, StepCampaign};
use adstead_application::events::{ExpireEvents, FindRejectedEvents, RebuildFigures, RecordEvents};
use adstead_application::generations::{AdoptVariants, FindGenerations, GenerateCopy};
use adstead_application::idempotency::{AnswerOnce, PurgeIdempotencyKeys};
use adstead_application::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use adstead_application::outbox::{DeliverEvents, ManageOutbox};
use adstead_application::reports::{BudgetReport, FunnelReport, PerformanceReport, PredictAd, SummaryReport};
use adstead_application::{Application, Error};
use adstead_config::{ByteSize, CacheSettings, DatabaseSettings, OutboxSettings, Settings, StorageSettings};
use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, CampaignRepository, Clock, CopyWriter, Entropy,
    EventSubscriber, FileStore, IdGenerator, OptimizationRepository, PerformanceRepository, SystemStatus,
};
use adstead_domain::{SigningKey, SigningPurpose};
use adstead_infrastructure::cache::CacheManager;
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::event_log::EventLog;
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::external::ai::AiProviderService;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::repositories::cached::{
    CachedAccounts, CachedAds, CachedAnalytics, CachedCampaigns, CachedOptimizations, CachedPerformance,
    RepositoryCaches,
};
use adstead_infrastructure::resilience::Deadline;
use adstead_infrastructure::status::ManagerStatus;
use adstead_infrastructure::storage::{FileStorageManager, LocalStorageStrategy};
use adstead_infrastructure::system::{OsEntropy, SystemClock, UuidV7};
use anyhow::{Context, Result};
use axum::Router;

use crate::background::Job;
use crate::{jobs, settings};

/// Everything that runs, built from the settings.
pub struct Wired {
    /// Answers requests.
    pub router: Router,
    /// What this node does besides.
    pub jobs: Vec<Job>,
    /// Set once it is time to stop, so that a job of many steps begins no further one.
    pub is_stopping: Arc<AtomicBool>,
    /// What only the operator may do.
    pub operator: Operator,
    /// Writes behind its answers: once there are no more of them, it is waited for.
    pub accounts: Arc<CachedAccounts>,
    /// Tells other nodes of changes; closed once there are no more of these.
    pub cache: Arc<CacheManager>,
    /// Holds the data; closed last.
    pub database: Arc<DatabaseManager>,
}

/// The use cases of whoever runs Adstead; nobody has to be logged in for them.
pub struct Operator {
    /// Opens an account.
    pub create_account: CreateAccount,
    /// Issues a key.
    pub create_key: CreateKey,
    /// Lists and revokes keys.
    pub manage_keys: ManageKeys,
    /// Opens the account of a first start.
    pub found_first_account: FoundFirstAccount,
    /// Compares figures with their events, and mends them.
    pub rebuild_figures: RebuildFigures,
    /// Looks at events that were not delivered, and decides on them.
    pub manage_outbox: ManageOutbox,
}

/// Opens the database; its schema is left as it is.
///
/// # Errors
/// Why it cannot be opened, and which setting chooses another.
pub async fn open_database(settings: &DatabaseSettings) -> Result<DatabaseManager> {
    let DatabaseSettings {
        url,
        min_connections,
        max_connections,
        acquire_timeout,
        idle_timeout,
        max_lifetime,
        lock_timeout,
        slow_query,
        long_hold,
        migrate_on_start: _,
    } = settings;
    let config = DatabaseConfig {
        url: url.expose().to_owned(),
        min_connections: *min_connections,
        max_connections: *max_connections,
        acquire_timeout: *acquire_timeout,
        idle_timeout: *idle_timeout,
        max_lifetime: *max_lifetime,
        lock_timeout: *lock_timeout,
        slow_query: *slow_query,
        long_hold: *long_hold,
    };
    let opened = DatabaseManager::connect(&config).await;
    opened.map_err(|error| of_database(error, settings))
}

/// An error of the database, with the setting that chooses another.
pub fn of_database(
    error: impl std::error::Error + Send + Sync + 'static,
    settings: &DatabaseSettings,
) -> anyhow::Error {
    let url = &settings.url;
    anyhow::Error::new(error)
        .context(format!("the database {url} of database.url or ADSTEAD__DATABASE__URL cannot be used"))
}

/// An error of a use case; one of the database comes with the setting that chooses another.
pub fn of_use_case(error: Error, settings: &DatabaseSettings) -> anyhow::Error {
    match error {
        Error::Port(error) => of_database(error, settings),
        error => error.into(),
    }
}

/// Opens the cache. Where Redis is out of reach it works without it.
///
/// # Errors
/// Settings that cannot be used.
pub async fn open_cache(settings: &CacheSettings) -> Result<Arc<CacheManager>> {
    let manager = CacheManager::connect(&settings::cache_config(settings)).await;
    let manager = manager.with_context(|| match &settings.redis.url {
        Some(url) => format!(
            "the Redis {url} of cache.redis.url or ADSTEAD__CACHE__REDIS__URL cannot be used with [cache.redis]"
        ),
        None => "the settings of [cache] cannot be used".to_owned(),
    })?;
    Ok(Arc::new(manager))
}

/// What servers that share a Redis share; operators reach it from any process.
pub use adstead_infrastructure::cache::CacheManager as SharedCache;

/// The cache that servers share, without a level of our own.
///
/// # Errors
/// As [`open_cache`].
pub async fn shared_cache(settings: &CacheSettings) -> Result<Arc<SharedCache>> {
    open_cache(&CacheSettings { max_bytes: ByteSize::new(0), ..settings.clone() }).await
}

/// The schema of the database as SQL for people to read.
///
/// # Errors
/// A migration that cannot be written down.
pub async fn schema_sql() -> Result<String> {
    Ok(adstead_infrastructure::database::schema_sql().await?)
}

/// Tells the time.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// What the operator may do with a database, beside any running server and past its caches.
pub fn operator(database: &Arc<DatabaseManager>) -> Operator {
    let repositories = RepositoryFactory::new(Arc::clone(database));
    let accounts = repositories.accounts();
    let clock = clock();
    let ids: Arc<dyn IdGenerator> = Arc::new(UuidV7);
    let entropy: Arc<dyn Entropy> = Arc::new(OsEntropy);
    let create_key = || CreateKey {
        accounts: accounts.clone(),
        clock: clock.clone(),
        ids: ids.clone(),
        entropy: entropy.clone(),
    };
    Operator {
        create_account: CreateAccount { accounts: accounts.clone(), clock: clock.clone(), ids: ids.clone() },
        create_key: create_key(),
        manage_keys: ManageKeys { accounts: accounts.clone(), clock: clock.clone() },
        found_first_account: FoundFirstAccount { keys: create_key() },
        rebuild_figures: RebuildFigures { accounts, archive: repositories.event_archive() },
        manage_outbox: ManageOutbox { outbox: repositories.outbox(), clock },
    }
}

/// Builds everything from the settings, around a database with the schema of this build.
///
/// # Errors
/// A folder of files that cannot be written to; providers that cannot be asked as they are described; a database that
/// does not answer.
pub async fn wire(settings: &Settings, database: DatabaseManager) -> Result<Wired> {
    let Settings { api, database: database_settings, cache, events, outbox, storage, ai, telemetry: _ } =
        settings;

    let clock = clock();
    let ids: Arc<dyn IdGenerator> = Arc::new(UuidV7);
    let database = Arc::new(database);
    let kept = open_cache(cache).await?;
    let caches = RepositoryCaches::new(Arc::clone(&kept), settings::cache_times(cache));
    let caches = caches.context("the times of [cache] cannot be used")?;
    let stored = Arc::new(FileStorageManager::new(Arc::new(open_folder(storage).await?)));
    let services = Arc::new(ExternalServiceManager::new());
    let writer = AiProviderService::new(&settings::ai_config(ai), &services);
    let writer: Arc<dyn CopyWriter> = Arc::new(writer.context("the settings of [ai] cannot be used")?);
    let files: Arc<dyn FileStore> = stored.clone();

    let subscribers = subscribers(outbox);
    let names = subscribers.iter().map(|subscriber| subscriber.name().to_owned());
    let repositories = RepositoryFactory::publishing(Arc::clone(&database), names);
    let redelivery = settings::redelivery(outbox).context("the settings of [outbox] cannot be used")?;
    let cached_accounts = Arc::new(CachedAccounts::new(repositories.accounts(), caches.clone()));
    let accounts: Arc<dyn AccountRepository> = cached_accounts.clone();
    let campaigns: Arc<dyn CampaignRepository> =
        Arc::new(CachedCampaigns::new(repositories.campaigns(), caches.campaigns.clone()));
    let groups = repositories.ad_groups();
    let ads: Arc<dyn AdRepository> = Arc::new(CachedAds::new(repositories.ads(), caches.ads.clone()));
    let performance: Arc<dyn PerformanceRepository> =
        Arc::new(CachedPerformance::new(repositories.performance(), Arc::clone(&kept)));
    let archive = repositories.event_archive();
    let retention = settings::retention(events).context("events.retention cannot be used")?;
    let analytics: Arc<dyn AnalyticsRepository> =
        Arc::new(CachedAnalytics::new(repositories.analytics(), caches.reports.clone()));
    let optimizations: Arc<dyn OptimizationRepository> = Arc::new(CachedOptimizations::new(
        repositories.optimizations(),
        caches.ads.clone(),
        caches.campaigns.clone(),
    ));
    let generations = repositories.generations();
    let assets = repositories.assets();

    let cursor_key = SigningKey::generate(&OsEntropy);
    let cursor_key = repositories.signing_keys().agree(SigningPurpose::Cursors, cursor_key).await;
    let cursor_key = cursor_key.map_err(|error| of_database(error, database_settings))?;

    let application = Application {
        answer_once: AnswerOnce {
            keys: repositories.idempotency_keys(),
            clock: clock.clone(),
            ids: ids.clone(),
            kept_for: api.idempotency_ttl,
        },
        authenticate: Authenticate { accounts: accounts.clone(), clock: clock.clone() },
        create_campaign: CreateCampaign {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        edit_campaign: EditCampaign {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        find_campaigns: FindCampaigns { campaigns: campaigns.clone() },
        step_campaign: StepCampaign {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        create_ad_group: CreateAdGroup {
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        edit_ad_group: EditAdGroup {
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        find_ad_groups: FindAdGroups { campaigns: campaigns.clone(), groups: groups.clone() },
        create_ad: CreateAd {
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            ads: ads.clone(),
            assets: assets.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        edit_ad: EditAd { ads: ads.clone(), assets: assets.clone(), clock: clock.clone(), ids: ids.clone() },
        find_ads: FindAds { ads: ads.clone() },
        step_ad: StepAd {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            ads: ads.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        review_ad: ReviewAd {
            accounts: accounts.clone(),
            ads: ads.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        generate_copy: GenerateCopy {
            writer,
            generations: generations.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            deadline: ai.deadline,
        },
        find_generations: FindGenerations { generations: generations.clone() },
        adopt_variants: AdoptVariants {
            generations,
            campaigns: campaigns.clone(),
            groups,
            ads: ads.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        upload_asset: UploadAsset {
            files: files.clone(),
            assets: assets.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            allowed: settings::allowed_types(storage).context("storage.allowed_types cannot be used")?,
            max_bytes: storage.max_file.bytes(),
        },
        find_assets: FindAssets { files: files.clone(), assets: assets.clone() },
        delete_asset: DeleteAsset { files, assets, ads: ads.clone(), clock: clock.clone(), ids: ids.clone() },
        record_events: RecordEvents {
            ads: ads.clone(),
            performance,
            archive: archive.clone(),
            clock: clock.clone(),
            retention,
        },
        find_rejected_events: FindRejectedEvents { archive: archive.clone() },
        performance_report: PerformanceReport {
            accounts: accounts.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
        summary_report: SummaryReport {
            accounts: accounts.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
        funnel_report: FunnelReport {
            accounts: accounts.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
        budget_report: BudgetReport {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
        analyse_ad: AnalyseAd {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            ads: ads.clone(),
            analytics: analytics.clone(),
            optimizations: optimizations.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        find_optimizations: FindOptimizations {
            accounts: accounts.clone(),
            ads: ads.clone(),
            analytics: analytics.clone(),
            optimizations: optimizations.clone(),
            clock: clock.clone(),
        },
        apply_optimization: ApplyOptimization {
            campaigns,
            ads: ads.clone(),
            optimizations,
            clock: clock.clone(),
            ids: ids.clone(),
        },
        predict_ad: PredictAd { accounts, ads, analytics, clock: clock.clone() },
    };
    let mut jobs = vec![
        jobs::expire_events(ExpireEvents { archive, clock: clock.clone(), retention }),
        jobs::purge_idempotency_keys(PurgeIdempotencyKeys {
            keys: repositories.idempotency_keys(),
            clock: clock.clone(),
        }),
    ];
    let is_stopping = Arc::new(AtomicBool::new(false));
    for subscriber in subscribers {
        let deliver = DeliverEvents {
            outbox: repositories.outbox(),
            subscriber,
            clock: clock.clone(),
            ids: ids.clone(),
            redelivery,
            is_stopping: Arc::clone(&is_stopping),
            was_out_of_reach: AtomicBool::new(false),
        };
        let job = jobs::deliver_events(deliver, outbox.poll_interval);
        jobs.push(job.woken_by(repositories.events_committed()));
    }

    let system: Arc<dyn SystemStatus> = Arc::new(ManagerStatus {
        database: Arc::clone(&database),
        cache: Arc::clone(&kept),
        storage: stored,
        services,
        repositories,
    });
    let limits = settings::limits(api, storage, ai, cache);
    let within: Within = |time, answering| Box::pin(Deadline::after(time).scope(answering));
    let application = Arc::new(application);
    let state = ApiState { application, system, clock, ids, cursor_key, limits, within };
    let router = adstead_api::router(state);
    Ok(Wired {
        router,
        jobs,
        is_stopping,
        operator: operator(&database),
        accounts: cached_accounts,
        cache: kept,
        database,
    })
}

/// Who is told of what happens.
fn subscribers(settings: &OutboxSettings) -> Vec<Arc<dyn EventSubscriber>> {
    let mut subscribers: Vec<Arc<dyn EventSubscriber>> = Vec::new();
    if settings.log_events {
        subscribers.push(Arc::new(EventLog));
    }
    subscribers
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
