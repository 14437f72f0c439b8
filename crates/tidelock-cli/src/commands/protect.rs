//! `tidelock protect`: keeps the protection lock.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use tidelock::{
    Configuration, Lock,
    lock::{self, Stale},
};

use crate::{
    args::ProtectArgs,
    error::{CliError, Failure},
    inputs::{Place, beside, printable},
    outcome::Outcome,
    output::Output,
    terminal::Streams,
    tree::DirectoryTree,
};

/// Exit code of a lock that is not what the sources say: somebody must look.
const DIFFERS: u8 = 3;

pub(super) fn run(args: &ProtectArgs, streams: Streams) -> Result<Outcome, Failure> {
    if !args.config.is_dir() {
        return Err(CliError::NoConfigDirectory { path: printable(&args.config) }.into());
    }
    let tree = DirectoryTree::new(&args.config);
    if !tree.has_sources() {
        return Err(CliError::NoSources { path: printable(&args.config) }.into());
    }
    let sources = Configuration::load(&tree, &BTreeMap::new());
    for problem in sources.diagnostics() {
        streams.report(problem);
    }
    let path = args.lock.clone().unwrap_or_else(|| beside(&args.config, lock::FILE_NAME));
    let old = if path.exists() { Lock::read(&Place::File(path.clone()).read()?)? } else { Lock::default() };
    let now = Lock::of(&sources);
    if args.write {
        return write(args, path, old, now);
    }
    let missing = old.missing(&now);
    let mut text = String::new();
    for (address, entry) in now.entries() {
        let state = if missing.contains(&address) { "not in the lock" } else { "in the lock" };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{address}  {}  {state}", entry.at.as_deref().unwrap_or_default());
    }
    let lost: Vec<_> = old.entries().filter(|(pattern, _)| now.lost(pattern)).collect();
    for (address, entry) in &lost {
        let _ = writeln!(
            text,
            "{address}  {}  in the lock, not protected",
            entry.at.as_deref().unwrap_or_default()
        );
    }
    if text.is_empty() {
        text.push_str("nothing has prevent_destroy\n");
    }
    super::print(&text)?;
    let differs = args.check && (!missing.is_empty() || !lost.is_empty());
    Ok(if differs { Outcome::Answered(DIFFERS) } else { Outcome::Done })
}

fn write(args: &ProtectArgs, path: PathBuf, mut lock: Lock, now: Lock) -> Result<Outcome, Failure> {
    lock.update(now, if args.prune { Stale::Remove } else { Stale::Keep });
    let text = lock.to_toml();
    let name = printable(&path);
    Output::File(path).write(|out| {
        out.extend_from_slice(text.as_bytes());
        Ok(())
    })?;
    let count = lock.entries().len();
    super::print(&format!("{name}: {count} protected; commit it beside the code\n"))
}
