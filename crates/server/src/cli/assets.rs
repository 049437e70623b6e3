//! Creative files, as a client of a server sends them.

use std::path::PathBuf;

use adstead_domain::{AssetName, ContentType};
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};
use clap::{Args, Subcommand};

use super::JsonArgs;

/// What can be done with creative files as a client.
#[derive(Debug, Subcommand)]
pub enum AssetsCommand {
    /// Upload files, and print the asset that each became.
    ///
    /// A file that the account has already is answered with the asset that it has.
    #[command(after_help = UPLOAD_EXAMPLES)]
    Upload(UploadArgs),
}

const UPLOAD_EXAMPLES: &str = "\
Examples:
  ADSTEAD_KEY=adstead_0123… adstead assets upload hero.png story.mp4
  adstead assets upload --server https://ads.example.com --direct film.mp4
                                      past the API, to where files are kept";

/// Which files are uploaded, and where to.
#[derive(Debug, Args)]
pub struct UploadArgs {
    /// The files.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// The address of the server.
    #[arg(long, value_name = "URL", env = "ADSTEAD_SERVER", default_value = "http://127.0.0.1:8080")]
    pub server: String,
    /// The key of somebody who may write. As a variable nobody sees it in the list of processes.
    #[arg(long, value_name = "KEY", env = "ADSTEAD_KEY", hide_env_values = true)]
    pub key: String,
    /// What people call the file; without it, its name on the disk. For one file only.
    #[arg(long)]
    pub name: Option<AssetName>,
    /// Store the file where it is kept, past the API.
    #[arg(long)]
    pub direct: bool,
    /// The type of the files; without it, as the ends of their names say.
    #[arg(long = "type", value_name = "TYPE", value_parser = content_types())]
    pub content_type: Option<ContentType>,
    /// How the result is printed.
    #[command(flatten)]
    pub output: JsonArgs,
}

fn content_types() -> ValueParser {
    let words = ContentType::ALL.map(ContentType::as_str);
    PossibleValuesParser::new(words)
        .try_map(|word| word.parse::<ContentType>().map_err(|fault| fault.message().to_owned()))
        .into()
}
