//! Language models as LiteLLM's proxy plays them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Engine, PASSWORD, arguments, python};
use crate::folder::Folder;
use crate::{Backend, StartError};

pub(crate) struct LiteLlm {
    python: PathBuf,
    /// Names of models, with what each says.
    models: Vec<(String, String)>,
}

/// Runs its server.
const RUN: &str = include_str!("litellm.py");

const CONFIG: &str = "litellm.json";

/// It wants keys that begin so.
const KEY_PREFIX: &str = "sk-";

impl LiteLlm {
    pub(crate) fn find(models: Vec<(String, String)>) -> Result<Self, StartError> {
        Ok(Self { python: python::of(Backend::LiteLlm, "litellm")?, models })
    }

    pub(crate) fn key() -> String {
        format!("{KEY_PREFIX}{PASSWORD}")
    }

    /// Its settings, in the part of YAML that is JSON.
    fn config(&self) -> Value {
        let model = |(name, says): &(String, String)| {
            // Which one would be asked, were it not played, decides how its tokens are counted.
            let parameters =
                json!({ "model": "openai/gpt-4o-mini", "api_key": "none", "mock_response": says });
            json!({ "model_name": name, "litellm_params": parameters })
        };
        json!({
            "model_list": self.models.iter().map(model).collect::<Vec<_>>(),
            "litellm_settings": { "num_retries": 0 },
            "general_settings": { "master_key": Self::key() },
        })
    }
}

impl Engine for LiteLlm {
    fn program(&self) -> &Path {
        &self.python
    }

    fn version(&self, backend: Backend) -> Result<String, StartError> {
        python::version(backend, &self.python, "litellm")
    }

    fn prepare(&self, folder: &Folder) -> Result<(), StartError> {
        folder.write(CONFIG, &self.config().to_string())?;
        folder.run(Path::new("mkdir"), [folder.data()], None)
    }

    fn arguments(&self, folder: &Path, port: u16) -> Vec<OsString> {
        let mut words = arguments(["-c", RUN, "--telemetry", "False", "--host", "127.0.0.1"]);
        words.extend(arguments(["--port", &port.to_string(), "--config"]));
        words.push(folder.join(CONFIG).into());
        words
    }

    fn ready_line(&self) -> &'static str {
        "Uvicorn running on http://127.0.0.1:"
    }

    fn url(&self, port: u16) -> String {
        format!("http://127.0.0.1:{port}/v1")
    }
}
