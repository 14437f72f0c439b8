//! What opens encrypted states and plans.

use std::path::PathBuf;

use clap::Args;

const HEADING: &str = "Encrypted states and plans";

/// What opens encrypted states and plans. A passphrase is never an argument: other users of the machine could see it.
#[derive(Debug, Default, Args)]
pub(crate) struct KeyArgs {
    /// A passphrase, in a file (one line end behind it does not count); may be repeated. Else `TIDELOCK_PASSPHRASE` holds
    /// one, or `TF_ENCRYPTION` the configuration
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    pub passphrase_file: Vec<PathBuf>,

    /// Run the program of an `external` key provider that `TF_ENCRYPTION` or the sources name
    #[arg(long, help_heading = HEADING)]
    pub allow_external_key_command: bool,
}
