//! An API that a test can talk to without a word of HTTP.

use std::sync::Arc;
use std::time::Duration;

use adstead_api::{ApiLimits, ApiState, router};
use adstead_application::Application;
use adstead_application::accounts::{Authenticate, CreateKey, NewKey};
use adstead_application::ad_groups::{CreateAdGroup, EditAdGroup, FindAdGroups};
use adstead_application::ads::{CreateAd, EditAd, FindAds, InspectCopy, ReviewAd, StepAd};
use adstead_application::analyses::Analyse;
use adstead_application::assets::{
    BeginUpload, CompleteUpload, DeleteAsset, FindAssets, GrantedFiles, RenderAsset, ShareAsset, UploadAsset,
};
use adstead_application::campaigns::{CreateCampaign, EditCampaign, FindCampaigns, StepCampaign};
use adstead_application::events::{FindRejectedEvents, RecordEvents};
use adstead_application::generations::{
    AdoptVariants, FindGenerations, GenerateCopy, ReworkCopy, TellModelSpend,
};
use adstead_application::idempotency::AnswerOnce;
use adstead_application::notifications::{ManageSubscriptions, Subscribe};
use adstead_application::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use adstead_application::reports::{BudgetReport, FunnelReport, PerformanceReport, PredictAd, SummaryReport};
use adstead_domain::port::{Clock, CopyWriter, Entropy, FileStore, IdGenerator, IdempotencyRepository};
use adstead_domain::{Account, ContentType, GrantIssuer, Retention, Role, SigningKey};
use adstead_testkit::contract::Repositories;
use adstead_testkit::memory::{
    MemoryFileStore, MemoryNotifier, MemoryRateLimiter, MemorySystem, PhraseReviewer, PlainAnalyst,
    PlainRenderer, ScriptedCopyWriter, repositories,
};
use adstead_testkit::{CountingEntropy, SequentialIds, TestClock, build};
use axum::Router;

use crate::age::KeptReports;
use crate::client::Client;

/// The API and what stands behind it.
pub(crate) struct TestApp {
    pub(crate) repositories: Repositories,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) system: Arc<MemorySystem>,
    /// The account that [`TestApp::admin`] acts for.
    pub(crate) account: Account,
    pub(crate) router: Router,
    keys: CreateKey,
}

/// What a test may want otherwise.
pub(crate) struct Setup {
    pub(crate) limits: ApiLimits,
    pub(crate) writer: Arc<dyn CopyWriter>,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) files: Arc<dyn FileStore>,
    pub(crate) account: Account,
    pub(crate) keys: Option<Arc<dyn IdempotencyRepository>>,
    pub(crate) keeps_reports: bool,
}

/// What leaves for single files are sealed with.
const FILES_KEY: SigningKey = SigningKey::new([3; 32]);

impl Default for Setup {
    fn default() -> Self {
        let clock = Arc::new(TestClock::default());
        let issuer = GrantIssuer { address: "/v1/files/".into(), key: FILES_KEY, clock: clock.clone() };
        Self {
            limits: ApiLimits { max_upload: 100_000, ..ApiLimits::default() },
            writer: Arc::new(ScriptedCopyWriter::default()),
            clock,
            files: Arc::new(MemoryFileStore::signing(issuer)),
            account: build::account(),
            keys: None,
            keeps_reports: false,
        }
    }
}

impl TestApp {
    pub(crate) async fn new() -> Self {
        Self::with(Setup::default()).await
    }

    pub(crate) async fn with(setup: Setup) -> Self {
        let Setup { limits, writer, clock, files, account, keys, keeps_reports } = setup;
        let mut repositories = repositories();
        repositories.idempotency_keys = keys.unwrap_or(repositories.idempotency_keys);
        if keeps_reports {
            repositories.analytics = KeptReports::over(repositories.analytics);
        }
        repositories.accounts.insert(&account).await.unwrap();
        let ids: Arc<dyn IdGenerator> = Arc::new(SequentialIds::default());
        let keys = CreateKey {
            accounts: repositories.accounts.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            entropy: Arc::new(CountingEntropy::default()),
        };
        let system = Arc::new(MemorySystem::default());
        let application =
            Arc::new(application(&repositories, &(clock.clone() as Arc<dyn Clock>), &ids, writer, &files));
        let cursor_key = SigningKey::new([7; 32]);
        let router = router(ApiState {
            application,
            system: system.clone(),
            clock: clock.clone(),
            ids,
            cursor_key,
            limits,
            rates: Arc::new(MemoryRateLimiter::new(clock.clone())),
            within: |_, answering| answering,
        });
        Self { repositories, clock, system, account, router, keys }
    }

    /// Somebody of the app's account who may do everything.
    pub(crate) async fn admin(&self) -> Client {
        self.somebody(&self.account, "ada@example.com", Role::Admin).await
    }

    /// Somebody else of the app's account.
    pub(crate) async fn colleague(&self, role: Role) -> Client {
        self.somebody(&self.account, &format!("{role}@example.com"), role).await
    }

    /// An admin of another account.
    pub(crate) async fn stranger(&self) -> Client {
        let account = build::account();
        self.repositories.accounts.insert(&account).await.unwrap();
        self.somebody(&account, "eve@example.com", Role::Admin).await
    }

    /// Somebody without a key.
    pub(crate) fn nobody(&self) -> Client {
        Client::new(self.router.clone(), None)
    }

    async fn somebody(&self, account: &Account, email: &str, role: Role) -> Client {
        let new = NewKey { account: account.id.to_string(), email: email.parse().unwrap(), role };
        let issued = self.keys.execute(new).await.unwrap();
        Client::new(self.router.clone(), Some(issued.secret.reveal().to_owned()))
    }
}

fn application(
    repositories: &Repositories,
    clock: &Arc<dyn Clock>,
    ids: &Arc<dyn IdGenerator>,
    writer: Arc<dyn CopyWriter>,
    files: &Arc<dyn FileStore>,
) -> Application {
    let Repositories {
        accounts,
        campaigns,
        ad_groups: groups,
        ads,
        performance,
        archive,
        analytics,
        generations,
        assets,
        asset_inventory: _,
        optimizations,
        idempotency_keys,
        service_switches: _,
        signing_keys: _,
        subscriptions,
        spend_ledger: ledger,
        alerts: _,
        outbox,
    } = repositories;
    let entropy: Arc<dyn Entropy> = Arc::new(CountingEntropy::default());
    macro_rules! wired {
        ($use_case:ident { $($port:ident),* }) => {
            $use_case { $($port: $port.clone()),* }
        };
    }
    Application {
        authenticate: wired!(Authenticate { accounts, clock }),
        answer_once: AnswerOnce {
            keys: idempotency_keys.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            kept_for: Duration::from_secs(24 * 3_600),
        },
        create_campaign: wired!(CreateCampaign { accounts, campaigns, clock, ids }),
        edit_campaign: wired!(EditCampaign { accounts, campaigns, groups, clock, ids }),
        find_campaigns: wired!(FindCampaigns { campaigns }),
        step_campaign: wired!(StepCampaign { accounts, campaigns, analytics, clock, ids }),
        create_ad_group: wired!(CreateAdGroup { campaigns, groups, clock, ids }),
        edit_ad_group: wired!(EditAdGroup { campaigns, groups, clock, ids }),
        find_ad_groups: wired!(FindAdGroups { campaigns, groups }),
        create_ad: wired!(CreateAd { campaigns, groups, ads, assets, clock, ids }),
        edit_ad: wired!(EditAd { ads, assets, clock, ids }),
        find_ads: wired!(FindAds { ads }),
        step_ad: wired!(StepAd { accounts, campaigns, groups, ads, analytics, clock, ids }),
        review_ad: wired!(ReviewAd { accounts, ads, clock, ids }),
        generate_copy: GenerateCopy {
            accounts: accounts.clone(),
            writer,
            generations: generations.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            deadline: Duration::from_secs(60),
        },
        analyse: Analyse {
            accounts: accounts.clone(),
            analyst: Arc::new(PlainAnalyst),
            clock: clock.clone(),
            deadline: Duration::from_secs(60),
        },
        inspect_copy: InspectCopy {
            accounts: accounts.clone(),
            campaigns: campaigns.clone(),
            ads: ads.clone(),
            reviewer: Arc::new(PhraseReviewer),
            clock: clock.clone(),
            deadline: Duration::from_secs(60),
        },
        rework_copy: wired!(ReworkCopy { ads, campaigns, generations }),
        tell_model_spend: TellModelSpend {
            accounts: accounts.clone(),
            ledger: ledger.clone(),
            clock: clock.clone(),
            limit_micros: Some(5_000_000),
        },
        find_generations: wired!(FindGenerations { generations }),
        adopt_variants: wired!(AdoptVariants { generations, campaigns, groups, ads, clock, ids }),
        upload_asset: UploadAsset {
            files: files.clone(),
            assets: assets.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            allowed: vec![ContentType::Png, ContentType::Mp4],
            max_bytes: 50_000,
        },
        begin_upload: BeginUpload {
            files: files.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            key: SigningKey::new([2; 32]),
            allowed: vec![ContentType::Png, ContentType::Mp4],
            max_bytes: 50_000,
            expires_in: Duration::from_secs(600),
        },
        complete_upload: CompleteUpload {
            files: files.clone(),
            assets: assets.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            key: SigningKey::new([2; 32]),
        },
        granted_files: GrantedFiles { files: files.clone(), clock: clock.clone(), key: FILES_KEY },
        render_asset: RenderAsset {
            files: files.clone(),
            assets: assets.clone(),
            renderer: Arc::new(PlainRenderer),
        },
        share_asset: wired!(ShareAsset { files, assets, clock }),
        find_assets: wired!(FindAssets { files, assets }),
        delete_asset: wired!(DeleteAsset { files, assets, ads, clock, ids }),
        record_events: RecordEvents {
            accounts: accounts.clone(),
            ads: ads.clone(),
            performance: performance.clone(),
            archive: archive.clone(),
            clock: clock.clone(),
            ids: ids.clone(),
            retention: Retention::default(),
        },
        find_rejected_events: wired!(FindRejectedEvents { archive }),
        performance_report: wired!(PerformanceReport { accounts, analytics, clock }),
        summary_report: wired!(SummaryReport { accounts, analytics, clock }),
        funnel_report: wired!(FunnelReport { accounts, analytics, clock }),
        budget_report: wired!(BudgetReport { accounts, campaigns, analytics, clock }),
        analyse_ad: wired!(AnalyseAd { accounts, campaigns, ads, analytics, optimizations, clock, ids }),
        find_optimizations: wired!(FindOptimizations { accounts, ads, analytics, optimizations, clock }),
        apply_optimization: wired!(ApplyOptimization { campaigns, ads, optimizations, clock, ids }),
        subscribe: Subscribe {
            accounts: accounts.clone(),
            subscriptions: subscriptions.clone(),
            notifier: Arc::new(MemoryNotifier::default()),
            clock: clock.clone(),
            ids: ids.clone(),
            entropy: entropy.clone(),
        },
        manage_subscriptions: wired!(ManageSubscriptions { subscriptions, outbox, clock, ids, entropy }),
        predict_ad: wired!(PredictAd { accounts, ads, analytics, clock }),
    }
}
