//! Whether every adapter runs the contract suite of its port.
//!
//! The sources say what there is: each `impl Port for Adapter` that is not for tests alone. The proof that its suite
//! runs is the tally of `cargo xtask test`, which holds what passed. What can be seen without running anything is
//! checked here, namely that a test does one of two things:
//!
//! - it calls `run_all` with the names of adapter and port;
//! - it calls `contract::repositories`, which runs the port's suite, and names the adapter, or a type or function of a
//!   file that names it: what builds it.

use std::collections::BTreeSet;
use std::fmt;

use super::source::{Source, Token};
use super::{Breach, Workspace};

/// A port that an adapter implements.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Implementation {
    pub(crate) port: String,
    pub(crate) adapter: String,
    path: String,
    line: usize,
}

impl Implementation {
    /// Whether a contract suite that names its adapter `label` ran on this one: `label` is the type's name, with more
    /// words behind it where the type is tested in more than one setting.
    pub(crate) fn is_called(&self, label: &str) -> bool {
        label.split(' ').next() == Some(&self.adapter)
    }

    #[cfg(test)]
    pub(crate) fn of(port: &str, adapter: &str) -> Self {
        Self { port: port.to_owned(), adapter: adapter.to_owned(), path: String::new(), line: 0 }
    }
}

impl fmt::Display for Implementation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { port, adapter, path, line } = self;
        write!(f, "{path}:{line}: `{adapter}` implements `{port}`")
    }
}

/// Every adapter of every port.
pub(crate) fn implementations(workspace: &Workspace) -> impl Iterator<Item = Implementation> {
    let ports: BTreeSet<_> = workspace.sources_in("crates/domain/src/port").flat_map(traits).collect();
    let sources = workspace.sources_in("crates").filter(|source| !source.is_in("crates/domain"));
    sources.flat_map(implemented_traits).filter(move |implementation| ports.contains(&*implementation.port))
}

pub(super) fn untested_adapters(workspace: &Workspace) -> Vec<Breach> {
    implementations(workspace)
        .filter(|it| !is_named_with_its_port(workspace, it) && !is_among_tested_repositories(workspace, it))
        .map(|Implementation { port, adapter, path, line }| {
            Breach::new(&path, line, format!("no test runs the contract of `{port}` on `{adapter}`"))
        })
        .collect()
}

/// Whether one statement of a test holds both names, as `run_all("Adapter", "Port", …)` does.
fn is_named_with_its_port(workspace: &Workspace, implementation: &Implementation) -> bool {
    let mut tests = workspace.sources_in("crates").filter(|source| source.names("run_all").is_some());
    tests.any(|source| {
        source.tokens.split(|token| [";", "{", "}"].contains(&&*token.text)).any(|statement| {
            let mut texts =
                statement.iter().filter(|token| token.is_test).filter_map(|token| unquoted(&token.text));
            let names_adapter = texts.clone().any(|text| implementation.is_called(text));
            names_adapter && texts.any(|text| text == implementation.port)
        })
    })
}

/// Whether tests that call `contract::repositories` name the adapter, or what builds it.
fn is_among_tested_repositories(workspace: &Workspace, implementation: &Implementation) -> bool {
    let mut suites = workspace.sources_in("crates/testkit/src/contract").flat_map(|source| &source.tokens);
    if !suites.any(|token| unquoted(&token.text) == Some(&implementation.port)) {
        return false;
    }
    let builders = builders(workspace, implementation);
    let tests = workspace.sources.iter().filter(|source| source.names("contract::repositories").is_some());
    let mut folders = tests.filter_map(|source| Some(source.path.split_once("/tests/")?.0));
    folders.any(|folder| {
        let mut files = workspace.sources_in(folder).filter(|source| source.path.contains("/tests/"));
        files.any(|source| builders.iter().any(|builder| source.names(builder).is_some()))
    })
}

/// The adapter itself, and what is declared in other files that name it.
fn builders<'a>(workspace: &'a Workspace, implementation: &'a Implementation) -> Vec<&'a str> {
    let Implementation { adapter, path, .. } = implementation;
    let others = workspace.sources.iter().filter(|source| source.path != *path);
    let naming = others.filter(|source| source.names(adapter).is_some());
    naming.flat_map(declared).chain([&**adapter]).collect()
}

/// The types and functions that a file declares for everyone, those of its blocks left out.
fn declared(source: &Source) -> Vec<&str> {
    let mut declared = Vec::new();
    let mut depth = 0_usize;
    for part in source.tokens.windows(3) {
        match &*part[0].text {
            "{" => depth += 1,
            "}" => depth = depth.saturating_sub(1),
            "pub" if depth == 0 && ["fn", "struct"].contains(&&*part[1].text) => {
                declared.push(&*part[2].text);
            }
            _ => {}
        }
    }
    declared
}

/// The names of the traits that a file declares for everyone.
fn traits(source: &Source) -> impl Iterator<Item = &str> {
    source
        .tokens
        .windows(3)
        .filter(|part| part[0].text == "pub" && part[1].text == "trait")
        .map(|part| &*part[2].text)
}

fn implemented_traits(source: &Source) -> impl Iterator<Item = Implementation> {
    let tokens = &source.tokens;
    let starts = (0..tokens.len()).filter(|start| tokens[*start].text == "impl" && !tokens[*start].is_test);
    starts.filter_map(|start| {
        let header = &tokens[start + 1..];
        let end = header.iter().position(|token| ["{", ";", ")", "where"].contains(&&*token.text))?;
        let names = outside_generics(&header[..end]);
        let split = names.iter().position(|name| *name == "for")?;
        Some(Implementation {
            port: last_word(&names[..split])?,
            adapter: last_word(&names[split..])?,
            path: source.path.clone(),
            line: tokens[start].line,
        })
    })
}

/// The tokens outside all `<…>`.
fn outside_generics(tokens: &[Token]) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut outside = Vec::new();
    for token in tokens {
        match &*token.text {
            "<" => depth += 1,
            ">" => depth = depth.saturating_sub(1),
            text if depth == 0 => outside.push(text),
            _ => {}
        }
    }
    outside
}

fn last_word(names: &[&str]) -> Option<String> {
    names.last().map(ToString::to_string)
}

fn unquoted(token: &str) -> Option<&str> {
    token.strip_prefix('"')?.strip_suffix('"')
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    const PORT: (&str, &str) = (
        "crates/domain/src/port/files.rs",
        "pub trait FileStore: Send {} pub trait Clock {} impl<T: Clock> Clock for Box<T> {}",
    );

    #[track_caller]
    fn check(adapter: &str, test: &str, expected: &[&str]) {
        let files = [
            PORT,
            ("crates/infrastructure/src/storage.rs", adapter),
            ("crates/infrastructure/tests/it.rs", test),
        ];
        assert_eq!(found(untested_adapters, &files), expected, "{adapter}");
    }

    const UNTESTED: &[&str] =
        &["crates/infrastructure/src/storage.rs:1: no test runs the contract of `FileStore` on `Local`"];

    #[test]
    fn an_adapter_without_its_contract_is_found() {
        check("impl FileStore for Local {}", "", UNTESTED);
        check("impl<S: Into<Vec<u8>>> port::FileStore for storage::Local<S> where S: Send {}", "", UNTESTED);
        check("impl FileStore for Local {}", "fn t() { run_all(\"Local\", \"Clock\", CASES) }", UNTESTED);
        check("impl FileStore for Local {}", "fn t() { run_all(\"Other\", \"FileStore\", CASES) }", UNTESTED);
        check("impl FileStore for Local {}", "// run_all(\"Local\", \"FileStore\")", UNTESTED);
        check(
            "impl FileStore for Local {}",
            "fn t() { run_all(\"Local\", \"Clock\", CLOCK); run_all(\"Memory\", \"FileStore\", FILES); }",
            UNTESTED,
        );
    }

    #[test]
    fn an_adapter_that_runs_its_contract_is_none() {
        let adapter = "impl FileStore for Local {}";
        check(adapter, "fn t() { run_all(\"Local\", \"FileStore\", CASES) }", &[]);
        check(adapter, "fn t() { run_all(\"Local over a link\", \"FileStore\", CASES) }", &[]);
    }

    #[test]
    fn an_adapter_that_is_built_for_the_suites_of_all_repositories_is_none() {
        let suites = ("crates/testkit/src/contract/mod.rs", "const SUITES: &[&str] = &[\"FileStore\"];");
        let adapter = ("crates/infrastructure/src/storage.rs", "impl FileStore for Local {}");
        let factory =
            ("crates/infrastructure/src/factory.rs", "pub struct Factory; impl Factory { fn f() { Local } }");
        let test = |text| ("crates/infrastructure/tests/it/main.rs", text);
        let runs = "fn t() { contract::repositories(\"disk\", Factory::new) }";
        for (files, is_tested) in [
            ([PORT, suites, adapter, factory, test(runs)], true),
            (
                [
                    PORT,
                    suites,
                    adapter,
                    factory,
                    test("fn t() { contract::repositories(\"disk\", Local::new) }"),
                ],
                true,
            ),
            ([PORT, suites, adapter, factory, test("fn t() { contract::repositories(\"disk\", f) }")], false),
            ([PORT, suites, adapter, factory, test("fn t() { Factory::new() }")], false),
            ([PORT, adapter, adapter, factory, test(runs)], false),
        ] {
            let found = found(untested_adapters, &files);
            assert_eq!(found.is_empty(), is_tested, "{}", files[4].1);
        }
    }

    #[test]
    fn what_implements_no_port_or_is_for_tests_is_none() {
        check("impl Local {}", "", &[]);
        check("impl Debug for Local { fn f(g: impl FnOnce(FileStore)) { for x in y {} } }", "", &[]);
        check("#[cfg(test)] mod tests { impl FileStore for Local {} }", "", &[]);
    }
}
