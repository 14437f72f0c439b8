//! `tidelock demo`: a report of a real plan that is built in.

use tidelock::{Analysis, Source, config::MemoryTree};

use crate::{answer::Answer, args::DemoArgs, error::Failure, outcome::Outcome, terminal::Streams};

/// The recorded plan; `demo/` holds a copy of `fixtures/proxmox/memory_drift`, because a package has no other files
/// than its own.
const PLAN: &[u8] = include_bytes!("../../demo/plan.json");
/// The sources that it was made from.
const SOURCES: [(&str, &str); 2] = [
    ("main.tf", include_str!("../../demo/main.tf")),
    ("modules/vm/main.tf", include_str!("../../demo/modules/vm/main.tf")),
];

pub(super) fn run(args: &DemoArgs, streams: Streams) -> Result<Outcome, Failure> {
    let tree = MemoryTree::from(SOURCES);
    let report = Analysis::new().config(&tree).drift(&Source::new("plan.json", PLAN))?;
    Answer::One(&report).write(&args.output, streams)?;
    // The verdict is that of the example.
    Ok(Outcome::Done)
}
