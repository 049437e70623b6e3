//! The composition root: the one place that names both the ports and their adapters.

mod cache;
mod database;
mod operator;
mod services;
mod storage;
mod telling;

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use adstead_api::{ApiState, Within};
use adstead_application::Application;
use adstead_application::accounts::Authenticate;
use adstead_application::ad_groups::{CreateAdGroup, EditAdGroup, FindAdGroups};
use adstead_application::ads::{CreateAd, EditAd, FindAds, InspectCopy, ReviewAd, StepAd};
use adstead_application::analyses::Analyse;
use adstead_application::assets::{
    BeginUpload, CompleteUpload, DeleteAsset, FindAssets, GrantedFiles, RenderAsset, ShareAsset, UploadAsset,
};
use adstead_application::campaigns::{CreateCampaign, EditCampaign, FindCampaigns, StepCampaign};
use adstead_application::events::{ExpireEvents, FindRejectedEvents, RecordEvents};
use adstead_application::files::{CollectGarbage, SurveyFiles};
use adstead_application::generations::{
    AdoptVariants, FindGenerations, GenerateCopy, ReworkCopy, TellModelSpend,
};
use adstead_application::idempotency::{AnswerOnce, PurgeIdempotencyKeys};
use adstead_application::notifications::FanOut;
use adstead_application::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use adstead_application::reports::{BudgetReport, FunnelReport, PerformanceReport, PredictAd, SummaryReport};
use adstead_application::services::SwitchServices;
use adstead_config::Settings;
use adstead_domain::port::{
    AccountRepository, AdRepository, AnalyticsRepository, CampaignRepository, Clock, EventSubscriber,
    FileStore, IdGenerator, Interest, Notifier, OptimizationRepository, PerformanceRepository, RateLimiter,
    SystemStatus,
};
use adstead_domain::{GrantIssuer, SigningKey, SigningPurpose, WebhookSecret};
use adstead_infrastructure::cache::CacheManager;
use adstead_infrastructure::database::DatabaseManager;
use adstead_infrastructure::event_log::EventLog;
use adstead_infrastructure::external::ExternalServiceManager;
use adstead_infrastructure::repositories::RepositoryFactory;
use adstead_infrastructure::repositories::cached::{
    CachedAccounts, CachedAds, CachedAnalytics, CachedCampaigns, CachedOptimizations, CachedPerformance,
    RepositoryCaches,
};
use adstead_infrastructure::resilience::Deadline;
use adstead_infrastructure::status::ManagerStatus;
use adstead_infrastructure::storage::ImageStudio;
use adstead_infrastructure::system::{OsEntropy, SystemClock, UuidV7};
use anyhow::{Context, Result};
use axum::Router;

use crate::background::Job;
use crate::{jobs, settings};

pub use cache::{SharedCache, open_cache, shared_cache};
pub use database::{of_database, of_use_case, open_database, schema_sql};
pub use operator::{Operator, operator};
pub use services::{external_services, notifier};
pub use storage::{
    Rekeyed, StorageOperator, copy_files, probe_files, rekey_files, remove_files, storage_operator,
    storage_places,
};

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

/// Tells the time.
pub fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

/// Makes ids.
pub fn ids() -> Arc<dyn IdGenerator> {
    Arc::new(UuidV7)
}

/// A secret that nobody knows.
pub fn new_secret() -> WebhookSecret {
    WebhookSecret::generate(&OsEntropy)
}

/// Builds everything from the settings, around a database with the schema of this build.
///
/// # Errors
/// A folder of files that cannot be written to; providers that cannot be asked as they are described; a database that
/// does not answer.
pub async fn wire(settings: &Settings, database: DatabaseManager) -> Result<Wired> {
    let Settings {
        api,
        database: database_settings,
        cache,
        events,
        outbox,
        storage,
        external: _,
        ai,
        analytics: _,
        notifications: _,
        telemetry: _,
    } = settings;

    let clock = clock();
    let ids = ids();
    let database = Arc::new(database);
    let kept = open_cache(cache).await?;
    let caches = RepositoryCaches::new(Arc::clone(&kept), settings::cache_times(cache));
    let caches = caches.context("the times of [cache] cannot be used")?;
    let rates: Arc<dyn RateLimiter> = Arc::new(kept.rate_limiter());
    let services = Arc::new(ExternalServiceManager::with_limiter(rates.clone()));

    let mut subscribers = services::open_analytics(settings, &services, &clock)?.subscribers();
    subscribers.extend(outbox.log_events.then(|| Arc::new(EventLog) as Arc<dyn EventSubscriber>));
    let notifier: Arc<dyn Notifier> = Arc::new(services::open_notifier(settings, &services, &clock)?);
    let told = subscribers.iter().map(|subscriber| Interest::of(subscriber.as_ref()));
    let interests = told.chain([FanOut::interest()]).collect();
    let repositories = RepositoryFactory::publishing(Arc::clone(&database), interests);
    let (writer, providers) = services::open_writer(settings, &services, repositories.spend_ledger(), &kept)?;
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

    let signing_keys = repositories.signing_keys();
    let agreed = async |purpose| {
        let agreed = signing_keys.agree(purpose, SigningKey::generate(&OsEntropy)).await;
        agreed.map_err(|error| of_database(error, database_settings))
    };
    let cursor_key = agreed(SigningPurpose::Cursors).await?;
    let files_key = agreed(SigningPurpose::Files).await?;
    let uploads_key = agreed(SigningPurpose::Uploads).await?;

    let issuer = GrantIssuer {
        address: adstead_api::GRANTED_FILES.to_owned(),
        key: files_key.clone(),
        clock: clock.clone(),
    };
    let stored = Arc::new(storage::open_storage(storage, issuer).await?);
    let files: Arc<dyn FileStore> = stored.clone();
    let allowed_types = settings::allowed_types(storage).context("storage.allowed_types cannot be used")?;

    let is_stopping = Arc::new(AtomicBool::new(false));
    let told = telling::Told {
        settings,
        repositories: &repositories,
        accounts: &accounts,
        campaigns: &campaigns,
        ads: &ads,
        analytics: &analytics,
        notifier: &notifier,
        services: &services,
        clock: &clock,
        ids: &ids,
        redelivery,
        is_stopping: &is_stopping,
    };
    let application = Application {
        subscribe: told.subscribe(),
        manage_subscriptions: told.manage_subscriptions(),
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
            accounts: accounts.clone(),
            writer,
            generations: generations.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            deadline: ai.deadline,
        },
        analyse: Analyse {
            accounts: accounts.clone(),
            analyst: providers.clone(),
            clock: clock.clone(),
            deadline: ai.deadline,
        },
        inspect_copy: InspectCopy {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            ads: ads.clone(),
            reviewer: providers,
            clock: clock.clone(),
            deadline: ai.deadline,
        },
        rework_copy: ReworkCopy {
            ads: ads.clone(),
            campaigns: campaigns.clone(),
            generations: generations.clone(),
        },
        tell_model_spend: TellModelSpend {
            accounts: accounts.clone(),
            ledger: repositories.spend_ledger(),
            clock: clock.clone(),
            limit_micros: ai.spending_limit(),
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
            allowed: allowed_types.clone(),
            max_bytes: storage.max_file.bytes(),
        },
        begin_upload: BeginUpload {
            files: files.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            key: uploads_key.clone(),
            allowed: allowed_types,
            max_bytes: storage.max_file.bytes(),
            expires_in: storage.upload_time,
        },
        complete_upload: CompleteUpload {
            files: files.clone(),
            assets: assets.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            key: uploads_key,
        },
        granted_files: GrantedFiles { files: files.clone(), clock: clock.clone(), key: files_key },
        render_asset: RenderAsset {
            files: files.clone(),
            assets: assets.clone(),
            renderer: Arc::new(ImageStudio::new(storage.image_workers as usize)),
        },
        share_asset: ShareAsset { files: files.clone(), assets: assets.clone(), clock: clock.clone() },
        find_assets: FindAssets { files: files.clone(), assets: assets.clone() },
        delete_asset: DeleteAsset {
            files: files.clone(),
            assets,
            ads: ads.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
        },
        record_events: RecordEvents {
            accounts: accounts.clone(),
            ads: ads.clone(),
            performance,
            archive: archive.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
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
            campaigns: campaigns.clone(),
            ads: ads.clone(),
            optimizations,
            clock: clock.clone(),
            ids: ids.clone(),
        },
        predict_ad: PredictAd {
            accounts: accounts.clone(),
            ads: ads.clone(),
            analytics: analytics.clone(),
            clock: clock.clone(),
        },
    };
    let mut jobs = vec![
        jobs::expire_events(ExpireEvents { archive, clock: clock.clone(), retention }),
        jobs::collect_garbage(CollectGarbage {
            files: files.clone(),
            inventory: repositories.asset_inventory(),
            clock: clock.clone(),
            grace: storage::grace(storage),
        }),
        jobs::purge_idempotency_keys(PurgeIdempotencyKeys {
            keys: repositories.idempotency_keys(),
            clock: clock.clone(),
        }),
    ];
    let (counted, survey) = (
        Arc::clone(&stored),
        SurveyFiles { files: files.clone(), inventory: repositories.asset_inventory() },
    );
    jobs.push(jobs::count_assets(survey, move |totals| counted.note_assets(totals)));
    let switches = SwitchServices { switches: repositories.service_switches(), clock: clock.clone() };
    jobs.push(services::follow_switches(switches, &services, settings).await?);
    jobs.extend(told.jobs(subscribers));

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
    let state = ApiState { application, system, clock, ids, cursor_key, limits, rates, within };
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
