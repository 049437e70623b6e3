//! What a reviewer should look at.

use adstead_domain::AdCopy;
use adstead_domain::policy::{hints, knows};
use adstead_testkit::build::parsed;

fn found(language: &str, headline: &str, description: &str) -> Vec<String> {
    let copy = AdCopy {
        headlines: vec!["Trail shoes".to_owned(), headline.to_owned()],
        descriptions: vec![description.to_owned()],
        call_to_action: None,
    };
    let told = |hint: adstead_domain::policy::PolicyHint| {
        format!("{} {} {}: {}", hint.field, hint.index, hint.rule, hint.excerpt)
    };
    hints(&copy, &parsed(language)).into_iter().map(told).collect()
}

#[test]
fn claims_superlatives_and_personal_attributes_are_found_where_they_stand() {
    assert_eq!(
        found("en-GB", "THE BEST  shoes, #1 in town", "Are you overweight? Guaranteed results, no risk."),
        [
            "headline 1 superlative: the best",
            "headline 1 superlative: #1",
            "description 0 banned_claim: guaranteed results",
            "description 0 banned_claim: no risk",
            "description 0 personal_attribute: are you overweight",
        ]
    );
    assert_eq!(
        found("es", "La mejor zapatilla", "Olvida tu enfermedad: resultados garantizados."),
        [
            "headline 1 superlative: la mejor",
            "description 0 banned_claim: resultados garantizados",
            "description 0 personal_attribute: tu enfermedad",
        ]
    );
}

#[test]
fn words_that_only_look_like_it_and_unknown_languages_are_left_alone() {
    let plain = "Shoes for people with diabetes. Free returns. Secure checkout; your wages stay yours.";
    assert!(found("en", "Best served on trails", plain).is_empty());
    assert!(found("de", "Die besten Schuhe", "Garantiert ohne Risiko.").is_empty());
    assert!(knows(&parsed("en-US")) && knows(&parsed("es-MX")) && !knows(&parsed("de")));
}
