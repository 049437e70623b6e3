//! What no file does.

use super::{Breach, Workspace};

/// The most lines that a Rust file has.
const MAX_LINES: usize = 450;

/// What stands for work that was put off, or hides a warning.
const UNFINISHED: &[(&str, &[&str])] = &[
    ("todo!", &["todo", "!"]),
    ("unimplemented!", &["unimplemented", "!"]),
    ("dbg!", &["dbg", "!"]),
    ("#[ignore]", &["#", "[", "ignore"]),
    ("#[allow(…)]", &["#", "[", "allow", "("]),
    ("#![allow(…)]", &["#", "!", "[", "allow", "("]),
];

pub(super) fn long_files(workspace: &Workspace) -> Vec<Breach> {
    let long = workspace.sources.iter().filter(|source| source.lines > MAX_LINES);
    long.map(|source| {
        Breach::new(
            &source.path,
            MAX_LINES + 1,
            format!("the file has {} lines, over {MAX_LINES}", source.lines),
        )
    })
    .collect()
}

pub(super) fn unfinished_code(workspace: &Workspace) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for source in &workspace.sources {
        for (shown, tokens) in UNFINISHED {
            let places = source.sequences(tokens);
            breaches
                .extend(places.map(|place| Breach::new(&source.path, place[0].line, format!("`{shown}`"))));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    #[test]
    fn a_long_file_is_found() {
        let (long, longest) = ("\n".repeat(MAX_LINES + 1), "\n".repeat(MAX_LINES));
        assert_eq!(
            found(long_files, &[("xtask/src/a.rs", &long), ("xtask/src/b.rs", &longest)]),
            ["xtask/src/a.rs:451: the file has 451 lines, over 450"]
        );
    }

    #[test]
    fn unfinished_code_is_found() {
        let source = "// todo!()\nfn a() { todo!() }\n#[test]\n#[ignore = \"slow\"]\nfn b() {}\n#[allow(dead_code)]\n\
                      fn c() { let allow = \"dbg!\"; std::dbg!(allow); unimplemented!() }";
        assert_eq!(
            found(unfinished_code, &[("crates/api/src/lib.rs", source)]),
            [
                "crates/api/src/lib.rs:2: `todo!`",
                "crates/api/src/lib.rs:7: `unimplemented!`",
                "crates/api/src/lib.rs:7: `dbg!`",
                "crates/api/src/lib.rs:4: `#[ignore]`",
                "crates/api/src/lib.rs:6: `#[allow(…)]`",
            ]
        );
        assert_eq!(
            found(unfinished_code, &[("crates/api/src/lib.rs", "#![allow(dead_code)]")]),
            ["crates/api/src/lib.rs:1: `#![allow(…)]`"]
        );
    }
}
