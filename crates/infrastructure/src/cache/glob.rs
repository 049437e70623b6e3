use super::Refused;
use super::entries::MAX_KEY_BYTES;
use super::refused::check_text;

/// Whether a pattern can be swept by: memory and Redis must understand it alike, and they do not where a set is left open.
pub(super) fn check(pattern: &str) -> Result<(), Refused> {
    check_text("pattern", pattern, MAX_KEY_BYTES)?;
    let mut rest = pattern;
    while let Some(at) = rest.find(['[', '\\']) {
        rest = if rest[at..].starts_with('[') {
            let end = rest[at..].find(']').ok_or(Refused::OpenSet)?;
            &rest[at + end + 1..]
        } else {
            let mut after = rest[at..].chars();
            after.nth(1);
            after.as_str()
        };
    }
    Ok(())
}

/// Whether a text matches a pattern as Redis matches keys: `*` is any text, `?` any character, `[ab]`, `[a-c]` and `[^a]` one
/// of a set, and `\` takes the special meaning from what follows.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<_>, Vec<_>) = (pattern.chars().collect(), text.chars().collect());
    // Where the last star stands, and how far the text had come when it was met: it can take one character more.
    let mut star = None;
    let (mut p, mut t) = (0, 0);
    loop {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, t));
            p += 1;
            continue;
        }
        let step = text.get(t).and_then(|&character| one(&pattern[p..], character));
        match (step, star) {
            (None, _) if t == text.len() && p == pattern.len() => return true,
            (Some(taken), _) => {
                p += taken;
                t += 1;
            }
            (None, Some((after, from))) if from < text.len() => {
                star = Some((after, from + 1));
                (p, t) = (after, from + 1);
            }
            (None, _) => return false,
        }
    }
}

/// How much of the pattern stands for this character; nothing where it does not match.
fn one(pattern: &[char], character: char) -> Option<usize> {
    match pattern {
        [] => None,
        ['?', ..] => Some(1),
        ['\\', literal, ..] => (*literal == character).then_some(2),
        ['[', set @ ..] => {
            let end = set.iter().position(|&c| c == ']')?;
            let (is_negated, members) = match &set[..end] {
                ['^', members @ ..] => (true, members),
                members => (false, members),
            };
            (is_member(members, character) != is_negated).then_some(end + 2)
        }
        [literal, ..] => (*literal == character).then_some(1),
    }
}

fn is_member(members: &[char], character: char) -> bool {
    match members {
        [] => false,
        [first, '-', last, rest @ ..] => (*first..=*last).contains(&character) || is_member(rest, character),
        [member, rest @ ..] => *member == character || is_member(rest, character),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn patterns_match_as_they_do_in_redis() {
        assert_eq!(check("ads:[ab]:*"), Ok(()));
        assert_eq!(check(r"ads:\[*"), Ok(()));
        assert_eq!(check("ads:[ab"), Err(Refused::OpenSet));
        for (pattern, text) in [
            ("*", ""),
            ("ads:*", "ads:1:2"),
            ("*:2", "ads:1:2"),
            ("a*b*c", "axxbxxbc"),
            ("ad?:1", "ads:1"),
            ("[ab]x", "bx"),
            ("[a-c]x", "bx"),
            ("[^a]x", "bx"),
            (r"a\*b", "a*b"),
            ("é*", "éa"),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            ("", "a"),
            ("ads:*", "ad:1"),
            ("ad?", "ads:1"),
            ("[^a]x", "ax"),
            (r"a\*b", "axb"),
            ("[a", "a"),
            ("*a", "ab"),
        ] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }

    proptest! {
        #[test]
        fn a_text_matches_itself_with_any_part_replaced_by_a_star(text in "[a-c:]{0,12}", from in 0_usize..13, to in 0_usize..13) {
            let (from, to) = (from.min(text.len()), to.min(text.len()));
            let (from, to) = (from.min(to), from.max(to));
            let pattern = format!("{}*{}", &text[..from], &text[to..]);
            prop_assert!(matches(&pattern, &text));
        }
    }
}
