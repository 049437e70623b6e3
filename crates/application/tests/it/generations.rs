use std::sync::Arc;
use std::time::Duration;

use adstead_application::Error;
use adstead_application::generations::{AdoptVariants, Adoption, GenerateCopy, Wish};
use adstead_domain::port::PortErrorKind;
use adstead_domain::{AdCopy, AdStatus, Brief, Platform};
use adstead_testkit::build;
use adstead_testkit::memory::ScriptedCopyWriter;

use crate::desk::Desk;

fn generate(desk: &Desk, writer: &Arc<ScriptedCopyWriter>) -> GenerateCopy {
    GenerateCopy {
        accounts: desk.world.accounts.clone(),
        writer: writer.clone(),
        generations: desk.world.generations.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
        deadline: Duration::from_secs(60),
    }
}

fn brief() -> Brief {
    Brief { variants: 1, ..build::brief() }
}

/// A variant of a search ad whose first headline is `first`.
fn copy(first: &str) -> AdCopy {
    let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
    AdCopy {
        headlines: owned(&[first, "Free returns", "Run all winter", "Trail shoes", "Grip that holds"]),
        descriptions: owned(&["Shoes that grip.", "Order by noon.", "Try them on.", "Send them back."]),
        call_to_action: None,
    }
}

const TOO_LONG: &str = "A headline that is far longer than thirty characters";

#[tokio::test]
async fn good_copy_is_kept_with_its_provenance() {
    let desk = Desk::new().await;
    let writer = Arc::new(ScriptedCopyWriter::default().writes([copy("Made for mud")]));
    let generation = generate(&desk, &writer).execute(&desk.actor, brief(), Wish::default()).await.unwrap();
    assert_eq!(generation.variants[0].copy.headlines[0], "Made for mud");
    let provenance = &generation.provenance;
    assert_eq!(
        (provenance.provider.as_str(), provenance.repaired_lines, provenance.input_tokens),
        ("scripted", 0, 100)
    );
    assert_eq!(desk.world.generations.get(desk.account.id, generation.id).await.unwrap(), Some(generation));
}

#[tokio::test]
async fn only_the_failing_line_is_asked_for_again() {
    let desk = Desk::new().await;
    let writer = ScriptedCopyWriter::default().writes([copy(TOO_LONG)]).rewrites(["Made for mud".to_owned()]);
    let writer = Arc::new(writer);
    let generation = generate(&desk, &writer).execute(&desk.actor, brief(), Wish::default()).await.unwrap();
    assert_eq!(generation.variants[0].copy.headlines[0], "Made for mud");
    assert_eq!((generation.provenance.repaired_lines, generation.provenance.output_tokens), (1, 100));
    let asked = writer.asked_to_rewrite();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].lines.len(), 1);
    assert_eq!(asked[0].lines[0].text, TOO_LONG);
    assert!(asked[0].taken.contains(&"Free returns".to_owned()) && asked[0].taken.len() == 8);
}

#[tokio::test]
async fn a_line_that_fails_twice_again_is_left_out_where_the_ad_can_do_without() {
    let desk = Desk::new().await;
    let writer = ScriptedCopyWriter::default()
        .writes([copy(TOO_LONG)])
        .rewrites([TOO_LONG.to_owned()])
        .rewrites([TOO_LONG.to_owned()]);
    let writer = Arc::new(writer);
    let generation = generate(&desk, &writer).execute(&desk.actor, brief(), Wish::default()).await.unwrap();
    assert_eq!(generation.variants[0].copy.headlines, copy("").headlines[1..]);
    assert_eq!(writer.asked_to_rewrite().len(), 2);
}

#[tokio::test]
async fn good_variants_survive_a_writer_that_fails_to_mend_the_others() {
    let desk = Desk::new().await;
    let hopeless = AdCopy { headlines: vec![TOO_LONG.to_owned(); 5], ..copy("") };
    let writer = ScriptedCopyWriter::default()
        .writes([copy("Made for mud"), hopeless])
        .fails_to_rewrite(PortErrorKind::Timeout);
    let brief = Brief { variants: 2, ..build::brief() };
    let generation =
        generate(&desk, &Arc::new(writer)).execute(&desk.actor, brief, Wish::default()).await.unwrap();
    assert_eq!(generation.variants.len(), 1);
    assert_eq!(generation.variants[0].copy.headlines[0], "Made for mud");
}

#[tokio::test]
async fn who_wrote_the_copy_is_asked_to_mend_it() {
    let desk = Desk::new().await;
    let writer = ScriptedCopyWriter::default().writes([copy(TOO_LONG)]).rewrites(["Made for mud".to_owned()]);
    let writer = Arc::new(writer);
    generate(&desk, &writer).execute(&desk.actor, brief(), Wish::default()).await.unwrap();
    assert_eq!(writer.asked_to_rewrite()[0].call.provider.as_deref(), Some(ScriptedCopyWriter::PROVIDER));
}

#[tokio::test]
async fn copy_that_cannot_be_mended_is_refused_and_not_kept() {
    let desk = Desk::new().await;
    let hopeless = AdCopy { headlines: vec![TOO_LONG.to_owned(); 5], ..copy("") };
    let still = vec![TOO_LONG.to_owned(); 5];
    let writer = ScriptedCopyWriter::default().writes([hopeless]).rewrites(still.clone()).rewrites(still);
    let refused =
        generate(&desk, &Arc::new(writer)).execute(&desk.actor, brief(), Wish::default()).await.unwrap_err();
    let Error::UnusableCopy { provider, fault } = refused else { panic!("{refused}") };
    assert_eq!(provider, "scripted");
    assert!(fault.contains("google allows 30"), "{fault}");
}

#[tokio::test]
async fn a_writer_that_fails_is_told_apart_from_other_systems() {
    let desk = Desk::new().await;
    let writer = Arc::new(ScriptedCopyWriter::default().fails_to_write(PortErrorKind::Timeout));
    let refused = generate(&desk, &writer).execute(&desk.actor, brief(), Wish::default()).await.unwrap_err();
    assert!(matches!(&refused, Error::Writer(error) if error.kind == PortErrorKind::Timeout), "{refused}");
}

#[tokio::test]
async fn an_unknown_provider_is_answered_with_the_known_ones() {
    let desk = Desk::new().await;
    let writer = Arc::new(ScriptedCopyWriter::default());
    let wish = Wish { provider: Some("gpt".into()), ..Wish::default() };
    let refused = generate(&desk, &writer).execute(&desk.actor, brief(), wish).await.unwrap_err();
    assert_eq!(refused.to_string(), "there is no provider \"gpt\": use one of scripted");
    assert!(writer.asked_to_write().is_empty());
}

fn adopt(desk: &Desk) -> AdoptVariants {
    AdoptVariants {
        generations: desk.world.generations.clone(),
        campaigns: desk.world.campaigns.clone(),
        groups: desk.world.ad_groups.clone(),
        ads: desk.world.ads.clone(),
        clock: desk.clock(),
        ids: desk.ids(),
    }
}

#[tokio::test]
async fn chosen_variants_become_drafts() {
    let desk = Desk::new().await;
    let campaign = desk.campaign().await;
    let group = desk.ad_group(&campaign).await;
    let generation = build::generation(&desk.user);
    desk.world.generations.insert(&generation, &[]).await.unwrap();
    let adoption = Adoption {
        ad_group_id: group.id,
        variants: vec![1, 0],
        final_url: "https://example.com/spring".parse().unwrap(),
    };
    let ads = adopt(&desk).execute(&desk.actor, generation.id, adoption).await.unwrap();
    let names: Vec<_> = ads.iter().map(|ad| ad.name.as_str()).collect();
    assert_eq!(names, ["Hand-stitched shoes – variant 2", "Hand-stitched shoes – variant 1"]);
    assert!(ads.iter().all(|ad| ad.status == AdStatus::Draft && ad.campaign_id == campaign.id));
    assert_eq!(ads[0].content.copy, generation.variants[1].copy);
}

#[tokio::test]
async fn copy_is_not_adopted_on_another_platform() {
    let desk = Desk::new().await;
    let mut campaign = build::campaign(&desk.user);
    campaign.platform = Platform::X;
    desk.world.campaigns.insert(&campaign, &[]).await.unwrap();
    let group = desk.ad_group(&campaign).await;
    let generation = build::generation(&desk.user);
    desk.world.generations.insert(&generation, &[]).await.unwrap();
    let adoption = Adoption {
        ad_group_id: group.id,
        variants: vec![0],
        final_url: "https://example.com/spring".parse().unwrap(),
    };
    let refused = adopt(&desk).execute(&desk.actor, generation.id, adoption).await.unwrap_err();
    assert!(
        refused.to_string().starts_with("the copy was written for google, the ad group runs on x"),
        "{refused}"
    );
}
