//! `tidelock demo`: a report of a real plan that is built in.

use tidelock::{Analysis, Source, config::MemoryTree};

use crate::{answer::Answer, args::DemoArgs, error::Failure, outcome::Outcome, terminal::Streams};

/// The files of a recorded stack.
macro_rules! stack {
    ($dir:literal: $plan:literal, $($source:literal),+) => {
        (
            include_bytes!(concat!("../../../../fixtures/", $dir, "/", $plan)),
            [$(($source, include_str!(concat!("../../../../fixtures/", $dir, "/", $source)))),+],
        )
    };
}

pub(super) fn run(args: &DemoArgs, streams: Streams) -> Result<Outcome, Failure> {
    let (plan, sources) = stack!("proxmox/memory_drift": "plan.json", "main.tf", "modules/vm/main.tf");
    let tree = MemoryTree::from(sources);
    let report = Analysis::new().config(&tree).drift(&Source::new("plan.json", plan.as_slice()))?;
    Answer::One(&report).write(&args.output, streams)?;
    // The verdict is that of the example.
    Ok(Outcome::Done)
}
