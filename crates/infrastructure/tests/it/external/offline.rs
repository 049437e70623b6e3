use adstead_domain::platform::{Completeness, limits};
use adstead_domain::port::{CopyRequest, CopyWriter, PortErrorKind};
use adstead_domain::{
    AdCopy, AdId, AdType, BrandVoice, Brief, LineLength, Origin, Platform, Source, Task, Text,
};
use adstead_testkit::build::{self, parsed};

use super::{told, writer};

/// Three variants of a brief as a person would read them.
async fn copy(brief: Brief, headlines: usize, descriptions: usize) -> String {
    let brief = Brief { variants: 3, ..brief };
    let limits = limits(brief.platform, brief.ad_type).expect("an ad that there is");
    let request = CopyRequest { headlines, descriptions, limits, ..build::copy_request(&brief) };
    let written = writer(&[], &["offline"]).0.write(&request).await.expect("the built-in writer answers");
    assert_eq!(
        (written.usage.input_tokens, written.usage.output_tokens, written.usage.cost_micros),
        (0, 0, Some(0))
    );
    let shown = |copy: AdCopy| {
        let button = copy.call_to_action.map(|text| format!("[{text}]")).unwrap_or_default();
        [vec![copy.headlines.join(" | ")], copy.descriptions, vec![button]].concat().join("\n  ")
    };
    written.content.into_iter().map(shown).collect::<Vec<_>>().join("\n")
}

fn texts<const MAX: usize>(texts: &[&str]) -> Vec<Text<MAX>> {
    texts.iter().map(|text| parsed(text)).collect()
}

fn voice(tone: &str) -> BrandVoice {
    BrandVoice { tone: Some(parsed(tone)), ..BrandVoice::default() }
}

#[tokio::test]
async fn english_search_ads_read_well() {
    let brief = Brief {
        product: parsed("Ledgerly"),
        description: Some(parsed(
            "Ledgerly connects to your bank and sorts every expense. Invoices go out in two clicks.",
        )),
        audience: Some(parsed("Freelancers and small studios")),
        benefits: texts(&[
            "Automatic expense sorting",
            "Send invoices in two clicks",
            "No credit card needed",
        ]),
        brand_voice: voice("professional"),
        keywords: texts(&["invoicing software", "expense tracking"]),
        call_to_action: Some(parsed("Start free trial")),
        language: parsed("en"),
        platform: Platform::Google,
        ad_type: AdType::Text,
        variants: 3,
        source: None,
    };
    insta::assert_snapshot!(copy(brief, 5, 4).await, @r#"
    Automatic Expense Sorting | Ledgerly at a Glance | Explore Our Expense Tracking | Send Invoices in Two Clicks | Invoicing Software
      Designed for freelancers and small studios. See how it fits your plans.
      No credit card needed. Start free trial.
      Curious what Ledgerly can do for you? Request the details today.
      Invoices go out in two clicks. Get started today.
      [Start free trial]
    Expense Tracking by Ledgerly | No Credit Card Needed | Start Free Trial | Get Automatic Expense Sorting | Why Not Today?
      Ledgerly connects to your bank and sorts every expense. See for yourself.
      Invoicing software for freelancers and small studios. Take a closer look.
      Clear information helps you decide. Start today.
      Want to send invoices in two clicks? Find the right expense tracking for you.
      [Start free trial]
    Introducing Ledgerly | Explore Our Invoicing Software | Automatic Expense Sorting | Discover Our Expense Tracking | See for Yourself
      Meet Ledgerly, made for freelancers and small studios. Find out more.
      Invoices go out in two clicks. Get started today.
      Send invoices in two clicks. Start free trial.
      Looking for the right expense tracking? Review the details at your own pace.
      [Start free trial]
    "#);
}

#[tokio::test]
async fn spanish_feed_ads_read_well() {
    let brief = Brief {
        product: parsed("Café Nube"),
        description: Some(parsed("Tostamos cada lunes en pequeños lotes. El café llega a casa en 48 horas.")),
        audience: Some(parsed("Amantes del café en casa")),
        benefits: texts(&["Envío gratis desde 25 €", "Sin permanencia", "Ahorra tiempo cada mañana"]),
        brand_voice: voice("cercano"),
        keywords: texts(&["café de especialidad", "suscripción de café"]),
        call_to_action: Some(parsed("Pide tu primera caja")),
        language: parsed("es-MX"),
        platform: Platform::Facebook,
        ad_type: AdType::Image,
        variants: 3,
        source: None,
    };
    insta::assert_snapshot!(copy(brief, 1, 2).await, @r#"
    Envío gratis desde 25 € con Café Nube
      ¡Hola! ¿Buscas suscripción de café? Tostamos cada lunes en pequeños lotes. Nos encantará enseñártelo.
      Explora café de especialidad
      [Pide tu primera caja]
    Disfruta de envío gratis desde 25 €
      El café llega a casa en 48 horas. Ahorra tiempo cada mañana. Sin permanencia. ¡Ven a verlo!
      Conoce café de especialidad
      [Pide tu primera caja]
    Ahorra tiempo cada mañana – Café Nube
      Te presentamos Café Nube. Sin permanencia. Envío gratis desde 25 €. Pide tu primera caja.
      Descubre café de especialidad
      [Pide tu primera caja]
    "#);
}

#[tokio::test]
async fn english_posts_read_well() {
    let brief = Brief {
        product: parsed("Aurora running shoes"),
        description: Some(parsed(
            "Aurora is a light daily trainer for road and park. The sole is made from recycled foam.",
        )),
        audience: Some(parsed("Busy parents who run before work")),
        benefits: texts(&[
            "Free returns within 30 days",
            "Lightweight and waterproof",
            "Save your knees on long runs",
        ]),
        brand_voice: voice("friendly"),
        keywords: texts(&["running shoes", "daily trainers"]),
        call_to_action: None,
        language: parsed("en"),
        platform: Platform::X,
        ad_type: AdType::Text,
        variants: 3,
        source: None,
    };
    insta::assert_snapshot!(copy(brief, 1, 1).await, @r#"
    Aurora running shoes: save your knees on long runs
      Hi there! Looking for the right daily trainers? The sole is made from recycled foam. Free returns within 30 days. Lightweight and waterproof. Have a look around.
      [Learn more]
    Free returns within 30 days – Aurora running shoes
      Aurora is a light daily trainer for road and park. Made for busy parents who run before work. We'd love to show you.
      [Learn more]
    Free returns within 30 days with Aurora running shoes
      Find the right daily trainers for you. Save your knees on long runs. Lightweight and waterproof. Take a closer look.
      [Learn more]
    "#);
}

#[tokio::test]
async fn a_common_product_is_not_cut_to_its_first_word() {
    for (product, word) in [("Trail shoes", "Trail"), ("Hand-stitched shoes", "Hand-stitched")] {
        let brief = Brief { product: parsed(product), benefits: texts(&["Free returns"]), ..build::brief() };
        let brief = Brief { description: None, keywords: Vec::new(), ..brief };
        let copy = copy(brief, 5, 4).await;
        let mut ends = copy.match_indices(word).map(|(at, _)| &copy[at + word.len()..]);
        assert!(ends.all(|rest| rest.to_lowercase().starts_with(" shoes")), "{copy}");
    }
}

/// A brief for variations of the first search ad that the built-in writer writes, and that ad.
async fn rework(task: Task, length: Option<LineLength>) -> (Brief, AdCopy) {
    let (writer, _) = writer(&[], &["offline"]);
    let brief = build::brief();
    let copy =
        writer.write(&build::copy_request(&brief)).await.expect("there are words enough").content[0].clone();
    let source = Source {
        task,
        origin: Origin::Ad { id: AdId::new(build::id()) },
        copy: copy.clone(),
        platform: brief.platform,
        ad_type: brief.ad_type,
        language: None,
        length,
    };
    (Brief { source: Some(Box::new(source)), ..brief }, copy)
}

#[tokio::test]
async fn variations_are_unlike_the_copy_that_they_are_made_from() {
    let (brief, copy) = rework(Task::Vary, None).await;
    let (writer, _) = writer(&[], &["offline"]);
    let variations = writer.write(&build::copy_request(&brief)).await.unwrap().content;
    assert_eq!(variations.len(), usize::from(brief.variants));
    assert!(variations.iter().all(|variation| variation.headlines != copy.headlines), "{variations:?}");
}

#[tokio::test]
async fn of_copy_that_moves_each_line_stays_that_may_stand_in_its_new_place() {
    let (brief, copy) = rework(Task::Rewrite, None).await;
    let (writer, _) = writer(&[], &["offline"]);
    let moved = Brief { platform: Platform::Facebook, ad_type: AdType::Image, variants: 1, ..brief };
    let written = writer.write(&build::copy_request(&moved)).await.unwrap().content;
    assert_eq!(written[0].headlines[..1], copy.headlines[..1]);
    assert_eq!(written[0].descriptions[..1], copy.descriptions[..1]);
    let limits = limits(moved.platform, moved.ad_type).unwrap();
    let check = limits.check(&written[0].headlines, &written[0].descriptions, Completeness::Complete);
    check.into_result().unwrap();
}

#[tokio::test]
async fn what_needs_a_model_is_said_plainly() {
    for (task, length, what) in [
        (Task::Translate, None, "cannot translate, that needs a language model"),
        (Task::Vary, Some(LineLength::Shorter), "cannot write shorter lines, that needs a language model"),
    ] {
        let (brief, _) = rework(task, length).await;
        let error = writer(&[], &["offline"]).0.write(&build::copy_request(&brief)).await.unwrap_err();
        assert_eq!(error.kind, PortErrorKind::Rejected);
        assert!(told(&error).contains(what), "{}", told(&error));
    }
}
