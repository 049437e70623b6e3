use std::sync::Arc;
use std::time::Duration;

use adstead_application::ads::InspectCopy;
use adstead_domain::platform::CopyField;
use adstead_domain::policy::{PolicyHint, PolicyRule};
use adstead_domain::port::{CopyReviewer, PortError, ReviewRequest, Usage, Written};
use adstead_domain::{Ad, AdCopy};
use adstead_testkit::build::{self, parsed};
use async_trait::async_trait;

use crate::desk::Desk;

/// A model that sees one thing in the first headline.
struct Sees(PolicyRule);

#[async_trait]
impl CopyReviewer for Sees {
    async fn review(&self, request: &ReviewRequest) -> Result<Written<Vec<PolicyHint>>, PortError> {
        let user = &request.call.prompt.user;
        assert!(user.contains("<lines>\n1. The best shoes\n2. ") && user.contains("google"), "{user}");
        let hint = PolicyHint {
            rule: self.0,
            field: CopyField::Headline,
            index: 0,
            excerpt: "best shoes".to_owned(),
            explanation: "says the model".to_owned(),
            suggestion: None,
        };
        let usage = Usage {
            provider: "model".to_owned(),
            model: "m".to_owned(),
            input_tokens: 1,
            output_tokens: 1,
            cost_micros: None,
            latency_ms: 1,
            cached: false,
        };
        Ok(Written { content: vec![hint], usage })
    }
}

/// What is found in an ad whose first headline is a superlative, by whom.
async fn found(sees: PolicyRule) -> Vec<(PolicyRule, String)> {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let mut ad: Ad = build::ad(&group, &campaign);
    ad.content.copy = AdCopy { headlines: vec!["The best shoes".to_owned()], ..ad.content.copy };
    desk.world.ads.insert_all(std::slice::from_ref(&ad), &[]).await.unwrap();
    let inspect = InspectCopy {
        accounts: desk.world.accounts.clone(),
        campaigns: desk.world.campaigns.clone(),
        ads: desk.world.ads.clone(),
        reviewer: Arc::new(Sees(sees)),
        clock: desk.clock(),
        deadline: Duration::from_secs(10),
    };
    let inspection = inspect.execute(&desk.actor, ad.id, parsed("en"), None).await.unwrap();
    assert_eq!(inspection.usage.provider, "model");
    inspection.hints.into_iter().map(|hint| (hint.rule, hint.excerpt)).collect()
}

#[tokio::test]
async fn what_a_model_does_not_see_is_found_by_its_phrase() {
    assert_eq!(
        found(PolicyRule::BannedClaim).await,
        [
            (PolicyRule::BannedClaim, "best shoes".to_owned()),
            (PolicyRule::Superlative, "the best".to_owned())
        ]
    );
}

#[tokio::test]
async fn what_a_model_sees_is_not_said_twice() {
    assert_eq!(found(PolicyRule::Superlative).await, [(PolicyRule::Superlative, "best shoes".to_owned())]);
}
