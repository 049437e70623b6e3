use std::fs;
use std::path::Path;

use crate::server::stdout;

/// Files that are committed, so that a reader needs no build, and what prints them.
const GENERATED: [(&str, &str); 3] = [
    ("docs/CONFIGURATION.md", "config-reference"),
    ("docs/reference/openapi.json", "openapi"),
    ("docs/reference/schema.sql", "schema"),
];

#[test]
fn the_committed_references_are_what_the_code_has() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let elsewhere = tempfile::tempdir().unwrap();
    for (path, subject) in GENERATED {
        let committed = fs::read_to_string(root.join(path)).unwrap();
        let printed = stdout(elsewhere.path(), &["generate", subject]);
        assert!(
            committed.trim_end() == printed.trim_end(),
            "{path} is not what the code has: run `cargo xtask generate` and commit it"
        );
    }
}
