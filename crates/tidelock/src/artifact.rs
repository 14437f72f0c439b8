//! Artifacts that are looked at and compared.

use tidelock_parse::{Input, InputError, Kind, Plan, Source, State};
use tidelock_rules::{
    Comparison, Diff,
    diff::{Artifact, Named},
};

use crate::Error;

/// Reads a plan or a state, in whichever form. No bytes at all mean that there is no state, which is what `state pull`
/// prints then.
///
/// # Errors
/// [`Error`] if the source holds neither, something broken, or several of them.
pub fn read_artifact(source: &Source) -> Result<Artifact, Error> {
    if source.bytes().is_empty() {
        return Ok(Artifact::NoState);
    }
    // A big file is read in one pass, on the promise of its first keys.
    if let Some(document) = Input::presume(source) {
        let read = match document.kind {
            Kind::PlanJson => Plan::read(source, document.text).ok().map(Artifact::Plan),
            Kind::State => State::from_raw(source, document.text).ok().map(Artifact::State),
            _ => None,
        };
        if let Some(artifact) = read {
            return Ok(artifact);
        }
    }
    let input = Input::read(source)?;
    let [only] = input.documents.as_slice() else {
        let (input, artifacts) = (source.name().to_owned(), input.documents.len());
        return Err(Error::SeveralArtifacts { input, artifacts });
    };
    Ok(match only.kind {
        Kind::PlanJson => Artifact::Plan(Plan::read(&input.source, only.text)?),
        #[cfg(feature = "planfile")]
        Kind::SavedPlan => Artifact::Plan(Plan::from_saved(&input.source)?),
        Kind::State => Artifact::State(State::from_raw(&input.source, only.text)?),
        Kind::StateJson => Artifact::State(State::from_json(&input.source, only.text)?),
        kind => return Err(InputError::wrong_kind(source, kind, "a plan or a state").into()),
    })
}

/// What differs between two plans, two states, or a plan and a state, seen from the first; with the built-in schemas and
/// facts, see [`Comparison`] for others.
///
/// # Errors
/// [`Error`] if one of the sources cannot be read.
pub fn diff(from: &Source, to: &Source) -> Result<Diff, Error> {
    let [left, right] = [read_artifact(from)?, read_artifact(to)?];
    let named = |source, artifact| Named { name: Source::name(source), artifact };
    Ok(Comparison::new().diff(named(from, &left), named(to, &right))?)
}
