//! Looking after creative files.

use adstead_config::StorageBackend;
use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser, ValueParser};

use super::JsonArgs;

/// What can be done with creative files.
#[derive(Debug, Subcommand)]
pub enum StorageCommand {
    /// Store a small file in each place that the settings name, read it, list it and remove it; the exit code is 1 where that
    /// fails.
    Check(JsonArgs),
    /// Count files: the assets that are known, by type, and what is stored.
    Stats(JsonArgs),
    /// Remove what belongs to nothing: files without an asset, uploads that were never completed, files of which only parts
    /// were stored.
    ///
    /// Servers do so by themselves, every six hours. What is younger than `storage.orphans_after` or
    /// `storage.quarantine_after` stays, since it may be under way.
    #[command(after_help = "Example:\n  adstead storage gc --dry-run")]
    Gc {
        /// Only tell what would be removed.
        #[arg(long)]
        dry_run: bool,
        /// How the result is printed.
        #[command(flatten)]
        output: JsonArgs,
    },
    /// Read the file of every asset, and compare it with what was uploaded; the exit code is 1 where one differs.
    Verify(JsonArgs),
    /// Encrypt every file with the active key, or decrypt it where none is active.
    ///
    /// Interrupted, it goes on where it is run again. A key may only be taken out of the settings once no file needs it.
    Rekey(JsonArgs),
    /// Copy all files from one place to another, and read each copy back.
    ///
    /// Interrupted, it goes on where it stopped. Files are copied as they are stored: encrypted ones stay so. While it runs, let
    /// servers store in the new place and read the old one too: `storage.backend` names the new one, `storage.second`
    /// the old, `storage.second_role` is `backup`.
    #[command(after_help = "Example:\n  adstead storage migrate --from local --to s3")]
    Migrate {
        /// Where the files are.
        #[arg(long, value_parser = places())]
        from: StorageBackend,
        /// Where they shall be.
        #[arg(long, value_parser = places())]
        to: StorageBackend,
        /// How the result is printed.
        #[command(flatten)]
        output: JsonArgs,
    },
}

/// Places of files by their words, which help and errors list.
fn places() -> ValueParser {
    PossibleValuesParser::new(["local", "s3"])
        .map(|word| if word == "s3" { StorageBackend::S3 } else { StorageBackend::Local })
        .into()
}
