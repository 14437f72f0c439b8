//! What happened to a path, in words: the same sentence for every format made for people.
//!
//! Words, not an arrow: `tofu plan` writes actual → desired, and the same drift must not read reversed beside
//! it.

use std::{borrow::Cow, collections::BTreeMap};

use tidelock_parse::{Action, Shown};
use tidelock_rules::{
    catalogue::Holds,
    report::{
        Class, Divergence, ElementChanges, Elements, Evidence, Normaliser, OutputReport, Reason,
        ResourceReport,
    },
};

use crate::{
    escape::printable,
    value::{self, Limits},
};

mod planned;

pub(crate) use planned::planned;

/// A part of a phrase. Both kinds are printable; what a format needs on top is its own matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// A sentence, or a part of one.
    Words(Cow<'static, str>),
    /// A name or value from an artifact, to be set apart where the format can.
    Code(String),
}

/// A sentence without its full stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Phrase(Vec<Piece>);

impl Phrase {
    pub(crate) fn words(words: impl Into<Cow<'static, str>>) -> Self {
        Self::default().say(words)
    }

    pub(crate) fn say(mut self, words: impl Into<Cow<'static, str>>) -> Self {
        self.0.push(Piece::Words(words.into()));
        self
    }

    /// Appends a sentence that may hold parts of an artifact.
    pub(crate) fn text(self, text: &str) -> Self {
        if text.is_empty() { self } else { self.say(printable(text)) }
    }

    /// Appends a name or value from an artifact.
    pub(crate) fn code(mut self, text: &str) -> Self {
        self.0.push(Piece::Code(printable(text)));
        self
    }

    /// Appends a value that has been made printable already.
    fn value(mut self, text: String) -> Self {
        self.0.push(Piece::Code(text));
        self
    }

    /// Appends `next` behind `separator`, which is left out at the beginning.
    pub(crate) fn then(mut self, separator: &'static str, next: Self) -> Self {
        if next.is_empty() {
            return self;
        }
        if !self.is_empty() {
            self = self.say(separator);
        }
        self.0.extend(next.0);
        self
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// The phrase as plain text.
    pub(crate) fn plain(&self) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Words(words) => words.to_string(),
            Piece::Code(code) => code.clone(),
        };
        self.0.iter().map(text).collect()
    }
}

/// What happened to one path of a resource, and what apply does about it.
pub(crate) fn divergence(resource: &ResourceReport, divergence: &Divergence, limits: Limits) -> Phrase {
    let separator = if divergence.elements.is_some() { "; " } else { ", " };
    let phrase = if divergence.path.is_root() {
        whole(resource, divergence)
    } else {
        let values = Values::new(divergence, limits);
        values.outside().then(separator, values.apply(resource))
    };
    let phrase = phrase.then(separator, quiet(divergence));
    match remark(resource, divergence) {
        remarks if remarks.is_empty() => phrase,
        remarks => phrase.say(format!(" ({})", remarks.join(", "))),
    }
}

/// What happened to one path and what apply makes of it, without what follows for the resource.
pub(crate) fn difference(divergence: &Divergence, limits: Limits) -> Phrase {
    let values = Values::new(divergence, limits);
    match (divergence.class, &divergence.desired) {
        (Class::Pending, Some(Shown::Unknown)) => Phrase::words("is ")
            .value(values.actual.clone())
            .say(", will be ")
            .value(value::UNKNOWN.to_owned()),
        (Class::Pending, Some(Shown::Redacted { .. })) => {
            Phrase::default().value(value::SENSITIVE.to_owned()).say(" changes")
        }
        (Class::Pending, Some(_)) => {
            Phrase::words("is ").value(values.actual.clone()).say(", will be ").value(values.desired.clone())
        }
        (_, None) => values.outside(),
        (Class::Conflicting, Some(_)) => {
            values.outside().then(", ", Phrase::words("apply wants ").value(values.desired.clone()))
        }
        (_, Some(_)) => values.outside().then(", ", values.set_back()),
    }
}

/// A resource that is gone, new, or removed as a whole.
fn whole(resource: &ResourceReport, divergence: &Divergence) -> Phrase {
    let words = match divergence.class {
        Class::DeletedOutside => {
            let new = if resource.holds == Holds::Data { "a new, empty one" } else { "a new one" };
            let creates = if divergence.desired.is_some() || resource.actions.creates() {
                "apply creates"
            } else {
                "a plain apply would create"
            };
            return Phrase::words(format!("gone; {creates} {new}"));
        }
        Class::Converged => "gone, and the configuration no longer wants it",
        Class::Superseded if resource.actions == Action::Forget => {
            "changed outside, and it leaves the state anyway; the object stays alive"
        }
        Class::Superseded => "changed outside, and apply removes it anyway",
        Class::Reverting if divergence.reason == Some(Reason::ValuesMissing) => {
            return Phrase::words(match &resource.actions {
                action if action.is_replace() => format!("changed outside, apply {}", replacement(resource)),
                _ => "changed outside, and apply changes it: maybe back".to_owned(),
            });
        }
        Class::Unmanaged if divergence.reason == Some(Reason::ValuesMissing) => {
            "changed outside, and nothing is planned for it"
        }
        Class::Pending if divergence.reason == Some(Reason::Sensitivity) => {
            "only the marking as sensitive changes"
        }
        Class::Pending => match &resource.actions {
            _ if resource.deposed.is_some() => "apply destroys the deposed object",
            Action::Create => "apply creates it",
            Action::Delete => "apply destroys it",
            Action::Forget => "apply forgets it; the object stays alive",
            action if action.is_replace() => {
                return Phrase::words(format!("apply {}", replacement(resource)));
            }
            Action::Update => "apply changes it",
            Action::NoOp => "apply leaves it as it is",
            other => return Phrase::words("apply does ").code(&other.to_string()),
        },
        _ => "changed outside as a whole",
    };
    Phrase::words(words)
}

/// Characters beyond which a value is not written a second time.
const SHORT: usize = 40;

/// The three values of a path, as text.
struct Values<'a> {
    divergence: &'a Divergence,
    recorded: String,
    actual: String,
    desired: String,
    limits: Limits,
}

impl<'a> Values<'a> {
    fn new(divergence: &'a Divergence, limits: Limits) -> Self {
        let (recorded, actual) = value::pair(&divergence.recorded, &divergence.actual, limits);
        let desired = match &divergence.desired {
            Some(desired) if *desired == divergence.recorded => recorded.clone(),
            Some(desired) => value::pair(desired, &divergence.actual, limits).0,
            None => String::new(),
        };
        Self { divergence, recorded, actual, desired, limits }
    }

    /// What happened outside: recorded against actual.
    fn outside(&self) -> Phrase {
        let Divergence { class, recorded, actual, elements, .. } = self.divergence;
        if *class == Class::Pending {
            return Phrase::default();
        }
        if let Some(Elements { outside, .. }) = elements {
            let changes = element_changes(outside, ["added ", "removed ", "moved "], self.limits);
            if !changes.is_empty() {
                return changes.say(" outside");
            }
        }
        match (recorded, actual) {
            (Shown::Redacted { same: a }, Shown::Redacted { same: b }) => Phrase::default()
                .value(value::SENSITIVE.to_owned())
                .say(if a == b { " unchanged" } else { " changed" }),
            (Shown::Absent, _) => Phrase::words("was not set, now ").value(self.actual.clone()),
            (_, Shown::Absent) => Phrase::words("was ").value(self.recorded.clone()).say(", now gone"),
            _ if self.recorded == self.actual && self.divergence.cosmetic.is_some() => {
                Phrase::default().value(self.actual.clone())
            }
            _ if self.recorded == self.actual => {
                Phrase::default().value(self.actual.clone()).say(" changed in a part that is not shown")
            }
            _ => Phrase::words("was ").value(self.recorded.clone()).say(", now ").value(self.actual.clone()),
        }
    }

    /// What an apply does: actual against desired.
    fn apply(&self, resource: &ResourceReport) -> Phrase {
        let Divergence { class, desired, replaces, .. } = self.divergence;
        let change = match (class, desired) {
            (Class::Reverting | Class::Conflicting, None) => Phrase::words("a plain apply would set it back"),
            (Class::Reverting | Class::Conflicting | Class::Pending, Some(desired)) => {
                self.change(desired, resource)
            }
            _ => Phrase::default(),
        };
        if *replaces && resource.actions.is_replace() && !change.is_empty() {
            return change.say(": ").say(replacement(resource));
        }
        change
    }

    fn change(&self, desired: &Shown, resource: &ResourceReport) -> Phrase {
        let Divergence { class, actual, elements, replaces, .. } = self.divergence;
        if let Some(Elements { apply: Some(apply), .. }) = elements {
            let changes = element_changes(apply, ["adds ", "removes ", "moves "], self.limits);
            if changes.plain().chars().count() > SHORT && self.undoes(apply) {
                return Phrase::words("apply undoes that");
            }
            if !changes.is_empty() {
                return Phrase::words("apply ").then("", changes);
            }
        }
        let reverting = *class == Class::Reverting;
        match (desired, actual) {
            (Shown::Unknown, _) if *class == Class::Pending => Phrase::words("apply changes ")
                .value(self.actual.clone())
                .say(", the new value is ")
                .value(value::UNKNOWN.to_owned()),
            (Shown::Redacted { same: a }, Shown::Redacted { same: b }) if !reverting => {
                Phrase::words(if a == b { "apply keeps it" } else { "apply changes it to another value" })
            }
            (Shown::Redacted { .. }, _) if reverting => Phrase::words("apply sets it back"),
            (Shown::Absent, _) => Phrase::words("apply removes it"),
            (_, Shown::Absent) if *class == Class::Pending => {
                Phrase::words("apply sets it to ").value(self.desired.clone())
            }
            _ if *class == Class::Pending => Phrase::words("apply changes ")
                .value(self.actual.clone())
                .say(" to ")
                .value(self.desired.clone()),
            _ if reverting && !(*replaces && resource.actions.is_replace()) => self.set_back(),
            _ => Phrase::words("apply wants ").value(self.desired.clone()),
        }
    }

    /// Whether apply does the opposite of what was done outside.
    fn undoes(&self, apply: &ElementChanges) -> bool {
        let outside = self.divergence.elements.as_ref().map(|elements| &elements.outside);
        outside.is_some_and(|outside| outside.added == apply.removed && outside.removed == apply.added)
    }

    fn set_back(&self) -> Phrase {
        if self.desired.chars().count() > SHORT.min(self.limits.chars) {
            return Phrase::words("apply sets it back");
        }
        Phrase::words("apply sets it back to ").value(self.desired.clone())
    }
}

/// What happens to a root output.
pub(crate) fn output(output: &OutputReport, limits: Limits) -> Phrase {
    let (before, after) = value::pair(&output.before, &output.after, limits);
    Phrase::default().code(&output.name).say(": was ").value(before).say(", apply sets it to ").value(after)
}

/// `verbs`: for what is added, removed and moved.
pub(crate) fn element_changes(changes: &ElementChanges, verbs: [&'static str; 3], limits: Limits) -> Phrase {
    let groups = [&changes.added, &changes.removed, &changes.moved];
    verbs.into_iter().zip(groups).fold(Phrase::default(), |phrase, (verb, elements)| {
        phrase.then(", ", if elements.is_empty() { Phrase::default() } else { list(verb, elements, limits) })
    })
}

fn list(verb: &'static str, elements: &[Shown], limits: Limits) -> Phrase {
    let shown = elements.iter().take(limits.elements);
    let phrase = shown.fold(Phrase::default(), |phrase, element| {
        phrase.then(", ", Phrase::default().value(value::text(element, limits)))
    });
    let phrase = Phrase::words(verb).then("", phrase);
    match elements.len().saturating_sub(limits.elements) {
        0 => phrase,
        more => phrase.say(format!(" and {more} more")),
    }
}

/// Why a divergence is none of anybody's business.
fn quiet(divergence: &Divergence) -> Phrase {
    let cosmetic = divergence.cosmetic.map_or_else(Phrase::default, |normaliser| {
        Phrase::words(format!("equal but for {}", normaliser_words(normaliser)))
    });
    if divergence.class == Class::Ignored {
        return ignored(divergence).then(", ", cosmetic);
    }
    if !cosmetic.is_empty() {
        return cosmetic;
    }
    let at_root = divergence.path.is_root();
    let words = match (divergence.class, divergence.reason) {
        (Class::Computed, Some(Reason::Volatile)) => "which changes by itself",
        (Class::Computed, Some(Reason::Companion)) => "which another resource of the plan fills",
        (Class::Computed, Some(Reason::Tainted)) => "left behind by a failed creation",
        (Class::Computed, _) => "computed by the provider",
        (Class::Converged, _) if !at_root => "which is what the configuration says",
        (Class::Suppressed, Some(Reason::Unevaluated)) => {
            "apply leaves it; the configuration sets it to something not known here"
        }
        (Class::Suppressed, Some(Reason::NoSources)) => {
            "apply leaves it, as ignore_changes would; give the sources with --config to be sure"
        }
        (Class::Suppressed, _) => "apply leaves it, though the configuration says otherwise",
        (Class::Superseded, _) if !at_root => "apply removes the resource anyway",
        (Class::Unmanaged, Some(Reason::ValuesMissing)) => return Phrase::default(),
        (Class::Unmanaged, Some(Reason::UnknownOwner)) => {
            "apply leaves it; configuration or provider, nobody can tell who owns it"
        }
        (Class::Unmanaged, _) => "apply leaves it: the configuration is silent about it",
        _ => return Phrase::default(),
    };
    Phrase::words(words)
}

fn ignored(divergence: &Divergence) -> Phrase {
    let Some(entry) = &divergence.ignore_entry else {
        return Phrase::words("covered by ignore_changes");
    };
    let phrase = Phrase::words("covered by ignore_changes ").code(&entry.text);
    match &entry.location {
        Some(place) => phrase.say(" in ").code(&place.to_string()),
        None => phrase,
    }
}

/// What the reader should know on top.
fn remark(resource: &ResourceReport, divergence: &Divergence) -> Vec<String> {
    let mut remarks = Vec::new();
    let changes = matches!(divergence.class, Class::Reverting | Class::Conflicting | Class::Pending);
    let in_place = !resource.actions.is_replace();
    if divergence.disruptive && changes && in_place {
        remarks.push(disruption(resource));
    }
    if divergence.guards && divergence.drift {
        remarks.push("security-relevant".to_owned());
    }
    let unknown = matches!(divergence.desired, Some(Shown::Unknown));
    if divergence.until_apply && !unknown {
        remarks.push("decided only during apply".to_owned());
    }
    remarks
}

/// What a class rests on, for those who ask.
pub(crate) fn evidence(divergence: &Divergence) -> Phrase {
    let words = match divergence.evidence {
        Evidence::None => return Phrase::default(),
        Evidence::Sources => "known from the sources",
        Evidence::Schema => "known from the schema",
        Evidence::Catalogue => "known from the catalogue",
        Evidence::Configuration => "known from the plan's configuration",
        other => return Phrase::words(format!("known from {other}")),
    };
    match &divergence.evidence_source {
        Some(source) => Phrase::words(words).say(" ").code(source),
        None => Phrase::words(words),
    }
}

/// What a replacement does to the object, in the order in which it happens.
fn replacement(resource: &ResourceReport) -> String {
    let noun = printable(&resource.noun);
    match &resource.actions {
        Action::CreateThenDelete => format!("creates a new {noun}, then destroys this one"),
        Action::ForgetThenCreate | Action::CreateThenForget => {
            format!("creates a new {noun} and forgets this one, which stays alive")
        }
        _ => format!("destroys and recreates the {noun}"),
    }
}

pub(crate) fn disruption(resource: &ResourceReport) -> String {
    let noun = printable(&resource.noun);
    let runs = ["VM", "instance", "server", "machine", "container", "node", "droplet"]
        .iter()
        .any(|word| noun.ends_with(word));
    format!("{} the {noun}", if runs { "restarts" } else { "interrupts" })
}

pub(crate) const fn normaliser_words(normaliser: Normaliser) -> &'static str {
    match normaliser {
        Normaliser::Json => "the formatting of JSON",
        Normaliser::SetOrder => "the order of a set",
        Normaliser::Empty => "null against empty",
        Normaliser::NumberText => "a number written as text",
        Normaliser::TrailingNewline => "a newline at the end",
        Normaliser::Crlf => "Windows line ends",
        Normaliser::SshKey => "the comment of a public key",
        Normaliser::Instant => "the spelling of a time",
        Normaliser::Case => "upper and lower case",
        _ => "its spelling",
    }
}

/// `holds data`, with what is lost; empty where nothing is.
pub(crate) fn holds(resource: &ResourceReport) -> Option<String> {
    if resource.holds == Holds::Nothing {
        return None;
    }
    let assumed = if resource.holds_assumed { " (assumed)" } else { "" };
    Some(format!("holds {}{assumed}", resource.holds.as_str()))
}

/// How many instances depend on it, in words.
pub(crate) fn dependents(resource: &ResourceReport) -> Phrase {
    match resource.dependents {
        None => Phrase::default(),
        Some(0) => Phrase::words("nothing depends on it"),
        Some(1) => Phrase::words("1 resource depends on it"),
        Some(n) => Phrase::words(format!("{n} resources depend on it")),
    }
}

/// `1 to add, 2 to destroy`: instances by action, in the order people know from `tofu plan`.
pub(crate) fn actions(counts: &BTreeMap<String, usize>) -> String {
    let rank = |action: &str| match action {
        "create" => (0, "to add"),
        "update" => (1, "to change"),
        "replace" | "delete,create" | "create,delete" => (2, "to replace"),
        "delete" => (3, "to destroy"),
        "forget" => (4, "to forget"),
        "import" => (5, "to import"),
        "move" => (6, "to move"),
        _ => (7, ""),
    };
    let mut parts: Vec<((u8, &str), &str, usize)> = counts
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(action, count)| (rank(action), action.as_str(), *count))
        .collect();
    parts.sort_unstable();
    let text = |((_, words), action, count): &((u8, &str), &str, usize)| {
        if words.is_empty() {
            format!("{count} to {}", printable(action))
        } else {
            format!("{count} {words}")
        }
    };
    parts.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_keep_the_order_of_a_plan_and_never_hide_an_unknown_one() {
        let counts = BTreeMap::from(
            [("delete", 1), ("create", 2), ("relocate", 3), ("update", 0)].map(|(k, v)| (k.to_owned(), v)),
        );
        assert_eq!(actions(&counts), "2 to add, 1 to destroy, 3 to relocate");
    }
}
