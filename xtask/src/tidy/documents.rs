//! The pages that people read.

use std::collections::BTreeMap;

use super::workspace::Page;
use super::{Breach, Workspace};

const DECISIONS: &str = "docs/adr/";

pub(super) fn decisions_out_of_order(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    let mut taken = BTreeMap::new();
    for Page { path, text } in &workspace.pages {
        let Some(name) = path.strip_prefix(DECISIONS) else { continue };
        let Some(number) = decision_number(name) else {
            breaches.push(Breach::new(path, 1, format!("`{name}` is no name of a decision")));
            continue;
        };
        if let Some(other) = taken.insert(number, path) {
            breaches.push(Breach::new(path, 1, format!("its number is that of {other}")));
        }
        if !text.starts_with(&format!("# {number}. ")) {
            breaches.push(Breach::new(path, 1, format!("its title does not begin with `# {number}. `")));
        }
    }
    breaches
}

/// The number in `NNN-title-in-small-letters.md`.
fn decision_number(name: &str) -> Option<u32> {
    let (number, title) = name.strip_suffix(".md")?.split_once('-')?;
    let is_plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
    let is_title = title.split('-').all(|word| !word.is_empty() && word.chars().all(is_plain));
    let is_number = number.len() == 3 && number.bytes().all(|digit| digit.is_ascii_digit());
    number.parse().ok().filter(|_| is_title && is_number)
}

pub(super) fn broken_links(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for page in &workspace.pages {
        for (line, target) in links(&page.text) {
            let leads_elsewhere = target.contains(':') || target.starts_with('#');
            if !leads_elsewhere && !resolve(&page.path, target).is_some_and(|path| workspace.has(&path)) {
                breaches.push(Breach::new(&page.path, line, format!("nothing is at `{target}`")));
            }
        }
    }
    breaches
}

/// The targets of a page's links, each with its line; what stands in code is none.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut links = Vec::new();
    let mut is_code = false;
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            // Between back-ticks is code; a link's text may be code, its target is not.
            let prose = line.split('`').step_by(2);
            links.extend(prose.flat_map(targets).map(|target| (number, target)));
        }
    }
    links
}

fn targets(prose: &str) -> impl Iterator<Item = &str> {
    prose.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

/// The path, from the root, of `target` on the page at `page`; nothing where it leads out of the workspace.
fn resolve(page: &str, target: &str) -> Option<String> {
    let mut parts: Vec<_> = page.split('/').collect();
    parts.pop();
    let path = target.split('#').next()?;
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn decisions_are_named_and_numbered() {
        assert_eq!(
            found(
                decisions_out_of_order,
                &[
                    ("docs/adr/001-instants-are-integers.md", "# 1. Instants are integers\n"),
                    ("docs/adr/001-again.md", "# 1. Again\n"),
                    ("docs/adr/002-untitled.md", "# Untitled\n"),
                    ("docs/adr/3-short.md", "# 3. Short\n"),
                    ("docs/adr/004-Loud_Name.md", "# 4. Loud\n"),
                ]
            ),
            [
                "docs/adr/001-again.md:1: its number is that of docs/adr/001-instants-are-integers.md",
                "docs/adr/002-untitled.md:1: its title does not begin with `# 2. `",
                "docs/adr/3-short.md:1: `3-short.md` is no name of a decision",
                "docs/adr/004-Loud_Name.md:1: `004-Loud_Name.md` is no name of a decision",
            ]
        );
    }

    #[test]
    fn links_lead_somewhere() {
        let page = "[one](adr) [two](../LICENSE) [three](#there) [four](https://example.com/x) [`five`](adr/001-a.md#why)\n\
                    ```\n[six](nowhere)\n```\n`[seven](nowhere)`\n[eight](nowhere.md \"title\"), [nine](../../etc)\n";
        assert_eq!(
            found(broken_links, &[("docs/API.md", page), ("docs/adr/001-a.md", "# 1. A"), ("LICENSE", "")]),
            ["docs/API.md:6: nothing is at `nowhere.md`", "docs/API.md:6: nothing is at `../../etc`"]
        );
    }
}
