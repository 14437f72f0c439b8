//! TL203 `index-shift`.

use std::collections::BTreeMap;

use tidelock_parse::{
    InstanceKey, ResourceAddr,
    refactor::{Endpoint, moved},
};

use crate::{
    context::{Context, Subject},
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    story::{Direction, Shift},
    wording,
};

declare_rule! {
    /// Items behind `count` move, and take each other's values.
    ///
    /// ## What it finds
    ///
    /// Instances of a `count` that are destroyed, replaced or rewritten because an item before them went away (or was put in
    /// front): what `[1]` was becomes `[0]`, and the last one is destroyed. It compares the real values of the instances, and says so
    /// once for all of them.
    ///
    /// ## Why it matters
    ///
    /// One item was taken out of a list, and the plan destroys another one, or all of them. What is rewritten in place keeps its
    /// contents under somebody else's name.
    ///
    /// ## Example
    ///
    /// `count = length(var.tenants)` makes a bucket per tenant. The first tenant leaves; the buckets of all others are replaced,
    /// because each one's name becomes that of the next.
    ///
    /// ## What to do
    ///
    /// Use `for_each` with keys that belong to the items, and `moved` blocks from the indices of today to those keys; the finding
    /// brings them along.
    ///
    /// ## What it misses
    ///
    /// Items that are told apart by nothing but numbers, or of which two are equal: then TL201 and TL202 speak, instance by
    /// instance. Modules under `count` are not compared. Where the last item goes and nothing moves, nothing is shifted.
    pub struct IndexShift {
        code: "TL203",
        name: "index-shift",
        severity: "deny if it holds something, else warn",
        commands: [Gate],
    }
}

impl Rule for IndexShift {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        for shift in &context.stories().shifts {
            let members = shift.subjects(context);
            let Some((first, subject)) = shift.lead(context) else { continue };
            let others = members.iter().filter(|(at, _)| *at != first);
            let sources: BTreeMap<usize, u64> = shift.rewritten.iter().copied().collect();
            let mut draft = sink
                .about(subject.resource, severity(&members), message(shift, subject, &members))
                .path(&shift.path)
                .members(members.iter().map(|(_, member)| member.address()))
                .related(wording::related(
                    others.map(|(at, other)| (other.address(), Some(role(&sources, *at, *other)))),
                ))
                .help("use `for_each` with keys of the items instead of `count`, with a `moved` block for each object that stays");
            if let Some(hcl) = moved_blocks(shift, subject.address()) {
                draft = draft.hcl(hcl);
            }
            sink.put(draft);
        }
    }
}

fn severity(members: &[(usize, Subject<'_>)]) -> Severity {
    // Where nothing is lost, what is only rewritten counts less.
    let lost = members.iter().any(|(_, subject)| subject.resource.actions.destroys());
    let holds = members.iter().any(|(_, subject)| subject.holds_something());
    if lost && holds { Severity::Deny } else { Severity::Warn }
}

fn message(shift: &Shift, subject: Subject<'_>, members: &[(usize, Subject<'_>)]) -> String {
    let (what, whose) = match shift.direction {
        Direction::Down => ("an earlier item of `count` went away", "the next one"),
        Direction::Up => ("an item was put before others of `count`", "the one before"),
    };
    let takes = if shift.rewritten.len() == 1 { "takes" } else { "take" };
    let mut message = format!(
        "{what}: {} of the {} {takes} the `{}` of {whose}",
        wording::count(shift.rewritten.len(), "instance"),
        wording::noun(subject),
        shift.path,
    );
    let replaced = members.iter().filter(|(_, subject)| subject.resource.actions.is_replace()).count();
    if replaced > 0 {
        message.push_str(&format!(" ({replaced} replaced for it)"));
    }
    if !shift.destroyed.is_empty() {
        message.push_str(&format!(", and {} destroyed", one_or_more(shift.destroyed.len())));
    }
    message
}

fn one_or_more(number: usize) -> String {
    if number == 1 { "the last one is".to_owned() } else { format!("the last {number} are") }
}

/// What happens to an instance; `sources`: whose values each of those takes that are rewritten.
fn role(sources: &BTreeMap<usize, u64>, at: usize, subject: Subject<'_>) -> String {
    match sources.get(&at) {
        Some(from) if subject.resource.actions.is_replace() => {
            format!("replaced, to take the values of [{from}]")
        }
        Some(from) => format!("takes the values of [{from}]"),
        None => "destroyed".to_owned(),
    }
}

/// A `moved` block from each index to a key, for the objects that stay.
fn moved_blocks(shift: &Shift, address: &ResourceAddr) -> Option<String> {
    if shift.names.is_empty() {
        return None;
    }
    let at = |key: InstanceKey| ResourceAddr { key: Some(key), ..address.clone() };
    let block = |(index, name): &(u64, String)| {
        let (from, to) = (at(InstanceKey::Int(*index)), at(InstanceKey::Str(name.as_str().into())));
        moved(&Endpoint::Resource(from), &Endpoint::Resource(to))
    };
    Some(shift.names.iter().map(block).collect::<Option<Vec<_>>>()?.join("\n"))
}
