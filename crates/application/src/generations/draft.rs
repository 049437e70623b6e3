//! Copy on its way from a writer's first answer to variants that can be used.

use std::collections::HashSet;

use adstead_domain::platform::{Completeness, CopyField, CopyLimits, LineList};
use adstead_domain::port::FailedLine;
use adstead_domain::{AdCopy, Brief, Variant};

/// The variants of one generation while their lines are checked and mended.
pub(super) struct Drafts<'a> {
    brief: &'a Brief,
    limits: &'static CopyLimits,
    copies: Vec<AdCopy>,
}

/// How many lines of a kind to ask for: all that the platform needs, two more where it combines them, and one for
/// each place that has rules of its own.
pub(super) fn wanted(list: &LineList) -> usize {
    let spare = if list.min > 1 { 2 } else { 0 };
    (list.min + spare).max(list.fields.len()).max(1).min(list.most())
}

impl<'a> Drafts<'a> {
    /// What a writer answered, brought into shape: tidy spaces, no more lines than are wanted, none missing.
    pub(super) fn new(brief: &'a Brief, limits: &'static CopyLimits, copies: Vec<AdCopy>) -> Self {
        let shaped = |copy: AdCopy| AdCopy {
            headlines: shaped(&copy.headlines, &limits.headlines),
            descriptions: shaped(&copy.descriptions, &limits.descriptions),
            call_to_action: copy
                .call_to_action
                .filter(|words| brief.brand_voice.banned_in(words.as_str()).is_none())
                .or_else(|| brief.call_to_action.clone()),
        };
        Self { brief, limits, copies: copies.into_iter().map(shaped).collect() }
    }

    /// Every line that breaks a rule.
    pub(super) fn failed(&self) -> Vec<FailedLine> {
        let mut failed = Vec::new();
        for (variant, copy) in self.copies.iter().enumerate() {
            let mut seen = HashSet::new();
            for (field, lines) in
                [(CopyField::Headline, &copy.headlines), (CopyField::Description, &copy.descriptions)]
            {
                for (index, text) in lines.iter().enumerate() {
                    let repeated = !seen.insert(text.to_lowercase());
                    if let Some(fault) = self.fault(field, index, text, repeated) {
                        failed.push(FailedLine { variant, field, index, text: text.clone(), fault });
                    }
                }
            }
        }
        failed
    }

    fn fault(&self, field: CopyField, index: usize, text: &str, repeated: bool) -> Option<String> {
        let fault = self.brief.fault_in(self.limits, field, index, text);
        if fault.is_some() {
            return fault;
        }
        repeated.then(|| format!("the {field} repeats another line of the same ad: write something else"))
    }

    /// The lines of the variants concerned that broke no rule.
    pub(super) fn taken(&self, failed: &[FailedLine]) -> Vec<String> {
        let concerned: HashSet<_> = failed.iter().map(|line| line.variant).collect();
        let broken: HashSet<_> = failed.iter().map(|line| (line.variant, line.field, line.index)).collect();
        let mut taken = Vec::new();
        for (variant, copy) in
            self.copies.iter().enumerate().filter(|(variant, _)| concerned.contains(variant))
        {
            for (field, lines) in
                [(CopyField::Headline, &copy.headlines), (CopyField::Description, &copy.descriptions)]
            {
                let kept =
                    lines.iter().enumerate().filter(|(index, _)| !broken.contains(&(variant, field, *index)));
                taken.extend(kept.map(|(_, line)| line.clone()));
            }
        }
        taken
    }

    /// Puts new lines in the place of those that failed.
    pub(super) fn mend(&mut self, failed: &[FailedLine], lines: Vec<String>) {
        for (place, line) in failed.iter().zip(lines) {
            let copy = &mut self.copies[place.variant];
            let list = match place.field {
                CopyField::Headline => &mut copy.headlines,
                CopyField::Description => &mut copy.descriptions,
            };
            list[place.index] = tidy(&line);
        }
    }

    /// The variants that can be used: lines that still fail are left out, and with them each variant that is then
    /// not complete, says what another says, or has lost a line without which others would stand where they were not written for.
    pub(super) fn into_variants(mut self) -> Vec<Variant> {
        let limits = self.limits;
        let mut disordered = HashSet::new();
        for FailedLine { variant, field, index, .. } in self.failed().into_iter().rev() {
            let copy = &mut self.copies[variant];
            let (lines, list) = match field {
                CopyField::Headline => (&mut copy.headlines, &limits.headlines),
                CopyField::Description => (&mut copy.descriptions, &limits.descriptions),
            };
            lines.remove(index);
            // The last rule holds for all further places.
            if index < lines.len() && index + 1 < list.fields.len() {
                disordered.insert(variant);
            }
        }
        let mut seen = HashSet::new();
        let usable = |(number, copy): (usize, AdCopy)| {
            if disordered.contains(&number) {
                return None;
            }
            let AdCopy { headlines, descriptions, call_to_action: _ } = &copy;
            let says_nothing = headlines.is_empty() && descriptions.is_empty();
            if says_nothing || !seen.insert((headlines.clone(), descriptions.clone())) {
                return None;
            }
            let warnings =
                limits.check(headlines, descriptions, Completeness::Complete).into_result().ok()?;
            Some(Variant { copy, warnings })
        };
        self.copies.into_iter().enumerate().filter_map(usable).collect()
    }
}

fn shaped(lines: &[String], list: &LineList) -> Vec<String> {
    let mut lines: Vec<_> = lines.iter().map(|line| tidy(line)).filter(|line| !line.is_empty()).collect();
    lines.resize(wanted(list), String::new());
    lines
}

/// The line without surrounding or doubled spaces.
fn tidy(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use adstead_domain::platform::limits;
    use adstead_domain::{AdType, BrandVoice, Platform};

    use super::*;

    fn brief() -> Brief {
        Brief {
            product: "Trail shoes".parse().unwrap(),
            description: None,
            audience: None,
            benefits: Vec::new(),
            brand_voice: BrandVoice { banned_words: vec!["cheap".parse().unwrap()], ..BrandVoice::default() },
            keywords: Vec::new(),
            call_to_action: Some("Shop now".parse().unwrap()),
            language: "en".parse().unwrap(),
            platform: Platform::Google,
            ad_type: AdType::Text,
            variants: 1,
            source: None,
        }
    }

    fn copy(headlines: &[&str], descriptions: &[&str]) -> AdCopy {
        let owned = |lines: &[&str]| lines.iter().map(|&line| line.to_owned()).collect();
        AdCopy { headlines: owned(headlines), descriptions: owned(descriptions), call_to_action: None }
    }

    const GOOD: [&str; 5] =
        ["Made for mud", "Free returns", "Run all winter", "Trail shoes", "Grip that holds"];
    const BODIES: [&str; 4] = ["Shoes that grip.", "Order by noon.", "Try them on.", "Send them back."];

    /// What fails in one variant of a search ad, as `field index: fault`.
    fn failing(copies: Vec<AdCopy>) -> Vec<String> {
        let brief = brief();
        let drafts = Drafts::new(&brief, limits(Platform::Google, AdType::Text).unwrap(), copies);
        let line =
            |line: FailedLine| format!("{} {} {}: {}", line.variant, line.field, line.index, line.fault);
        drafts.failed().into_iter().map(line).collect()
    }

    #[test]
    fn good_copy_passes() {
        assert_eq!(failing(vec![copy(&GOOD, &BODIES)]), Vec::<String>::new());
    }

    #[test]
    fn long_banned_repeated_and_missing_lines_are_told_apart() {
        let faults = failing(vec![copy(
            &["x".repeat(31).as_str(), "Cheap, but good", "made for mud", "Made for mud"],
            &BODIES,
        )]);
        assert_eq!(
            faults,
            [
                "0 headline 0: headline 1 is 31 long, google allows 30 \
                 (characters, double-width ones count two): shorten it by 1",
                "0 headline 1: the headline holds the banned word \"cheap\": write it without",
                "0 headline 3: the headline repeats another line of the same ad: write something else",
                "0 headline 4: headline 5 is empty: write it or leave it out",
            ]
        );
    }

    #[test]
    fn a_banned_word_is_a_word_and_not_a_part_of_one() {
        let mut headlines = GOOD;
        headlines[0] = "Cheaper by far";
        assert_eq!(failing(vec![copy(&headlines, &BODIES)]), Vec::<String>::new());
    }

    #[test]
    fn spaces_are_tidied_and_surplus_lines_left_out() {
        let brief = brief();
        let mut headlines = GOOD.to_vec();
        headlines[0] = "  Made   for mud ";
        headlines.push("One too many");
        let drafts = Drafts::new(
            &brief,
            limits(Platform::Google, AdType::Text).unwrap(),
            vec![copy(&headlines, &BODIES)],
        );
        let variants = drafts.into_variants();
        assert_eq!(variants[0].copy.headlines, GOOD);
        assert_eq!(variants[0].copy.call_to_action, brief.call_to_action);
    }

    #[test]
    fn a_variant_survives_without_lines_that_nobody_needs_and_not_without_those_that_it_must_have() {
        let brief = brief();
        let limits = limits(Platform::Google, AdType::Text).unwrap();
        let long = "x".repeat(31);
        let two_fail = copy(&[&long, &long, GOOD[0], GOOD[1], GOOD[2]], &BODIES);
        let three_fail = copy(&[&long, &long, &long, GOOD[0], GOOD[1]], &BODIES);
        let variants = Drafts::new(&brief, limits, vec![two_fail, three_fail]).into_variants();
        assert_eq!(variants.len(), 1);
        assert_eq!(variants[0].copy.headlines, GOOD[..3]);
    }

    #[test]
    fn no_line_stands_where_it_was_not_written_for() {
        let brief = brief();
        let limits = limits(Platform::Facebook, AdType::Image).unwrap();
        let variants = |descriptions: &[&str]| {
            Drafts::new(&brief, limits, vec![copy(&["Trail shoes"], descriptions)]).into_variants()
        };
        assert!(variants(&["Cheap shoes that grip.", "Free returns"]).is_empty());
        let [variant] = &variants(&["Shoes that grip.", "Cheap returns"])[..] else { panic!("one variant") };
        assert_eq!(variant.copy.descriptions, ["Shoes that grip."]);
    }

    #[test]
    fn a_call_to_action_holds_no_banned_word_either() {
        let brief = brief();
        let limits = limits(Platform::Google, AdType::Text).unwrap();
        let asks =
            |words: &str| AdCopy { call_to_action: Some(words.parse().unwrap()), ..copy(&GOOD, &BODIES) };
        let asked = |words| Drafts::new(&brief, limits, vec![asks(words)]).into_variants().remove(0).copy;
        assert_eq!(asked("Get it cheap").call_to_action, brief.call_to_action);
        assert_eq!(asked("Try it").call_to_action, Some("Try it".parse().unwrap()));
    }

    #[test]
    fn a_variant_that_says_what_another_says_is_left_out() {
        let brief = brief();
        let limits = limits(Platform::Google, AdType::Text).unwrap();
        let same = vec![copy(&GOOD, &BODIES), copy(&GOOD, &BODIES)];
        assert_eq!(Drafts::new(&brief, limits, same).into_variants().len(), 1);
    }
}
