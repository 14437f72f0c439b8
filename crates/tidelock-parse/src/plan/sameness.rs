//! Whether values are the same, told from their texts: cheap, and most of the time the answer.

use super::{RawChangeText, RawValues, ResourceChange};
use crate::{
    source::{RawText, Source, is_same_json},
    state::StateInstance,
};

impl ResourceChange {
    /// Whether all its values and marks are the same text as those of another change, but for white space. "No" is not
    /// certain, as there are several ways to write one value. `source` must be the plan's own ([`Plan::source`]), `of`
    /// that of the other one.
    ///
    /// [`Plan::source`]: super::Plan::source
    pub fn has_values_of(&self, source: &Source, other: &Self, of: &Source) -> bool {
        let (Some(ours), Some(theirs)) = (self.texts(), other.texts()) else { return false };
        let pairs = [
            (ours.before, theirs.before),
            (ours.after, theirs.after),
            (ours.after_unknown, theirs.after_unknown),
            (ours.before_sensitive, theirs.before_sensitive),
            (ours.after_sensitive, theirs.after_sensitive),
        ];
        pairs.into_iter().all(|(ours, theirs)| is_same(source, ours, of, theirs))
    }

    /// Whether its value after is the text of the values of an object in a state, but for white space, with nothing left
    /// unknown. "No" is not certain. `source` must be the plan's own, `state` that of the state.
    pub fn leads_to(&self, source: &Source, instance: &StateInstance, state: &Source) -> bool {
        let Some(ours) = self.texts() else { return false };
        let text = |raw: Option<RawText>| raw.and_then(|raw| source.text(raw).ok());
        let known = text(ours.after_unknown).is_none_or(|unknown| !unknown.contains("true"));
        let after = text(ours.after);
        known && after.zip(instance.text(state)).is_some_and(|(ours, theirs)| is_same_json(ours, theirs))
    }

    /// Whether anything in its values may be marked sensitive; "no" is certain.
    pub fn may_hold_marks(&self, source: &Source) -> bool {
        // The marks of a saved plan are paths.
        let Some(ours) = self.texts() else { return true };
        let marks = [ours.before_sensitive, ours.after_sensitive];
        marks.into_iter().flatten().any(|raw| source.text(raw).is_ok_and(|text| text.contains("true")))
    }

    /// Its values as texts, as plan JSON has them.
    #[cfg_attr(
        not(feature = "planfile"),
        expect(clippy::unnecessary_wraps, reason = "saved plans have none")
    )]
    const fn texts(&self) -> Option<&RawChangeText> {
        match &self.raw {
            RawValues::Json(texts) => Some(texts),
            #[cfg(feature = "planfile")]
            RawValues::Saved(_) => None,
        }
    }
}

/// Whether two texts of two sources are the same, or both are missing.
fn is_same(source: &Source, ours: Option<RawText>, of: &Source, theirs: Option<RawText>) -> bool {
    match (ours, theirs) {
        (None, None) => true,
        (Some(ours), Some(theirs)) => match (source.text(ours), of.text(theirs)) {
            (Ok(ours), Ok(theirs)) => is_same_json(ours, theirs),
            _ => false,
        },
        _ => false,
    }
}
