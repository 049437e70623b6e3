use std::sync::Arc;
use std::time::Duration;

use adstead_application::Error;
use adstead_application::generations::{GenerateCopy, ReworkCopy, Wish};
use adstead_domain::{
    Ad, AdId, AdType, Brief, GenerationId, LineLength, Origin, Platform, Rework, Task, Violations,
};
use adstead_testkit::build::{self, parsed};
use adstead_testkit::memory::ScriptedCopyWriter;

use crate::desk::Desk;

fn use_case(desk: &Desk) -> ReworkCopy {
    ReworkCopy {
        ads: desk.world.ads.clone(),
        campaigns: desk.world.campaigns.clone(),
        generations: desk.world.generations.clone(),
    }
}

fn only(task: Task) -> Rework {
    Rework {
        task,
        product: None,
        audience: None,
        tone: None,
        style: None,
        length: None,
        language: None,
        platform: None,
        ad_type: None,
        variants: None,
    }
}

async fn an_ad(desk: &Desk) -> Ad {
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    desk.active_ad(&campaign, &group).await
}

async fn a_variant(desk: &Desk) -> Origin {
    let generation = build::generation(&desk.user);
    desk.world.generations.insert(&generation, &[]).await.unwrap();
    Origin::Variant { generation_id: generation.id, index: 1 }
}

fn faults(error: Error) -> Vec<String> {
    let Error::Rules(violations) = error else { panic!("no rule is broken: {error}") };
    let told = |violations: Violations| {
        let told = violations.iter().map(|it| format!("{} {}", it.pointer(), it.message()));
        told.collect::<Vec<_>>()
    };
    told(violations)
}

#[tokio::test]
async fn variations_of_an_ad_are_written_and_kept_with_what_they_were_made_from() {
    let desk = Desk::new().await;
    let ad = an_ad(&desk).await;
    let wanted = Rework {
        tone: Some(parsed("playful")),
        length: Some(LineLength::Shorter),
        language: Some(parsed("en")),
        ..only(Task::Vary)
    };
    let brief = use_case(&desk).brief(&desk.actor, Origin::Ad { id: ad.id }, wanted).await.unwrap();
    assert_eq!(brief.product.as_str(), ad.name.as_str());
    assert_eq!((brief.platform, brief.ad_type, brief.variants), (Platform::Google, ad.ad_type, 3));

    let writer = Arc::new(ScriptedCopyWriter::default());
    let generate = GenerateCopy {
        accounts: desk.world.accounts.clone(),
        writer: writer.clone(),
        generations: desk.world.generations.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
        deadline: Duration::from_secs(60),
    };
    let generation = generate.execute(&desk.actor, brief, Wish::default()).await.unwrap();
    assert_eq!(generation.provenance.prompt_version, "rework.v1");
    let asked = &writer.asked_to_write()[0].call.prompt.user;
    assert!(asked.starts_with("Vary the ad copy below") && asked.contains("Tone: playful"), "{asked}");
    assert!(asked.contains(&format!("- headline 1: {}", ad.content.copy.headlines[0])), "{asked}");
    let kept = desk.world.generations.get(desk.account.id, generation.id).await.unwrap().unwrap();
    let source = kept.brief.source.unwrap();
    assert_eq!((source.origin, source.copy), (Origin::Ad { id: ad.id }, ad.content.copy));
}

#[tokio::test]
async fn what_is_made_of_a_variant_follows_its_brief_but_for_what_is_to_be_otherwise() {
    let desk = Desk::new().await;
    let origin = a_variant(&desk).await;
    let wanted = Rework { language: Some(parsed("es")), ..only(Task::Translate) };
    let brief = use_case(&desk).brief(&desk.actor, origin, wanted).await.unwrap();
    let Brief { language, source, variants, .. } = &brief;
    assert_eq!((language.to_string().as_str(), *variants), ("es", 1));
    assert_eq!(source.as_ref().unwrap().language, Some(parsed("en")));
    assert_eq!(Brief { language: parsed("en"), variants: 2, source: None, ..brief }, build::brief());

    let wanted =
        Rework { platform: Some(Platform::Facebook), ad_type: Some(AdType::Image), ..only(Task::Rewrite) };
    let brief = use_case(&desk).brief(&desk.actor, origin, wanted).await.unwrap();
    assert_eq!((brief.platform, brief.ad_type), (Platform::Facebook, AdType::Image));
    assert_eq!(brief.source.unwrap().platform, Platform::Google);
}

#[tokio::test]
async fn what_a_task_does_not_change_is_refused() {
    let desk = Desk::new().await;
    let origin = a_variant(&desk).await;
    let refused = async |wanted: Rework| {
        let error = use_case(&desk).brief(&desk.actor, origin, wanted).await.unwrap_err();
        faults(error).join("; ")
    };
    let en = || Some(parsed("en"));
    let x = Some(Platform::X);
    insta::assert_snapshot!(refused(Rework { platform: x, ..only(Task::Vary) }).await, @r#"/rework/platform to vary copy leaves it on google as text: for another place use the task "rewrite""#);
    insta::assert_snapshot!(refused(only(Task::Rewrite)).await, @"/rework/platform it is written for google text already: name another platform or ad type");
    insta::assert_snapshot!(refused(Rework { language: en(), ..only(Task::Translate) }).await, @"/rework/language name another language to translate it into");
    insta::assert_snapshot!(refused(Rework { language: Some(parsed("es")), ..only(Task::Vary) }).await, @r#"/rework/language to vary copy leaves its language: for another one use the task "translate""#);
    let shorter = Some(LineLength::Shorter);
    insta::assert_snapshot!(refused(Rework { platform: x, length: shorter, ..only(Task::Rewrite) }).await, @"/rework/length only variations are shorter or longer: leave it out");
    insta::assert_snapshot!(refused(Rework { variants: Some(21), ..only(Task::Vary) }).await, @"/rework/variants 21 variants are out of bounds: ask for 1 to 20");
}

#[tokio::test]
async fn copy_that_is_not_there_and_a_language_that_nobody_knows_are_told() {
    let desk = Desk::new().await;
    let brief = async |origin, wanted| use_case(&desk).brief(&desk.actor, origin, wanted).await.unwrap_err();
    let ad = an_ad(&desk).await;
    let nobody_knows = brief(Origin::Ad { id: ad.id }, only(Task::Vary)).await;
    insta::assert_snapshot!(faults(nobody_knows).join("; "), @r#"/rework/language nobody says which language it is to be in: give `language`, as a tag such as "en""#);
    let gone = Origin::Ad { id: AdId::new(build::id()) };
    assert!(matches!(brief(gone, only(Task::Vary)).await, Error::NotFound { what: "ad", .. }));
    let gone = Origin::Variant { generation_id: GenerationId::new(build::id()), index: 0 };
    assert!(matches!(brief(gone, only(Task::Vary)).await, Error::NotFound { what: "generation", .. }));
    let Origin::Variant { generation_id, .. } = a_variant(&desk).await else { unreachable!() };
    let past = brief(Origin::Variant { generation_id, index: 7 }, only(Task::Vary)).await;
    insta::assert_snapshot!(faults(past).join("; "), @"/rework/variant there is no variant 7: this generation has 2, counted from 0");
}
