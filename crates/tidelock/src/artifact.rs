//! Artifacts that are looked at and compared.

use tidelock_parse::{Input, InputError, Kind, Plan, Source, State, input::Document, state::StateFile};
use tidelock_rules::{
    Comparison, Diff,
    diff::{Artifact, Named},
    reality::NamedState,
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
    if let Some(document) = Input::presume(source)
        && let Ok(Some(artifact)) = artifact(source, document)
    {
        return Ok(artifact);
    }
    let input = Input::read(source)?;
    let [only] = input.documents.as_slice() else {
        let (input, artifacts) = (source.name().to_owned(), input.documents.len());
        return Err(Error::SeveralArtifacts { input, artifacts });
    };
    artifact(&input.source, *only)?
        .ok_or_else(|| InputError::wrong_kind(source, only.kind, "a plan or a state").into())
}

/// Reads a state, in either form, for a question about real objects. No bytes at all mean that there is no state, which is
/// what `state pull` prints then. `file` says where it was found, if it is one of several.
///
/// # Errors
/// [`Error`] if it is no state, or broken.
pub fn read_state(source: &Source, file: Option<StateFile>) -> Result<NamedState, Error> {
    let state = match read_artifact(source)? {
        Artifact::State(state) => Some(state),
        Artifact::NoState => None,
        _ => return Err(InputError::wrong_kind(source, Kind::PlanJson, "a state").into()),
    };
    Ok(NamedState { name: source.name().to_owned(), file, state })
}

/// The plan or state that a document is; `None` for every other kind.
pub(crate) fn artifact(source: &Source, document: Document) -> Result<Option<Artifact>, Error> {
    Ok(Some(match document.kind {
        Kind::PlanJson => Artifact::Plan(Plan::read(source, document.text)?),
        #[cfg(feature = "planfile")]
        Kind::SavedPlan => Artifact::Plan(Plan::from_saved(source)?),
        Kind::State => Artifact::State(State::from_raw(source, document.text)?),
        Kind::StateJson => Artifact::State(State::from_json(source, document.text)?),
        _ => return Ok(None),
    }))
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
