//! The files that the code writes: committed, so that a reader needs no build; a test of the server
//! looks whether they are true.

use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use clap::Args;

use crate::cargo::{adstead, output, root};

/// Writes docs/CONFIGURATION.md and docs/reference/{openapi.json,schema.sql} as the code has them
#[derive(Args)]
pub(crate) struct Generate {}

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
    pub(crate) fn run(&self) -> Result<()> {
        for file in GENERATED {
            let wanted = file.generate()?;
            if file.committed()? != wanted {
                file.write(&wanted)?;
                println!("wrote {}", file.path);
            }
        }
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
