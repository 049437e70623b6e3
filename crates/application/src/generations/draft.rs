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
            headlines: shaped(copy.headlines, &limits.headlines),
            descriptions: shaped(copy.descriptions, &limits.descriptions),
            call_to_action: copy.call_to_action.or_else(|| brief.call_to_action.clone()),
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
        if let Some(fault) = self.limits.fault_in(field, index, text) {
            return Some(fault);
        }
        if let Some(word) = self.brief.brand_voice.banned_in(text) {
            return Some(format!("the {field} holds the banned word {word:?}: write it without"));
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
    /// not complete or says what another says.
    pub(super) fn into_variants(mut self) -> Vec<Variant> {
        for line in self.failed().iter().rev() {
            let copy = &mut self.copies[line.variant];
            match line.field {
                CopyField::Headline => copy.headlines.remove(line.index),
                CopyField::Description => copy.descriptions.remove(line.index),
            };
        }
        let limits = self.limits;
        let mut seen = HashSet::new();
        let usable = |copy: AdCopy| {
            let AdCopy { headlines, descriptions, call_to_action: _ } = &copy;
            let says_nothing = headlines.is_empty() && descriptions.is_empty();
            if says_nothing || !seen.insert((headlines.clone(), descriptions.clone())) {
                return None;
            }
            let warnings =
                limits.check(headlines, descriptions, Completeness::Complete).into_result().ok()?;
            Some(Variant { copy, warnings })
        };
        self.copies.into_iter().filter_map(usable).collect()
    }
}

fn shaped(lines: Vec<String>, list: &LineList) -> Vec<String> {
    let mut lines: Vec<_> = lines.iter().map(|line| tidy(line)).filter(|line| !line.is_empty()).collect();
    lines.resize(wanted(list), String::new());
    lines
}

/// The line without surrounding or doubled spaces.
fn tidy(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}
