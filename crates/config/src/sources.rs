use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use crate::fault::Fault;
use crate::layer::Layer;
use crate::nearest::did_you_mean;

/// The folder that is looked for in the working directory.
const DEFAULT_FOLDER: &str = "config";

/// Chooses the environment's file.
const ENVIRONMENT_VARIABLE: &str = "ADSTEAD_ENV";

/// The environment where nobody chose one.
const DEFAULT_ENVIRONMENT: &str = "development";

/// Where settings are read from. The default reads nothing, so that the built-in defaults stand.
#[derive(Clone, Default)]
pub struct Sources {
    /// The folder of the settings files, which must exist; none of its files has to.
    pub folder: Option<PathBuf>,
    /// Variables by name: `ADSTEAD_ENV` and `ADSTEAD__SECTION__KEY`. Others are left alone.
    pub variables: BTreeMap<String, OsString>,
}

impl Sources {
    /// The variables of this process, and `folder`; without one, `config` in the working directory where
    /// that exists.
    pub fn from_process(folder: Option<PathBuf>) -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value)))
            .filter(|(name, _)| name.starts_with("ADSTEAD_"))
            .collect();
        let folder = folder.or_else(|| Some(PathBuf::from(DEFAULT_FOLDER)).filter(|folder| folder.is_dir()));
        Self { folder, variables }
    }

    /// The environment's name: `ADSTEAD_ENV`, or `development`.
    pub(crate) fn environment(&self) -> String {
        match self.chosen_environment() {
            Some(name) => name.to_string_lossy().into_owned(),
            None => DEFAULT_ENVIRONMENT.to_owned(),
        }
    }

    fn chosen_environment(&self) -> Option<&OsStr> {
        self.variables.get(ENVIRONMENT_VARIABLE).map(OsString::as_os_str).filter(|name| !name.is_empty())
    }

    /// The layers, from the weakest to the strongest.
    pub(crate) fn layers(&self, faults: &mut Vec<Fault>) -> Vec<Layer> {
        let mut layers = vec![Layer::built_in()];
        let files = match &self.folder {
            Some(folder) => self.files(folder, faults),
            None => Vec::new(),
        };
        layers.extend(files.iter().map(|path| Layer::from_file(path, faults)));
        layers.push(Layer::from_variables(&self.variables, faults));
        layers
    }

    fn files(&self, folder: &Path, faults: &mut Vec<Fault>) -> Vec<PathBuf> {
        if !folder.is_dir() {
            let origin = folder.display().to_string();
            faults.push(Fault::of_source(
                origin,
                "there is no such folder of settings; create it or name another",
            ));
            return Vec::new();
        }
        let environment = self.environment();
        if let Err(message) = self.check_environment(folder, &environment) {
            faults.push(Fault::of_source(ENVIRONMENT_VARIABLE, message));
            return Vec::new();
        }
        ["default", &environment, "local"].map(|name| folder.join(format!("{name}.toml"))).into()
    }

    /// Who chooses an environment expects its file to be read, so a mistyped name must not pass in silence.
    fn check_environment(&self, folder: &Path, environment: &str) -> Result<(), String> {
        let is_name = environment.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if is_name
            && (self.chosen_environment().is_none() || folder.join(format!("{environment}.toml")).exists())
        {
            return Ok(());
        }
        let known = environments(folder);
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let hint = did_you_mean(environment, &known)
            .unwrap_or_else(|| format!("create it, or choose one of: {}", known.join(", ")));
        Err(format!("there is no {environment}.toml in {}; {hint}", folder.display()))
    }
}

/// Names only: a value may be a secret.
impl fmt::Debug for Sources {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&String> = self.variables.keys().collect();
        f.debug_struct("Sources").field("folder", &self.folder).field("variables", &names).finish()
    }
}

/// The environments that a folder has files for.
fn environments(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = files
        .filter_map(|file| file.file_name().into_string().ok()?.strip_suffix(".toml").map(str::to_owned))
        .filter(|name| !matches!(name.as_str(), "default" | "local"))
        .collect();
    names.sort();
    names
}
