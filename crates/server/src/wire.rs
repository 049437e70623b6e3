//! The composition root: the one place that names both the ports and their adapters.

use std::sync::Arc;
use std::time::Duration;

use adstead_api::{ApiLimits, ApiState, Within};
use adstead_application::Application;
use adstead_application::accounts::{Authenticate, CreateAccount, CreateKey, FoundFirstAccount, ManageKeys};
use adstead_application::ad_groups::{CreateAdGroup, EditAdGroup, FindAdGroups};
use adstead_application::ads::{CreateAd, EditAd, FindAds, ReviewAd, StepAd};
use adstead_application::assets::{DeleteAsset, FindAssets, UploadAsset};
use adstead_application::campaigns::{CreateCampaign, EditCampaign, FindCampaigns, StepCampaign};
use adstead_application::events::RecordEvents;
use adstead_application::generations::{AdoptVariants, FindGenerations, GenerateCopy};
use adstead_application::idempotency::AnswerOnce;
use adstead_application::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use adstead_application::reports::{BudgetReport, FunnelReport, PerformanceReport, PredictAd, SummaryReport};
use adstead_config::{
    AiSettings, ApiSettings, ByteSize, DatabaseSettings, ProviderSettings, Settings, StorageSettings,
};
use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, Clock, CopyWriter, Entropy, FileStore, IdGenerator,
    OptimizationRepository, PerformanceRepository, SystemStatus,
};
use adstead_domain::{ContentType, SigningKey, SigningPurpose, Violation};
use adstead_infrastructure::cache::{CacheConfig, CacheManager};
use adstead_infrastructure::database::{DatabaseConfig, DatabaseManager};
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::external::ai::{AiConfig, AiProviderService, ProviderConfig};
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::repositories::cached::{
    CachedAccounts, CachedAds, CachedAnalytics, CachedOptimizations, CachedPerformance,
};
use adstead_infrastructure::resilience::Deadline;
use adstead_infrastructure::status::ManagerStatus;
use adstead_infrastructure::storage::{FileStorageManager, LocalStorageStrategy};
use adstead_infrastructure::system::{OsEntropy, SystemClock, UuidV7};
use anyhow::{Context, Result};
use axum::Router;

/// Everything that runs, built from the settings.
pub struct Wired {
    /// Answers requests.
    pub router: Router,
    /// What only the operator may do.
    pub operator: Operator,
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
    let accounts = RepositoryFactory::new(Arc::clone(database)).accounts();
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
    }
}

/// Builds everything from the settings, around a database with the schema of this build.
///
/// # Errors
/// A folder of files that cannot be written to; providers that cannot be asked as they are described; a database that
/// does not answer.
pub async fn wire(settings: &Settings, database: DatabaseManager) -> Result<Wired> {
    let Settings { api, database: _, cache, storage, ai, telemetry: _ } = settings;

    let clock = clock();
    let ids: Arc<dyn IdGenerator> = Arc::new(UuidV7);
    let database = Arc::new(database);
    let cache_config = CacheConfig { enabled: cache.enabled, max_bytes: cache.max_bytes.bytes() };
    let kept = Arc::new(CacheManager::new(&cache_config));
    let stored = Arc::new(FileStorageManager::new(Arc::new(open_folder(storage).await?)));
    let services = Arc::new(ExternalServiceManager::new());
    let writer = AiProviderService::new(&ai_config(ai), &services);
    let writer: Arc<dyn CopyWriter> = Arc::new(writer.context("the settings of [ai] cannot be used")?);
    let files: Arc<dyn FileStore> = stored.clone();

    let repositories = RepositoryFactory::new(Arc::clone(&database));
    let accounts: Arc<dyn AccountRepository> =
        Arc::new(CachedAccounts::new(repositories.accounts(), Arc::clone(&kept), cache.keys_ttl));
    let campaigns = repositories.campaigns();
    let groups = repositories.ad_groups();
    let ads: Arc<dyn AdRepository> =
        Arc::new(CachedAds::new(repositories.ads(), Arc::clone(&kept), cache.ads_ttl));
    let performance: Arc<dyn PerformanceRepository> =
        Arc::new(CachedPerformance::new(repositories.performance(), Arc::clone(&kept)));
    let analytics: Arc<dyn AnalyticsRepository> =
        Arc::new(CachedAnalytics::new(repositories.analytics(), Arc::clone(&kept), cache.reports_ttl));
    let optimizations: Arc<dyn OptimizationRepository> =
        Arc::new(CachedOptimizations::new(repositories.optimizations(), Arc::clone(&kept)));
    let generations = repositories.generations();
    let assets = repositories.assets();

    let cursor_key = SigningKey::generate(&OsEntropy);
    let cursor_key = repositories.signing_keys().agree(SigningPurpose::Cursors, cursor_key).await;
    let cursor_key = cursor_key.context("the database keeps no key to sign cursors with")?;

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
        },
        find_campaigns: FindCampaigns { campaigns: campaigns.clone() },
        step_campaign: StepCampaign {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
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
        edit_ad: EditAd { ads: ads.clone(), assets: assets.clone(), clock: clock.clone() },
        find_ads: FindAds { ads: ads.clone() },
        step_ad: StepAd {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            groups: groups.clone(),
            ads: ads.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
        review_ad: ReviewAd { accounts: accounts.clone(), ads: ads.clone(), clock: clock.clone() },
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
            allowed: allowed_types(storage).context("storage.allowed_types cannot be used")?,
            max_bytes: storage.max_file.bytes(),
        },
        find_assets: FindAssets { files: files.clone(), assets: assets.clone() },
        delete_asset: DeleteAsset { files, assets, ads: ads.clone() },
        record_events: RecordEvents { ads: ads.clone(), performance, clock: clock.clone() },
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
        },
        predict_ad: PredictAd { accounts, ads, analytics, clock },
    };

    let system: Arc<dyn SystemStatus> =
        Arc::new(ManagerStatus { database: Arc::clone(&database), cache: kept, storage: stored, services });
    let limits = limits(api, storage, ai);
    let within: Within = |time, answering| Box::pin(Deadline::after(time).scope(answering));
    let state = ApiState { application: Arc::new(application), system, ids, cursor_key, limits, within };
    Ok(Wired { router: adstead_api::router(state), operator: operator(&database), database })
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

/// The content types that the settings name.
///
/// # Errors
/// The first that Adstead does not know how to recognise.
pub fn allowed_types(settings: &StorageSettings) -> Result<Vec<ContentType>, Violation> {
    settings.allowed_types.iter().map(|name| name.parse()).collect()
}

fn ai_config(settings: &AiSettings) -> AiConfig {
    let AiSettings { order, deadline: _, providers } = settings;
    let providers = providers.iter().map(|(name, provider)| (name.clone(), provider_config(provider)));
    AiConfig { order: order.clone(), providers: providers.collect() }
}

fn provider_config(settings: &ProviderSettings) -> ProviderConfig {
    let ProviderSettings {
        base_url,
        model,
        api_key,
        timeout,
        retries,
        input_price_micros_per_million,
        output_price_micros_per_million,
        max_output_tokens,
        json_schema,
    } = settings;
    ProviderConfig {
        base_url: base_url.expose().to_owned(),
        model: model.clone(),
        api_key: api_key.clone(),
        timeout: *timeout,
        retries: *retries,
        input_price_micros_per_million: *input_price_micros_per_million,
        output_price_micros_per_million: *output_price_micros_per_million,
        max_output_tokens: *max_output_tokens,
        json_schema: *json_schema,
    }
}

fn limits(api: &ApiSettings, storage: &StorageSettings, ai: &AiSettings) -> ApiLimits {
    // An answer that is due within the deadline still has to be stored and sent.
    const STORING: Duration = Duration::from_secs(10);
    let ApiSettings {
        bind: _,
        request_timeout,
        max_body,
        max_events_body,
        max_concurrency,
        idempotency_ttl: _,
        shutdown_grace: _,
    } = api;
    ApiLimits {
        request_timeout: *request_timeout,
        generation_timeout: ai.deadline + STORING,
        max_body: in_memory(*max_body),
        max_events_body: in_memory(*max_events_body),
        max_upload: storage.max_file.bytes(),
        max_concurrency: *max_concurrency as usize,
    }
}

fn in_memory(size: ByteSize) -> usize {
    usize::try_from(size.bytes()).expect("settings allow 64 MiB at most")
}
