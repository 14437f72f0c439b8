//! `tidelock waive` and `tidelock init`: what is written into `tidelock.toml`.

use std::{
    fs,
    io::{ErrorKind, Write},
    path::Path,
};

use tidelock::{
    ResourceAddr,
    policy::{self, Pattern, Policy, Waiver},
};

use crate::{
    args::WaiveArgs,
    error::{CliError, Failure},
    inputs::{Place, beside, printable},
    outcome::Outcome,
    policies::Way,
    surroundings,
};

/// Adds a waiver to the nearest policy file, if it is not in there; what is there stays as it is.
pub(super) fn waive(args: &WaiveArgs) -> Result<Outcome, Failure> {
    let way = Way::to(&args.config, None);
    let file = args.policy.clone().or_else(|| way.nearest_file()).unwrap_or_else(|| way.own_file());
    let waiver = waiver(args, &way, &file)?;
    let name = printable(file.strip_prefix(&way.root).unwrap_or(&file));
    let before = match Place::File(file.clone()).read() {
        Ok(source) => String::from_utf8(source.bytes().to_vec())
            .map_err(|_| policy::PolicyError::Encoding { file: name.clone() })?,
        Err(CliError::Missing { .. }) => String::new(),
        Err(error) => return Err(error.into()),
    };
    Policy::check(&name, &before)?;
    if waiver.is_in(&before) {
        return super::print(&format!(
            "{name}: {} is waived at {} until {} already; nothing was written\n",
            waiver.rule, waiver.address, waiver.until
        ));
    }
    let after = waiver.append_to(&before);
    Policy::check(&name, &after)?;
    fs::write(&file, after).map_err(|source| CliError::Unwritable { path: file, source })?;
    super::print(&format!("{name}: {} is waived at {} until {}\n", waiver.rule, waiver.address, waiver.until))
}

fn waiver(args: &WaiveArgs, way: &Way, file: &Path) -> Result<Waiver, Failure> {
    let rule = super::rules::find_typed(&args.rule)?;
    let wrong = |what: &'static str| CliError::Waiver { what };
    if args.owner.trim().is_empty() || args.reason.trim().is_empty() {
        return Err(wrong("a waiver needs an owner and a reason").into());
    }
    if args.until < surroundings::today() {
        return Err(wrong("the day after which the waiver ends is over").into());
    }
    // A pattern is not checked; an address can be.
    if args.address.is_exact() {
        let address = args.address.as_str();
        address.parse::<ResourceAddr>().map_err(|error| CliError::WaivedAddress {
            address: address.to_owned(),
            stopped: address.get(error.at..).unwrap_or_default().to_owned(),
        })?;
    }
    let mut waiver =
        Waiver::new(rule.code, args.address.clone(), args.reason.trim(), args.owner.trim(), args.until);
    waiver.path.clone_from(&args.path);
    // A file above several stacks speaks to all of them, which nobody asked for.
    if args.policy.is_none() && file != way.own_file() {
        waiver.stack = way.stack.parse::<Pattern>().ok();
    }
    Ok(waiver)
}

/// Writes a policy to start from, and nothing over one that is there.
pub(super) fn init(dir: &Path) -> Result<Outcome, Failure> {
    let path = beside(dir, policy::FILE_NAME);
    let unwritable = |source| CliError::Unwritable { path: path.clone(), source };
    match fs::File::create_new(&path) {
        Ok(mut file) => {
            file.write_all(policy::STARTER.as_bytes()).map_err(unwritable)?;
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            return Err(CliError::PolicyExists { path: printable(&path) }.into());
        }
        Err(error) => return Err(unwritable(error).into()),
    }
    super::print(&next_steps(&path))
}

fn next_steps(path: &Path) -> String {
    format!(
        "{}: written; every line in it is a comment until you want it\n\
         next: `tidelock baseline write PLAN -o tidelock.baseline.json` accepts what is there today,\n\
         \x20     `tidelock protect --write` keeps what has prevent_destroy, even if its block is deleted\n",
        printable(path)
    )
}
