//! The contract of [`GenerationRepository`](adstead_domain::port::GenerationRepository).

use adstead_domain::port::PortErrorKind;
use adstead_domain::{
    AccountId, AdCopy, AdType, BrandVoice, Brief, Generation, GenerationId, Platform, Provenance, Variant,
    Warning,
};

use super::outbox::{assert_dropped, assert_kept};
use super::samples::{instants, texts};
use super::world::failure;
use super::{Case, Repositories};
use crate::build::{self, parsed};
use crate::cases;

/// What every `GenerationRepository` must do.
pub const CASES: &[Case<Repositories>] = cases![
    briefs_come_back_as_they_were_stored,
    variants_come_back_as_they_were_stored,
    the_provenance_comes_back_as_it_was_stored,
    times_come_back_to_the_microsecond,
    an_unknown_generation_is_absent,
    another_accounts_generation_is_absent,
    events_are_kept_with_the_write_or_not_at_all,
];

async fn store(world: &Repositories, generation: &Generation) {
    world.generations.insert(generation, &[]).await.expect("a generation can be stored");
}

async fn stored(world: &Repositories, account: AccountId, id: GenerationId) -> Option<Generation> {
    world.generations.get(account, id).await.expect("a generation can be looked up")
}

/// Stores variations of one generation and reads each of them back.
async fn assert_come_back(world: &Repositories, vary: impl Fn(Generation) -> Vec<Generation>) {
    let user = world.newcomer().await;
    for varied in vary(build::generation(&user)) {
        let generation = Generation { id: GenerationId::new(build::id()), ..varied };
        store(world, &generation).await;
        assert_eq!(stored(world, user.account_id, generation.id).await, Some(generation));
    }
}

async fn briefs_come_back_as_they_were_stored(world: &Repositories) {
    let bare = Brief {
        description: None,
        audience: None,
        benefits: Vec::new(),
        brand_voice: BrandVoice::default(),
        keywords: Vec::new(),
        call_to_action: None,
        language: parsed("zh-Hant-TW"),
        platform: Platform::Tiktok,
        ad_type: AdType::Video,
        variants: Brief::MAX_VARIANTS,
        ..build::brief()
    };
    let long = |text: &String| text.repeat(16);
    let of = |text: &String| Brief {
        product: parsed(text),
        description: Some(parsed(&long(text))),
        audience: Some(parsed(text)),
        benefits: vec![parsed("first"), parsed(text)],
        brand_voice: BrandVoice {
            tone: Some(parsed("playful 🎈")),
            style: Some(parsed(text)),
            personality: vec![parsed("warm"), parsed("O'Brien's")],
            guidelines: vec![parsed(text)],
            banned_words: vec![parsed("cheap"), parsed("\"free\"")],
        },
        ..build::brief()
    };
    let briefs: Vec<_> = texts().iter().map(of).chain([bare]).collect();
    assert_come_back(world, |generation| {
        briefs.iter().map(|brief| Generation { brief: brief.clone(), ..generation.clone() }).collect()
    })
    .await;
}

async fn variants_come_back_as_they_were_stored(world: &Repositories) {
    let warning = |text: String| Warning { pointer: "/descriptions/3".to_owned(), message: text };
    let variants = [
        vec![],
        vec![Variant { copy: AdCopy::default(), warnings: vec![] }],
        vec![
            Variant { copy: AdCopy { headlines: texts(), ..build::copy() }, warnings: vec![] },
            Variant {
                copy: AdCopy {
                    descriptions: vec!["two\nlines".into()],
                    call_to_action: None,
                    ..build::copy()
                },
                warnings: texts().into_iter().map(warning).collect(),
            },
        ],
    ];
    assert_come_back(world, |generation| {
        variants.iter().map(|some| Generation { variants: some.clone(), ..generation.clone() }).collect()
    })
    .await;
}

async fn the_provenance_comes_back_as_it_was_stored(world: &Repositories) {
    let names = [
        ("offline", Some(0)),
        ("my \"local\" server 🤖", Some(9_007_199_254_740_993)),
        ("of a price that nobody knows", None),
        ("", Some(1)),
    ];
    let provenance = |(name, cost_micros): (&str, Option<i64>)| Provenance {
        provider: name.to_owned(),
        model: format!("model/{name}:7b-instruct"),
        prompt_version: "ad-copy.v1".to_owned(),
        input_tokens: u64::from(u32::MAX) + 1,
        output_tokens: 0,
        cost_micros,
        latency_ms: 86_400_000,
        repaired_lines: u32::MAX,
        cached: cost_micros.is_none(),
    };
    assert_come_back(world, |generation| {
        names.map(|name| Generation { provenance: provenance(name), ..generation.clone() }).into()
    })
    .await;
}

async fn times_come_back_to_the_microsecond(world: &Repositories) {
    assert_come_back(world, |generation| {
        instants().into_iter().map(|created_at| Generation { created_at, ..generation.clone() }).collect()
    })
    .await;
}

async fn an_unknown_generation_is_absent(world: &Repositories) {
    let user = world.newcomer().await;
    store(world, &build::generation(&user)).await;
    assert_eq!(stored(world, user.account_id, build::generation(&user).id).await, None);
}

async fn another_accounts_generation_is_absent(world: &Repositories) {
    let (user, other) = (world.newcomer().await, world.newcomer().await);
    let generation = build::generation(&user);
    store(world, &generation).await;
    assert_eq!(stored(world, other.account_id, generation.id).await, None);
    assert_eq!(stored(world, user.account_id, generation.id).await, Some(generation));
}

async fn events_are_kept_with_the_write_or_not_at_all(world: &Repositories) {
    let user = world.newcomer().await;
    let generation = build::generation(&user);
    let generations = &world.generations;
    assert_kept(world, &user, async |events| generations.insert(&generation, events).await)
        .await
        .expect("a generation can be stored");
    let outcome =
        assert_dropped(world, &user, async |events| generations.insert(&generation, events).await).await;
    assert_eq!(failure(outcome), PortErrorKind::Conflict);
}
