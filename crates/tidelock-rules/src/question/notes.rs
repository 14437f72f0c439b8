//! What is to be remarked about what an answer rests on.

use super::{Found, Question, input::major_minor, told};
use crate::report::{Class, Note, ResourceReport};

impl Question<'_> {
    /// What is to be remarked about the input, sorted.
    pub(super) fn notes(&self, found: &Found, remarks: Vec<Note>) -> Vec<Note> {
        let mut notes = [&*self.notes, &*found.notes].concat();
        notes.extend(remarks);
        let mut say = |code, message: String| notes.push(Note { code, message });
        if self.sources.is_none() && self.plan.recorded().is_none() && drifted_at_all(&found.resources) {
            let message = "no `.tf` sources were given, so `ignore_changes` cannot be seen";
            say("evidence::no_sources", message.to_owned());
        }
        if self.sources.is_none() && self.plan.recorded().is_some() {
            let message = "there are no sources in this saved plan: `ignore_changes`, `prevent_destroy` and the lines to edit are not known; name them with `--config DIR`";
            say("planfile::no_sources", message.to_owned());
        }
        if self.sources.is_some() && found.undeclared > 0 {
            let Found { wanted, undeclared, .. } = found;
            say(
                "config::other_sources",
                format!(
                    "the sources declare no block for {undeclared} of the {wanted} instances listed here that the plan keeps: are they the ones it was made from?"
                ),
            );
        }
        let version = self.plan.header().terraform_version.as_deref().unwrap_or_default();
        if major_minor(version).is_some_and(|version| version < (0, 15)) {
            let message =
                "Terraform before 0.15 writes no drift into a plan: nothing here says what changed outside";
            say("plan::no_drift_recorded", message.to_owned());
        }
        if let Some(stream) = self.plan.stream() {
            notes.extend(told::notes(stream, &found.resources));
        }
        notes.sort();
        notes.dedup();
        notes
    }
}

fn drifted_at_all(resources: &[ResourceReport]) -> bool {
    resources.iter().flat_map(|r| &r.divergences).any(|d| d.class != Class::Pending)
}
