//! `tidelock man` and `tidelock completions`.

use clap::CommandFactory;

use crate::{
    args::Cli,
    error::{CliError, Failure},
    outcome::Outcome,
    output::Output,
};

pub(super) fn completions(shell: clap_complete::Shell) -> Result<Outcome, Failure> {
    Output::Stdout.write(|out| {
        clap_complete::generate(shell, &mut Cli::command(), "tidelock", out);
        Ok(())
    })?;
    Ok(Outcome::Done)
}

/// The page of the whole program, or of one command.
pub(super) fn page(name: Option<&str>) -> Result<Outcome, Failure> {
    let mut command = Cli::command();
    command.build();
    let command = match name {
        None => command,
        Some(name) => {
            let found = command.find_subcommand(name).cloned();
            found.ok_or_else(|| CliError::UnknownCommand { name: name.escape_debug().to_string() })?
        }
    };
    Output::Stdout.write(|out| clap_mangen::Man::new(command).render(out))?;
    Ok(Outcome::Done)
}
