//! Valid things for tests to start from, one call each.
//!
//! Every function answers a thing that the domain's rules accept, of its own id, younger than all that were built
//! before. A test says what matters to it by struct update: `Ad { status: AdStatus::Active, ..ad(&group, &campaign) }`.

use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::LazyLock;
use std::time::Duration;

use adstead_domain::optimization::{Action, Evidence, Rule};
use adstead_domain::platform::limits;
use adstead_domain::port::{
    CopyRequest, Entropy as _, EventBatch, FailedLine, IdGenerator as _, ModelCall, Payer, Prompt,
    RewriteRequest,
};
use adstead_domain::{
    Account, AccountId, Actor, Ad, AdChange, AdContent, AdCopy, AdGroup, AdGroupId, AdId, AdStatus, AdType,
    ApiKey, ApiKeyId, Asset, AssetId, BrandVoice, Brief, Budget, Cadence, Campaign, CampaignId,
    CampaignStatus, ContentType, Currency, Destination, Device, Dimensions, DomainEvent, DomainEventId,
    EventId, EventKind, Generation, GenerationId, Metrics, Objective, Occurrence, OptimizationRun,
    OptimizationRunId, PerformanceEvent, Platform, Provenance, QuietHours, Recommendation, Role,
    Sha256Digest, Subscription, SubscriptionId, Targeting, TimeRange, Timing, User, UserId, Variant, Version,
    Violation, Warning, Zone,
};
use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use crate::{CountingEntropy, SequentialIds, TestClock};

/// When everything here was made: a moment before [`TestClock::START`], with microseconds that must not get lost.
pub const CREATED_AT: Timestamp = Timestamp::constant(1_772_438_400, 123_456_000);

/// Ids of things that were there before the test began: those that a use case makes with [`SequentialIds`] are greater.
static IDS: LazyLock<SequentialIds> = LazyLock::new(|| SequentialIds::made_at(CREATED_AT));
static ENTROPY: LazyLock<CountingEntropy> = LazyLock::new(CountingEntropy::default);

/// A new id, greater than all that were built before.
pub fn id() -> Uuid {
    IDS.next()
}

/// What `text` spells.
///
/// # Panics
/// Where it spells nothing.
pub fn parsed<T: FromStr<Err = Violation>>(text: &str) -> T {
    text.parse()
        .unwrap_or_else(|violation| panic!("{text:?} is no {}: {violation}", std::any::type_name::<T>()))
}

/// An account in UTC, with a name of its own, where one person may do everything.
pub fn account() -> Account {
    let id = AccountId::new(id());
    Account {
        id,
        name: parsed(&format!("Account {id}")),
        time_zone: Zone::utc(),
        currency: None,
        second_reviewer: false,
        created_at: CREATED_AT,
    }
}

/// A user of the account, with an address of their own.
pub fn user(account: &Account) -> User {
    let id = UserId::new(id());
    User { id, account_id: account.id, email: parsed(&format!("{id}@example.com")), created_at: CREATED_AT }
}

/// A key of the user that was never used.
pub fn api_key(user: &User, role: Role) -> ApiKey {
    let mut digest = [0; 32];
    ENTROPY.fill(&mut digest);
    ApiKey {
        id: ApiKeyId::new(id()),
        account_id: user.account_id,
        user_id: user.id,
        role,
        digest: Sha256Digest::new(digest),
        created_at: CREATED_AT,
        last_used_at: None,
        revoked_at: None,
    }
}

/// A budget of this many US dollars, without limits.
///
/// # Panics
/// Where no budget can have that amount.
pub fn dollars(amount: i64) -> Budget {
    Budget::new(Currency::USD, amount * 1_000_000, None, None).expect("a budget within bounds")
}

/// The user's draft of a Google campaign of 1,000 dollars, for everybody, at all times.
pub fn campaign(user: &User) -> Campaign {
    Campaign {
        id: CampaignId::new(id()),
        account_id: user.account_id,
        name: parsed("Spring sale"),
        objective: Objective::Sales,
        platform: Platform::Google,
        budget: dollars(1_000),
        schedule: None,
        targeting: Targeting::default(),
        status: CampaignStatus::Draft,
        created_by: user.id,
        created_at: CREATED_AT,
        updated_at: CREATED_AT,
        version: Version::FIRST,
    }
}

/// A group of the campaign, with its audience and its budget.
pub fn ad_group(campaign: &Campaign) -> AdGroup {
    AdGroup {
        id: AdGroupId::new(id()),
        account_id: campaign.account_id,
        campaign_id: campaign.id,
        name: parsed("Returning customers"),
        targeting: None,
        budget: None,
        created_at: CREATED_AT,
        updated_at: CREATED_AT,
        version: Version::FIRST,
    }
}

/// A draft of a text ad, complete by the limits of Google, written by whoever made the campaign.
pub fn ad(group: &AdGroup, campaign: &Campaign) -> Ad {
    Ad {
        id: AdId::new(id()),
        account_id: campaign.account_id,
        campaign_id: campaign.id,
        ad_group_id: group.id,
        platform: campaign.platform,
        ad_type: AdType::Text,
        name: parsed("First try"),
        content: AdContent {
            copy: copy(),
            final_url: "https://example.com/spring".parse().expect("a plain URL"),
            assets: Vec::new(),
        },
        status: AdStatus::Draft,
        reviews: Vec::new(),
        editors: [campaign.created_by].into(),
        created_by: campaign.created_by,
        created_at: CREATED_AT,
        updated_at: CREATED_AT,
        version: Version::FIRST,
    }
}

/// The words of a responsive search ad: three headlines of at most 30, two descriptions of at most 90.
pub fn copy() -> AdCopy {
    AdCopy {
        headlines: lines(&["Shoes that last", "Free returns for 60 days", "Made in Portugal"]),
        descriptions: lines(&[
            "Hand-stitched leather shoes, made to be repaired. Order today, wear them tomorrow.",
            "Two generations of shoemakers, one promise: they fit, or we take them back.",
        ]),
        call_to_action: Some(parsed("Shop now")),
    }
}

fn lines(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

/// An impression of the ad that cost 2,000 micros, at [`TestClock::START`].
pub fn event(ad: &Ad) -> PerformanceEvent {
    PerformanceEvent {
        id: EventId::new(id()),
        kind: EventKind::Impression,
        ad_id: ad.id,
        occurred_at: TestClock::START,
        cost_micros: 2_000,
        revenue_micros: 0,
        country: Some(parsed("US")),
        device: Some(Device::Mobile),
        placement: Some(parsed("search_top")),
    }
}

/// A conversion of the ad that earned so many micros, on a telephone in the US.
pub fn conversion(ad: &Ad, revenue_micros: i64) -> PerformanceEvent {
    PerformanceEvent { kind: EventKind::Conversion, cost_micros: 0, revenue_micros, ..event(ad) }
}

/// Good events that arrived together.
pub fn batch(events: impl Into<Vec<PerformanceEvent>>) -> EventBatch {
    EventBatch {
        events: events.into(),
        rejected: Vec::new(),
        conversions: BTreeMap::new(),
        received_at: TestClock::START,
    }
}

/// An image that the user uploaded.
pub fn asset(user: &User) -> Asset {
    let id = AssetId::new(id());
    Asset {
        id,
        account_id: user.account_id,
        name: "hero.png".parse().expect("a plain file name"),
        content_type: ContentType::Png,
        size_bytes: 48_213,
        sha256: Sha256Digest::of(id.uuid().as_bytes()),
        dimensions: Some(Dimensions { width: 1200, height: 628 }),
        uploaded_by: user.id,
        created_at: CREATED_AT,
    }
}

/// A brief for two text ads on Google, in English.
pub fn brief() -> Brief {
    Brief {
        product: parsed("Hand-stitched shoes"),
        description: Some(parsed("Leather shoes, made to be repaired.")),
        audience: Some(parsed("People who walk to work")),
        benefits: vec![parsed("They last for years"), parsed("Free returns for 60 days")],
        brand_voice: BrandVoice { tone: Some(parsed("friendly")), ..BrandVoice::default() },
        keywords: vec![parsed("leather shoes")],
        call_to_action: Some(parsed("Shop now")),
        language: parsed("en"),
        platform: Platform::Google,
        ad_type: AdType::Text,
        variants: 2,
        source: None,
    }
}

/// What the user got for [`brief`]: two variants, the second with a warning.
pub fn generation(user: &User) -> Generation {
    let warning = Warning { pointer: "/headlines/0".into(), message: "headline 1 may be cut off".into() };
    Generation {
        id: GenerationId::new(id()),
        account_id: user.account_id,
        requested_by: user.id,
        brief: brief(),
        variants: vec![
            Variant { copy: copy(), warnings: Vec::new() },
            Variant { copy: AdCopy { call_to_action: None, ..copy() }, warnings: vec![warning] },
        ],
        provenance: Provenance {
            provider: "scripted".into(),
            model: "script-1".into(),
            prompt_version: "ad-copy.v1".into(),
            input_tokens: 812,
            output_tokens: 240,
            cost_micros: Some(1_350),
            latency_ms: 740,
            repaired_lines: 1,
            cached: false,
        },
        created_at: CREATED_AT,
    }
}

/// What [`brief`] asks of a copy writer, within ten seconds.
///
/// # Panics
/// Where the platform of the brief offers no ads of its type.
pub fn copy_request(brief: &Brief) -> CopyRequest {
    let limits = limits(brief.platform, brief.ad_type).expect("a type that the platform offers");
    CopyRequest {
        brief: brief.clone(),
        headlines: limits.headlines.min.max(1),
        descriptions: limits.descriptions.min.max(1),
        limits,
        call: model_call(),
    }
}

/// The wish for better lines, within ten seconds.
///
/// # Panics
/// Where the platform of the brief offers no ads of its type.
pub fn rewrite_request(brief: &Brief, lines: Vec<FailedLine>) -> RewriteRequest {
    let CopyRequest { brief, limits, call, .. } = copy_request(brief);
    RewriteRequest { brief, limits, lines, taken: Vec::new(), call }
}

/// A wish of an account of its own, on the day of [`CREATED_AT`], within ten seconds.
pub fn model_call() -> ModelCall {
    ModelCall {
        prompt: prompt(),
        provider: None,
        payer: Payer::at(&account(), CREATED_AT),
        deadline: Duration::from_secs(10),
        listener: None,
        fresh: false,
    }
}

fn prompt() -> Prompt {
    Prompt {
        system: "You write advertisements.".into(),
        user: "Write some for hand-stitched shoes.".into(),
        version: "ad-copy.v1",
    }
}

/// A look at the ad's last day, by whoever made the ad, that advises to pause it.
pub fn optimization_run(ad: &Ad) -> OptimizationRun {
    let range = TimeRange::new(TestClock::START - SignedDuration::from_hours(24), TestClock::START);
    OptimizationRun {
        id: OptimizationRunId::new(id()),
        account_id: ad.account_id,
        ad_id: ad.id,
        range: range.expect("a day is a range"),
        metrics: Metrics {
            impressions: 12_000,
            clicks: 30,
            conversions: 1,
            spend_micros: 24_000_000,
            revenue_micros: 9_000_000,
        },
        recommendations: vec![Recommendation {
            rule: Rule::LowCtr,
            action: Action::PauseAd,
            message: "of 1,000 people who see this ad 2 click it, where 9 are usual: pause it".into(),
            evidence: vec![Evidence {
                figure: "ctr".into(),
                value: 0.0025,
                benchmark: 0.009,
                benchmark_is: "median of 12 ads of the account".into(),
            }],
        }],
        applied: None,
        created_by: ad.created_by,
        created_at: CREATED_AT,
        version: Version::FIRST,
    }
}

/// The user's wish to be told of everything by mail, at once, and not at night.
pub fn subscription(user: &User) -> Subscription {
    let quiet_hours = QuietHours::new(parsed("22:00"), parsed("07:00")).expect("a night");
    Subscription {
        id: SubscriptionId::new(id()),
        account_id: user.account_id,
        user_id: user.id,
        events: vec![parsed("*")],
        destination: Destination::Email { address: user.email.clone() },
        timing: Timing {
            cadence: Cadence::AtOnce,
            quiet_hours: Some(quiet_hours),
            time_zone: parsed("Europe/Berlin"),
        },
        suspended: None,
        created_at: CREATED_AT,
        version: Version::FIRST,
    }
}

/// That this happened to an ad that nobody stored.
pub fn happened(change: AdChange) -> DomainEvent {
    let user = user(&account());
    let campaign = campaign(&user);
    let ad = ad(&ad_group(&campaign), &campaign);
    told(&user, ad.occurrence(change))
}

/// That the user did this, when everything here was made.
pub fn told(user: &User, occurrence: Occurrence) -> DomainEvent {
    let actor = Actor { account_id: user.account_id, user_id: user.id, role: Role::Editor };
    DomainEvent::new(DomainEventId::new(id()), &actor, occurrence, CREATED_AT)
}

#[cfg(test)]
mod tests {
    use adstead_domain::Retention;

    use super::*;

    #[test]
    fn what_is_built_keeps_the_rules() {
        let user = user(&account());
        let campaign = campaign(&user);
        let group = ad_group(&campaign);
        assert_eq!(group.fits(&campaign), Ok(()));
        let ad = ad(&group, &campaign);
        let AdCopy { headlines, descriptions, .. } = &ad.content.copy;
        let limits = limits(ad.platform, ad.ad_type).unwrap();
        let check = limits.check(headlines, descriptions, adstead_domain::platform::Completeness::Complete);
        assert_eq!(check.into_result(), Ok(Vec::new()));
        let window = Retention::default().window(Timestamp::UNIX_EPOCH, TestClock::START);
        assert_eq!(event(&ad).judge(&[ad.id].into(), &window, TestClock::START), Ok(()));
        assert_eq!(brief().checked(), Ok(brief()));
    }

    #[test]
    fn what_is_built_later_sorts_later() {
        let user = user(&account());
        assert!(campaign(&user).id < campaign(&user).id);
        assert!(id() < SequentialIds::default().next());
    }
}
