//! What can happen, by what it happens to.

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What happens to campaigns.
    CampaignChange, "a change of a campaign" {
        /// It was made.
        Created = "created",
        /// What it says, spends or addresses was changed.
        Edited = "edited",
        /// Its ads may run.
        Activated = "activated",
        /// It is held for a while.
        Paused = "paused",
        /// It is over.
        Completed = "completed",
        /// It was put away.
        Archived = "archived",
    }
}

vocabulary! {
    /// What happens to ad groups.
    AdGroupChange, "a change of an ad group" {
        /// It was made.
        Created = "created",
        /// It was changed.
        Edited = "edited",
    }
}

vocabulary! {
    /// What happens to ads.
    AdChange, "a change of an ad" {
        /// It was made.
        Created = "created",
        /// It was changed; with other content it is a draft again.
        Edited = "edited",
        /// It waits for a reviewer.
        Submitted = "submitted",
        /// After its rejection it is a draft again.
        Revised = "revised",
        /// A reviewer lets it run.
        Approved = "approved",
        /// A reviewer does not let it run.
        Rejected = "rejected",
        /// It may be shown.
        Activated = "activated",
        /// It is held for a while.
        Paused = "paused",
        /// It was put away.
        Archived = "archived",
    }
}

vocabulary! {
    /// What happens to creative files.
    AssetChange, "a change of an asset" {
        /// It was taken in.
        Uploaded = "uploaded",
        /// It was removed.
        Deleted = "deleted",
    }
}

vocabulary! {
    /// What happens to budgets.
    BudgetChange, "a change of a budget" {
        /// Four fifths of it are spent.
        NearlyReached = "nearly_reached",
        /// All of it is spent.
        Reached = "reached",
    }
}

vocabulary! {
    /// What happens to the share of clicks.
    ClickThroughChange, "a change of a CTR" {
        /// It fell to less than half of what it was.
        Collapsed = "collapsed",
    }
}

vocabulary! {
    /// What happens to external services.
    ServiceChange, "a change of a service" {
        /// It failed too often and is not called for now.
        Down = "down",
        /// It answers again.
        Up = "up",
    }
}

vocabulary! {
    /// What happens to deliveries.
    DeliveryChange, "a change of a delivery" {
        /// All attempts failed: nobody tries any more.
        DeadLettered = "dead_lettered",
    }
}

vocabulary! {
    /// What happens to subscriptions.
    SubscriptionChange, "a change of a subscription" {
        /// Somebody wanted to see whether its news arrive.
        Tested = "tested",
    }
}
