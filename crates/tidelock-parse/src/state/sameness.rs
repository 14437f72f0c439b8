//! Whether values are the same, told from their texts: cheap, and most of the time the answer.

use super::{FormOfValues, StateInstance};
use crate::source::{Source, is_same_json};

impl StateInstance {
    /// Whether its values are the same text as those of another object, but for white space. "No" is not certain, as
    /// there are several ways to write one value. `source` must be the state's own ([`State::source`]), `of` that of the
    /// other one.
    ///
    /// [`State::source`]: super::State::source
    pub fn has_values_of(&self, source: &Source, other: &Self, of: &Source) -> bool {
        self.text(source).zip(other.text(of)).is_some_and(|(ours, theirs)| is_same_json(ours, theirs))
    }

    /// Whether anything in its values may be marked sensitive; "no" is certain.
    pub fn may_hold_marks(&self, source: &Source) -> bool {
        let marks = self.raw.sensitive.and_then(|raw| source.text(raw).ok());
        marks.is_some_and(|text| match self.raw.form {
            FormOfValues::Plain => text.contains("true"),
            FormOfValues::Wrapped => !matches!(text.trim(), "[]" | "null"),
        })
    }

    pub(crate) fn text<'s>(&self, source: &'s Source) -> Option<&'s str> {
        self.raw.attributes.and_then(|raw| source.text(raw).ok())
    }
}
