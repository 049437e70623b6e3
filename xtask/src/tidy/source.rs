//! A Rust file as its tokens: comments are gone, and what stands in a string is no code.

use std::str::FromStr;

use anyhow::{Result, anyhow};
use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// One Rust file.
pub(super) struct Source {
    pub(super) path: String,
    /// How many lines it has.
    pub(super) lines: usize,
    pub(super) tokens: Vec<Token>,
    names: Vec<Name>,
}

/// One token; a bracket, a brace and a parenthesis are two.
pub(super) struct Token {
    pub(super) text: String,
    pub(super) line: usize,
    /// Whether it is compiled for tests only.
    pub(super) is_test: bool,
}

impl Token {
    /// Whether it is a name or a keyword.
    pub(super) fn is_word(&self) -> bool {
        self.text.starts_with(|first: char| first.is_alphabetic() || first == '_')
    }
}

/// A path that the file names, such as `std::fmt::Display`, in an import or in code.
struct Name {
    segments: Vec<String>,
    line: usize,
}

impl Source {
    pub(super) fn parse(path: &str, text: &str) -> Result<Self> {
        let stream = TokenStream::from_str(text).map_err(|error| {
            anyhow!("line {}: it is no Rust, brackets or quotes do not match", error.span().start().line)
        })?;
        let mut tokens = Vec::new();
        flatten(stream, has_tests_only(path), &mut tokens);
        let names = names(&tokens);
        Ok(Self { path: path.to_owned(), lines: text.lines().count(), tokens, names })
    }

    pub(super) fn is_in(&self, folder: &str) -> bool {
        self.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
    }

    /// The line that first names `path`, such as `serde_json::Value`, by itself or at the end of a longer one.
    pub(super) fn names(&self, path: &str) -> Option<usize> {
        let wanted: Vec<_> = path.split("::").collect();
        self.first_name(|segments| {
            segments.len() >= wanted.len() && segments[segments.len() - wanted.len()..] == wanted
        })
    }

    /// The line that first names something inside a module `module`.
    pub(super) fn reaches_into(&self, module: &str) -> Option<usize> {
        self.first_name(|segments| segments.iter().rev().nth(1).is_some_and(|parent| parent == module))
    }

    /// The line that first names a crate whose name starts with `prefix`.
    pub(super) fn names_crate(&self, prefix: &str) -> Option<usize> {
        self.first_name(|segments| segments[0].starts_with(prefix))
    }

    fn first_name(&self, is_wanted: impl Fn(&[String]) -> bool) -> Option<usize> {
        let name = self.names.iter().find(|name| is_wanted(&name.segments))?;
        Some(name.line)
    }

    /// Every place where these tokens follow each other.
    pub(super) fn sequences<'a>(&'a self, wanted: &'a [&str]) -> impl Iterator<Item = &'a [Token]> {
        self.tokens.windows(wanted.len()).filter(move |part| part.iter().map(|token| &token.text).eq(wanted))
    }
}

/// Whether all of a file is for tests: an integration test, a benchmark, or a module of unit tests.
fn has_tests_only(path: &str) -> bool {
    ["/tests/", "/benches/"].iter().any(|folder| path.contains(folder)) || path.ends_with("/tests.rs")
}

fn flatten(stream: TokenStream, is_test: bool, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    // Set by `#[cfg(test)]` until the item's body or its semicolon.
    let mut item_is_test = is_test;
    while let Some(tree) = trees.next() {
        let line = tree.span().start().line;
        let mut push = |text: String, line| tokens.push(Token { text, line, is_test: item_is_test });
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = delimiters(&group);
                push(open.to_owned(), line);
                item_is_test |= is_cfg_test(&group);
                flatten(group.stream(), item_is_test, tokens);
                let line = group.span_close().start().line;
                tokens.push(Token { text: close.to_owned(), line, is_test: item_is_test });
                if group.delimiter() == Delimiter::Brace {
                    item_is_test = is_test;
                }
            }
            TokenTree::Punct(colon) if colon.as_char() == ':' && colon.spacing() == Spacing::Joint => {
                let second =
                    trees.next_if(|next| matches!(next, TokenTree::Punct(next) if next.as_char() == ':'));
                push(if second.is_some() { "::" } else { ":" }.to_owned(), line);
            }
            TokenTree::Punct(mark) => {
                push(mark.to_string(), line);
                if mark.as_char() == ';' {
                    item_is_test = is_test;
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => push(tree.to_string(), line),
        }
    }
}

fn delimiters(group: &Group) -> (&'static str, &'static str) {
    match group.delimiter() {
        Delimiter::Parenthesis => ("(", ")"),
        Delimiter::Brace => ("{", "}"),
        Delimiter::Bracket => ("[", "]"),
        Delimiter::None => ("", ""),
    }
}

/// Whether this is the bracket of `#[cfg(test)]`.
fn is_cfg_test(group: &Group) -> bool {
    group.delimiter() == Delimiter::Bracket && group.stream().to_string().replace(' ', "") == "cfg(test)"
}

/// The path that each word ends, those in an import's braces spelled out.
fn names(tokens: &[Token]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    // What the words inside the brackets around us begin with: `std` in `use std::{fmt, io}`, nothing in a block.
    let mut prefixes = vec![Vec::new()];
    for (at, token) in tokens.iter().enumerate() {
        let continues = at >= 2 && tokens[at - 1].text == "::" && tokens[at - 2].is_word();
        let parent = names.last().filter(|_| continues).map(|name| name.segments.clone());
        match &*token.text {
            "{" | "(" | "[" => prefixes.push(parent.unwrap_or_default()),
            "}" | ")" | "]" => drop(prefixes.pop()),
            word if token.is_word() => {
                let mut segments = parent.or_else(|| prefixes.last().cloned()).unwrap_or_default();
                segments.push(word.to_owned());
                names.push(Name { segments, line: token.line });
            }
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(text: &str) -> Source {
        Source::parse("crates/domain/src/lib.rs", text).unwrap()
    }

    #[test]
    fn a_path_is_found_in_imports_and_in_code() {
        for text in [
            "use serde_json::Value;",
            "use serde_json::{Map, Value as Json};",
            "use {std::fmt, serde_json::{self, Value}};",
            "fn f(x: Vec<serde_json::Value>) {}",
            "fn f() -> u8 { g(::serde_json::Value::Null) }",
            "const A: u8 = vec![serde_json::Value::from(1)];",
        ] {
            assert_eq!(source(text).names("serde_json::Value"), Some(1), "{text}");
        }
    }

    #[test]
    fn comments_strings_and_other_paths_are_none() {
        let text = r##"
            //! serde_json::Value
            /* serde_json::Value */
            use serde_json::Map; use other::Value;
            const A: &str = "serde_json::Value"; const B: &str = r#"serde_json::Value"#;
            use serde_json::{de::{Deserializer}, to_string}; use a::{b, c}; use Value;
        "##;
        assert_eq!(source(text).names("serde_json::Value"), None);
    }

    #[test]
    fn a_module_is_reached_into_where_something_follows() {
        assert_eq!(source("use axum::http;").reaches_into("http"), None);
        assert_eq!(source("\nuse axum::http::{Method};").reaches_into("http"), Some(2));
        assert_eq!(source("fn f() { http::StatusCode::OK; }").reaches_into("http"), Some(1));
    }

    #[test]
    fn a_crate_is_named_by_what_a_path_begins_with() {
        assert_eq!(source("use sea_orm::Set;").names_crate("sea_orm"), Some(1));
        assert_eq!(source("use crate::sea_orm::Set;").names_crate("sea_orm"), None);
    }

    #[test]
    fn what_is_for_tests_is_told_apart() {
        let source = source(
            "fn a() {} #[cfg(test)] mod tests { fn b() {} } fn c() {} #[cfg(test)] mod more; fn d() {}",
        );
        let is_test = |name: &str| source.tokens.iter().find(|token| token.text == name).unwrap().is_test;
        assert_eq!(["a", "b", "c", "more", "d"].map(is_test), [false, true, false, true, false]);
    }

    #[test]
    fn a_file_that_is_no_rust_is_told_with_its_line() {
        let error = Source::parse("a.rs", "fn f() {\n  (\n}").err().unwrap();
        assert!(error.to_string().starts_with("line "), "{error}");
    }
}
