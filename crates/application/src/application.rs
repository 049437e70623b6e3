//! All use cases together, as the composition root builds them and the API calls them.

use crate::accounts::Authenticate;
use crate::ad_groups::{CreateAdGroup, EditAdGroup, FindAdGroups};
use crate::ads::{CreateAd, EditAd, FindAds, InspectCopy, ReviewAd, StepAd};
use crate::analyses::Analyse;
use crate::assets::{
    BeginUpload, CompleteUpload, DeleteAsset, FindAssets, GrantedFiles, RenderAsset, ShareAsset, UploadAsset,
};
use crate::campaigns::{CreateCampaign, EditCampaign, FindCampaigns, StepCampaign};
use crate::events::{FindRejectedEvents, RecordEvents};
use crate::generations::{AdoptVariants, FindGenerations, GenerateCopy, ReworkCopy, TellModelSpend};
use crate::idempotency::AnswerOnce;
use crate::notifications::{ManageSubscriptions, Subscribe};
use crate::optimizations::{AnalyseAd, ApplyOptimization, FindOptimizations};
use crate::reports::{BudgetReport, FunnelReport, PerformanceReport, PredictAd, SummaryReport};

/// All use cases that somebody with a key may call.
pub struct Application {
    /// Finds out who shows a key.
    pub authenticate: Authenticate,
    /// Sees to it that a call is carried out once, however often it is sent.
    pub answer_once: AnswerOnce,
    /// Makes a campaign.
    pub create_campaign: CreateCampaign,
    /// Changes a campaign.
    pub edit_campaign: EditCampaign,
    /// Finds campaigns.
    pub find_campaigns: FindCampaigns,
    /// Activates, pauses, completes or archives a campaign.
    pub step_campaign: StepCampaign,
    /// Makes an ad group.
    pub create_ad_group: CreateAdGroup,
    /// Changes an ad group.
    pub edit_ad_group: EditAdGroup,
    /// Finds ad groups.
    pub find_ad_groups: FindAdGroups,
    /// Makes an ad.
    pub create_ad: CreateAd,
    /// Changes an ad.
    pub edit_ad: EditAd,
    /// Finds ads.
    pub find_ads: FindAds,
    /// Submits, revises, activates, pauses or archives an ad.
    pub step_ad: StepAd,
    /// Approves or rejects an ad.
    pub review_ad: ReviewAd,
    /// Has ad copy written.
    pub generate_copy: GenerateCopy,
    /// Tells how a brand speaks and whom a product is for.
    pub analyse: Analyse,
    /// Reads copy for what platforms may object to.
    pub inspect_copy: InspectCopy,
    /// Says what is to be made of copy.
    pub rework_copy: ReworkCopy,
    /// Tells what models cost today.
    pub tell_model_spend: TellModelSpend,
    /// Finds generations.
    pub find_generations: FindGenerations,
    /// Makes draft ads from variants.
    pub adopt_variants: AdoptVariants,
    /// Takes a creative file in.
    pub upload_asset: UploadAsset,
    /// Prepares an upload that goes past us.
    pub begin_upload: BeginUpload,
    /// Takes in a file that was stored past us.
    pub complete_upload: CompleteUpload,
    /// Reads and stores files for whoever holds the leave to.
    pub granted_files: GrantedFiles,
    /// Finds creative files.
    pub find_assets: FindAssets,
    /// Makes images in the sizes that platforms ask for.
    pub render_asset: RenderAsset,
    /// Gives a creative file to somebody without an account.
    pub share_asset: ShareAsset,
    /// Removes a creative file.
    pub delete_asset: DeleteAsset,
    /// Takes performance events in.
    pub record_events: RecordEvents,
    /// Finds events that were rejected.
    pub find_rejected_events: FindRejectedEvents,
    /// Tells how ads perform.
    pub performance_report: PerformanceReport,
    /// Tells how the account stands.
    pub summary_report: SummaryReport,
    /// Tells how people come from seeing ads to doing what these are for.
    pub funnel_report: FunnelReport,
    /// Tells what campaigns spent of their budgets.
    pub budget_report: BudgetReport,
    /// Says what an ad's figures advise.
    pub analyse_ad: AnalyseAd,
    /// Finds runs and what followed.
    pub find_optimizations: FindOptimizations,
    /// Does what a run recommends.
    pub apply_optimization: ApplyOptimization,
    /// Tells what the next days of an ad may bring.
    pub predict_ad: PredictAd,
    /// Notes that somebody wants to be told of something.
    pub subscribe: Subscribe,
    /// Shows, changes and ends subscriptions.
    pub manage_subscriptions: ManageSubscriptions,
}
