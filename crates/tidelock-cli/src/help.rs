//! Help in groups: what the commands are for comes before their names.

use std::fmt::Write as _;

use clap::Command;

/// Commands by what they are for.
const GROUPS: &[(&str, &[&str])] = &[
    ("Check", &["drift", "gate", "approve", "waive", "baseline", "protect", "init"]),
    ("Reconcile", &["reconcile", "retry", "rollback"]),
    (
        "Look",
        &["show", "diff", "graph", "summary", "explain", "rules", "schema", "demo", "completions", "man"],
    ),
];

const TEMPLATE: &str = "{about-with-newline}
{usage-heading} tidelock [COMMAND]
       tidelock PLAN...          the same as `tidelock drift PLAN...`

{before-help}Options:
{options}

Exit codes: 0 nothing that counts, 2 drift or something to decide, 3 blocked, 1 tidelock could not do its job.
";

/// The command with its subcommands listed in groups.
pub(crate) fn grouped(command: Command) -> Command {
    let mut list = String::new();
    for (group, names) in GROUPS {
        // Writing to a string cannot fail.
        let _ = writeln!(list, "{group}:");
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(list, "  {name:<12} {about}");
        }
        list.push('\n');
    }
    command.help_template(TEMPLATE).before_help(list.trim_end().to_owned())
}

/// What `tidelock` alone says: two commands to copy.
pub(crate) const FIRST_STEPS: &str = "\
tidelock tells real drift from noise in OpenTofu and Terraform plans. Two commands to copy:

  tidelock demo                                        # a report of a real plan that is built in
  tofu plan -out=p && tofu show -json p | tidelock -   # in the directory of your stack

`tidelock --help` lists the rest.
";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn every_command_is_in_one_group() {
        let command = crate::args::Cli::command();
        let mut known: Vec<&str> = command.get_subcommands().map(Command::get_name).collect();
        let mut grouped: Vec<&str> = GROUPS.iter().flat_map(|(_, names)| *names).copied().collect();
        known.sort_unstable();
        grouped.sort_unstable();
        assert_eq!(known, grouped);
    }
}
