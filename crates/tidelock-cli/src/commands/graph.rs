//! `tidelock graph`: what refers to what, coloured by what the plan does.

use tidelock::{Analysis, render::graph};

use crate::{
    args::{GraphArgs, GraphFormat, StackArgs},
    error::{CliError, Failure},
    inputs::Place,
    keyring::KeyRing,
    outcome::Outcome,
    output::Output,
    surroundings::Sources,
    terminal::Streams,
};

pub(super) fn run(args: &GraphArgs, _streams: Streams) -> Result<Outcome, Failure> {
    let keys = KeyRing::new(&args.keys)?;
    let place = Place::from(&args.plan);
    let stack = StackArgs { config: args.config.clone(), ..StackArgs::default() };
    let sources = Sources::of(&place, None, &stack)?;
    let analysis = sources.lend(Analysis::new());
    let view = analysis.graph(&keys.read(&place, args.config.as_deref())?, args.focus.as_ref())?;
    if let Some(focus) = args.focus.as_ref().filter(|_| view.nodes.is_empty()) {
        return Err(CliError::NothingInFocus { focus: focus.to_string() }.into());
    }
    Output::new(args.output.as_deref()).write(|out| match args.format {
        GraphFormat::Dot => graph::dot(&view, out),
        GraphFormat::Mermaid => graph::mermaid(&view, out),
        GraphFormat::Json => graph::json(&view, out),
    })?;
    Ok(Outcome::Done)
}
