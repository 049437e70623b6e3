//! The invariants of the house. Each is an absence: a rule finds where it is broken.

mod contracts;
mod documents;
mod habits;
mod layers;
mod manifest;
mod manifests;
mod source;
mod workspace;

use std::fmt;

use anyhow::{Result, bail};
use clap::Args;

pub(crate) use contracts::{Implementation, implementations};
pub(crate) use workspace::Workspace;

/// Looks for breaches of the invariants that docs/ARCHITECTURE.md lists
#[derive(Args)]
pub(crate) struct Tidy {}

impl Tidy {
    pub(crate) fn run(&self) -> Result<()> {
        let workspace = Workspace::read(crate::cargo::root())?;
        inspect(&workspace)?;
        println!("tidy: {} rules hold", RULES.len());
        Ok(())
    }
}

/// One invariant.
struct Rule {
    find: fn(&Workspace) -> Vec<Breach>,
    why: &'static str,
    mend: &'static str,
}

/// One place where an invariant is broken.
#[derive(Debug)]
struct Breach {
    path: String,
    line: usize,
    what: String,
}

impl Breach {
    fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, what } = self;
        write!(f, "{path}:{line}: {what}")
    }
}

const RULES: &[Rule] = &[
    Rule {
        find: layers::domain_dependencies,
        why: "the domain does no I/O and knows no runtime",
        mend: "declare a port for what it needs, and implement that in infrastructure",
    },
    Rule {
        find: layers::untyped_json_in_the_domain,
        why: "the domain knows what things are; `Value` is anything",
        mend: "give the thing a type of its own",
    },
    Rule {
        find: layers::upward_dependencies,
        why: "dependencies point down, as docs/ARCHITECTURE.md draws them",
        mend: "ask for a port of the domain, or move the code to where it belongs",
    },
    Rule {
        find: layers::fenced_dependencies,
        why: "what an adapter is made of stays behind its port",
        mend: "use the port, or extend it",
    },
    Rule {
        find: layers::adapters_named_above_the_ports,
        why: "use cases and HTTP know ports, never what stands behind them",
        mend: "use the port; `wire.rs` of the server hands the adapter in",
    },
    Rule {
        find: layers::escaped_entities,
        why: "rows of the database are known in repositories only",
        mend: "give out the domain's entity, and map it inside `repositories/`",
    },
    Rule {
        find: layers::http_below_the_api,
        why: "below the API nobody knows that there is HTTP",
        mend: "answer a domain error or a `PortError`; the API maps it to a status",
    },
    Rule {
        find: layers::wiring_outside_wire,
        why: "only `wire.rs` knows which adapter stands behind which port",
        mend: "build it in `wire.rs` and hand it in",
    },
    Rule {
        find: contracts::untested_adapters,
        why: "an adapter is what keeps the port's contract",
        mend: "call `run_all(\"TheAdapter\", \"ThePort\", …)` in a test",
    },
    Rule {
        find: manifests::own_lints,
        why: "the lints stand once, in the root",
        mend: "write `[lints]` with `workspace = true`",
    },
    Rule {
        find: manifests::scattered_versions,
        why: "the version of a dependency stands once, in the root",
        mend: "list it under `[workspace.dependencies]` and write `NAME.workspace = true` here",
    },
    Rule {
        find: manifests::unused_versions,
        why: "the root lists what the workspace is made of",
        mend: "remove the line, or use it",
    },
    Rule {
        find: habits::long_files,
        why: "so long a file has two reasons to change",
        mend: "split it by subject, tests into a file of their own first",
    },
    Rule {
        find: habits::unfinished_code,
        why: "what is merged is finished, and a lint is silenced only while it fires",
        mend: "finish it, or use `#[expect(…, reason = …)]`",
    },
    Rule {
        find: documents::decisions_out_of_order,
        why: "a decision is found by its number",
        mend: "name it `docs/adr/NNN-title.md` with the next number, and begin it with `# N. Title`",
    },
    Rule {
        find: documents::broken_links,
        why: "a reader follows it",
        mend: "mend the path, relative to this file",
    },
];

/// Whether every rule holds.
///
/// # Errors
/// All breaches: each with its place, why it is one, and what to do.
fn inspect(workspace: &Workspace) -> Result<()> {
    let breaches: Vec<_> = RULES
        .iter()
        .flat_map(|Rule { find, why, mend }| {
            find(workspace).into_iter().map(move |breach| format!("{breach}; {why}: {mend}"))
        })
        .collect();
    if breaches.is_empty() {
        return Ok(());
    }
    bail!("the house's rules are broken in {} places\n{}", breaches.len(), breaches.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What `find` finds in a workspace of these files.
    pub(crate) fn found(find: fn(&Workspace) -> Vec<Breach>, files: &[(&str, &str)]) -> Vec<String> {
        find(&Workspace::of(files)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_forbidden_dependency_fails_tidy() {
        let manifest = |dependencies: &str| {
            let text = format!("[lints]\nworkspace = true\n[dependencies]\n{dependencies}");
            inspect(&Workspace::of(&[("crates/domain/Cargo.toml", &text)]))
        };
        manifest("serde.workspace = true").expect("a domain that may be");
        let told =
            manifest("serde.workspace = true\ntokio.workspace = true").expect_err("a forbidden dependency");
        assert_eq!(
            told.to_string(),
            "the house's rules are broken in 1 places\n\
             crates/domain/Cargo.toml:5: the domain depends on `tokio`; the domain does no I/O and knows no runtime: \
             declare a port for what it needs, and implement that in infrastructure"
        );
    }
}
