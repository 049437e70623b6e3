//! The settings as an operator meets them: files, variables, and what is said when they are wrong.

#![expect(clippy::unwrap_used, reason = "the helpers of a test may fail it")]

mod faults;
mod layers;
mod reference;
mod secrets;

use std::path::PathBuf;

use adstead_config::{Loaded, Settings, SettingsError, Sources};
use tempfile::TempDir;

/// A folder of settings files, and variables.
struct Place {
    folder: TempDir,
    variables: Vec<(String, String)>,
}

fn place() -> Place {
    Place { folder: TempDir::new().unwrap(), variables: Vec::new() }
}

impl Place {
    fn file(self, name: &str, text: &str) -> Self {
        std::fs::write(self.folder.path().join(name), text).unwrap();
        self
    }

    fn variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn sources(&self) -> Sources {
        let variables = self.variables.iter().map(|(name, value)| (name.clone(), value.into())).collect();
        Sources { folder: Some(self.folder.path().to_owned()), variables }
    }

    fn load(&self) -> Result<Loaded, SettingsError> {
        Settings::load(&self.sources())
    }

    #[track_caller]
    fn loaded(&self) -> Loaded {
        self.load().unwrap_or_else(|error| panic!("{error}"))
    }

    /// The report of every fault, with the temporary folder shown as `config`.
    #[track_caller]
    fn report(&self) -> String {
        self.tidy(&self.load().expect_err("these settings are faulty").to_string())
    }

    fn tidy(&self, text: &str) -> String {
        text.replace(&self.folder.path().display().to_string(), "config")
    }
}
