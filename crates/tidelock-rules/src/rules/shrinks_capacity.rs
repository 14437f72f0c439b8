//! TL210 `shrinks-capacity`.

use tidelock_parse::{Action, AttrPath, Value};

use crate::{
    capacity::{self, Loss},
    context::{Context, Subject},
    instance::Triple,
    report::{Class, Severity},
    rule::{Rule, RuleMeta, Sink, declare_rule},
    wording,
};

/// Losses that a message names.
const NAMED: usize = 3;

declare_rule! {
    /// Something that holds data, keys or identity shrinks or loses a safety, in place.
    ///
    /// ## What it finds
    ///
    /// An update in place of a stateful instance that takes something away: a disk, size, number of nodes or replicas, capacity,
    /// retention, backups, deletion protection, encryption, versioning, high availability; or that switches on what destroys contents,
    /// such as `force_destroy`, `skip_final_snapshot`, or a time after which they expire.
    ///
    /// ## Why it matters
    ///
    /// Nothing is destroyed, so nobody looks. The backups of last week are gone all the same, and `deletion_protection = false` is
    /// the first half of a deletion.
    ///
    /// ## Example
    ///
    /// `backup_retention_period` goes from 14 to 0. Apply deletes all automatic backups.
    ///
    /// ## What to do
    ///
    /// See that it is meant.
    ///
    /// ## What it misses
    ///
    /// Arguments are judged by the words of their names. Classes and tiers (`db.r6g.large`) have no order here, and where one element
    /// of a list of blocks goes that is no disk, nobody looks what was in it.
    pub struct ShrinksCapacity {
        code: "TL210",
        name: "shrinks-capacity",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for ShrinksCapacity {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for (subject, triple) in context.changed() {
            if subject.resource.actions != Action::Update || !subject.is_stateful() {
                continue;
            }
            let losses = losses(subject, triple);
            let Some((first, _)) = losses.first() else { continue };
            let mut told: Vec<String> = losses.iter().take(NAMED).map(|(_, told)| told.clone()).collect();
            if losses.len() > NAMED {
                told.push(format!("{} more", losses.len() - NAMED));
            }
            let message = format!("apply takes from the {}: {}", wording::noun(subject), told.join(", "));
            let draft = sink
                .about(subject.resource, Severity::Warn, message)
                .path(first)
                .help("see that it is meant; it cannot always be undone");
            sink.put(draft);
        }
    }
}

/// What is taken away, each in words.
fn losses(subject: Subject<'_>, triple: &Triple) -> Vec<(AttrPath, String)> {
    let Some(Some(desired)) = &triple.desired else { return Vec::new() };
    let changed = subject.divergences().filter(|divergence| {
        matches!(divergence.class, Class::Pending | Class::Reverting | Class::Conflicting)
            && divergence.cosmetic.is_none()
            && !divergence.path.is_root()
    });
    let found = changed.flat_map(|divergence| {
        let path = &divergence.path;
        let before = triple.actual.as_ref().and_then(|actual| actual.get(path)).unwrap_or(&Value::Null);
        let after = desired.get(path);
        let hidden = divergence.sensitive;
        capacity::losses(path, before, after).into_iter().map(move |(at, loss)| {
            let marked = hidden || triple.sensitive.at(&at).any();
            let values =
                (!marked).then(|| [triple.actual.as_ref(), Some(desired)].map(|side| number(side, &at)));
            let told = tell(&at, loss, values);
            (at, told)
        })
    });
    found.collect()
}

/// A number, or a text that begins with one, at a path.
fn number(side: Option<&Value>, at: &AttrPath) -> Option<String> {
    match side?.get(at)? {
        Value::Number(number) => Some(number.to_string()),
        Value::String(text) => Some(text.to_string()),
        _ => None,
    }
}

fn tell(at: &AttrPath, loss: Loss, values: Option<[Option<String>; 2]>) -> String {
    match (loss, values) {
        (Loss::Shrinks, Some([Some(before), Some(after)])) => format!("`{at}` goes from {before} to {after}"),
        (Loss::Shrinks, Some([Some(before), None])) => format!("`{at}` goes from {before} to nothing"),
        (Loss::Shrinks, _) => format!("`{at}` goes down"),
        (Loss::SwitchedOff, _) => format!("`{at}` goes off"),
        (Loss::SwitchedOn, _) => format!("`{at}` goes on"),
        (Loss::TakenAway, _) => format!("a disk goes (`{at}`)"),
        (Loss::Expires, _) => format!("`{at}` makes contents expire"),
    }
}
