//! The files that the code writes: committed, so that a reader needs no build, and checked, so that they are true.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::cargo::{adstead, output, root};

/// Writes docs/CONFIGURATION.md and docs/reference/{openapi.json,schema.sql} as the code has them
#[derive(Args)]
pub(crate) struct Generate {
    /// Change nothing, and fail where a file is not what the code has
    #[arg(long)]
    check: bool,
}

/// A file, and what to ask `adstead generate` for.
struct Generated {
    path: &'static str,
    subject: &'static str,
}

const GENERATED: &[Generated] = &[
    Generated { path: "docs/CONFIGURATION.md", subject: "config-reference" },
    Generated { path: "docs/reference/openapi.json", subject: "openapi" },
    Generated { path: "docs/reference/schema.sql", subject: "schema" },
];

impl Generate {
    /// Looks whether the files are up to date.
    pub(crate) fn check() -> Self {
        Self { check: true }
    }

    pub(crate) fn run(&self) -> Result<()> {
        let mut stale = Vec::new();
        for file in GENERATED {
            let wanted = file.generate()?;
            if file.committed()? == wanted {
                continue;
            }
            if self.check {
                stale.push(file.path);
            } else {
                file.write(&wanted)?;
                println!("wrote {}", file.path);
            }
        }
        ensure!(
            stale.is_empty(),
            "{} is not what the code has: run `cargo xtask generate`",
            stale.join(" and ")
        );
        Ok(())
    }
}

impl Generated {
    /// What the file should hold, ending with one line break.
    fn generate(&self) -> Result<String> {
        let text = output(&mut adstead(&["generate", self.subject]))?;
        Ok(format!("{}\n", text.trim_end()))
    }

    fn committed(&self) -> Result<String> {
        match fs::read_to_string(root().join(self.path)) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
            read => read.with_context(|| format!("cannot read {}", self.path)),
        }
    }

    fn write(&self, text: &str) -> Result<()> {
        let path = root().join(self.path);
        let folder = path.parent().expect("a file in the workspace has a folder");
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", self.path))
    }
}
