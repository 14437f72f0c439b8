//! TL507 `unapproved-change`.

use std::fmt::Write as _;

use tidelock_parse::{Action, AttrPath};

use crate::{
    approval::{self, Change, Deviation, Unapproved},
    context::Context,
    report::Severity,
    rule::{Draft, Rule, RuleMeta, Sink, declare_rule},
};

declare_rule! {
    /// The plan does something that nobody approved.
    ///
    /// ## What it finds
    ///
    /// With `--approval FILE`: an instance that is changed and was not to be; another action than the approved one, such as a
    /// replacement in place of an update; a further path, another value, another value to start from; another object at the
    /// same address; a plan for another stack, workspace or state. What the plan does less than what was approved is no finding.
    ///
    /// ## Why it matters
    ///
    /// Between the moment somebody reads a plan and the moment it is applied, code, data sources and reality go on. What is
    /// applied has to be what was read.
    ///
    /// ## Example
    ///
    /// A larger disk was approved as an update in place. Then the provider was upgraded, and the new version replaces the
    /// server for it.
    ///
    /// ## What to do
    ///
    /// Read the changes it names, and approve the plan again if they are wanted: `tidelock approve PLAN -o FILE`.
    ///
    /// ## What it misses
    ///
    /// Values that no plan holds: write-only arguments, and what is known only after apply. Values of root outputs, which
    /// follow from those of instances.
    pub struct UnapprovedChange {
        code: "TL507",
        name: "unapproved-change",
        severity: "deny",
        commands: [Gate],
    }
}

const AGAIN: &str =
    "look at what is different, and approve the plan again if it is wanted: `tidelock approve PLAN -o FILE`";
/// More paths than this are counted.
const MOST_PATHS: usize = 6;

impl Rule for UnapprovedChange {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let Some(verified) = &context.given.approval else { return };
        let judgement = approval::judge(context, verified);
        if !judgement.whole.is_empty() {
            let draft = sink.about_plan(Severity::Deny, judgement.whole.join("; "));
            sink.put(draft.help(
                "pass the approval of this very plan, or say with `--stack` or `--state` what it is for",
            ));
        }
        for unapproved in &judgement.unapproved {
            let mut paths = unapproved.deviations.iter().map(Deviation::path);
            let only = paths.next().flatten().filter(|_| paths.next().is_none());
            let draft = sink.about(unapproved.resource, Severity::Deny, message(unapproved)).help(AGAIN);
            let draft = only.into_iter().fold(draft, Draft::path);
            sink.put(draft);
        }
        if !judgement.outputs.is_empty() {
            let names = judgement.outputs.iter().map(|(name, action)| format!("`{name}` ({action})"));
            let names = names.collect::<Vec<_>>().join(", ");
            let draft =
                sink.about_plan(Severity::Deny, format!("changes outputs that nobody approved: {names}"));
            sink.put(draft.help(AGAIN));
        }
    }
}

/// One sentence that names everything which is not as approved.
fn message(unapproved: &Unapproved<'_>) -> String {
    let Unapproved { change, approved, deviations, noun, .. } = unapproved;
    match (deviations.first(), approved) {
        (Some(Deviation::Action), Some(approved)) => {
            format!("approved was {}, and now it {}", approved_as(approved), is_done(change))
        }
        (None | Some(Deviation::Unlisted), _) | (_, None) => {
            format!("nobody approved that it {}", is_done(change))
        }
        (Some(_), Some(_)) => {
            let mut parts = Vec::new();
            for deviation in deviations {
                match deviation {
                    Deviation::Moved => parts.push(format!("nobody approved that it {}", moved(change))),
                    Deviation::Imported => parts.push("nobody approved that it is imported".to_owned()),
                    Deviation::Object => {
                        parts.push(format!("another {noun} stands here than the one of the approval"));
                    }
                    _ => {}
                }
            }
            parts.extend(about_paths(deviations));
            parts.join("; ")
        }
    }
}

/// One phrase for each kind of deviation that has paths.
fn about_paths(deviations: &[Deviation]) -> impl Iterator<Item = String> {
    type Kind = (fn(&Deviation) -> bool, &'static str, &'static str);
    const KINDS: [Kind; 6] = [
        (|d| matches!(d, Deviation::Replaces(_)), "nobody approved a replacement because of ", ""),
        (|d| matches!(d, Deviation::Besides(_)), "nobody approved a change of ", ""),
        (|d| matches!(d, Deviation::After(_)), "", " gets another value than approved"),
        (
            |d| matches!(d, Deviation::NowUnknown(_)),
            "",
            " had a value when this was approved and is known only after apply now",
        ),
        (
            |d| matches!(d, Deviation::NowKnown(_)),
            "",
            " has a value now and was not known when this was approved",
        ),
        (
            |d| matches!(d, Deviation::Before(_)),
            "",
            " had another value to start from when this was approved",
        ),
    ];
    KINDS.into_iter().filter_map(|(is, before, behind)| {
        let paths = deviations.iter().filter(|deviation| is(deviation)).filter_map(Deviation::path);
        let paths: Vec<&AttrPath> = paths.collect();
        (!paths.is_empty()).then(|| format!("{before}{}{behind}", list(&paths)))
    })
}

fn list(paths: &[&AttrPath]) -> String {
    let mut text = String::new();
    for (at, path) in paths.iter().take(MOST_PATHS).enumerate() {
        let comma = if at > 0 { ", " } else { "" };
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}`{path}`");
    }
    if let Some(more) = paths.len().checked_sub(MOST_PATHS).filter(|more| *more > 0) {
        let _ = write!(text, " and {more} more");
    }
    text
}

fn of_values(change: &Change, before: &str) -> String {
    let paths: Vec<&AttrPath> = change.values.iter().map(|value| &value.path).collect();
    if paths.is_empty() { String::new() } else { format!("{before}{}", list(&paths)) }
}

fn because(change: &Change) -> String {
    let paths: Vec<&AttrPath> = change.replace_paths.iter().collect();
    if paths.is_empty() { String::new() } else { format!(" because of {}", list(&paths)) }
}

fn moved(change: &Change) -> String {
    match &change.previous_address {
        Some(previous) => format!("is moved here from `{previous}`"),
        None => "is moved".to_owned(),
    }
}

/// What is done, behind "it".
fn is_done(change: &Change) -> String {
    match &change.actions {
        Action::NoOp | Action::Read | Action::Open if change.importing => "is imported".to_owned(),
        Action::NoOp | Action::Read | Action::Open => moved(change),
        Action::Create => "is created".to_owned(),
        Action::Update => format!("is changed in place{}", of_values(change, " at ")),
        Action::Delete => "is destroyed".to_owned(),
        Action::DeleteThenCreate => format!("is replaced (destroyed first){}", because(change)),
        Action::CreateThenDelete => format!("is replaced (created first){}", because(change)),
        Action::Forget => "leaves the state".to_owned(),
        Action::ForgetThenCreate | Action::CreateThenForget => "leaves the state for a new one".to_owned(),
        other => format!("gets an action unknown to tidelock (`{other}`)"),
    }
}

/// What was approved, as a noun.
fn approved_as(change: &Change) -> String {
    match &change.actions {
        Action::NoOp | Action::Read | Action::Open if change.importing => "an import".to_owned(),
        Action::NoOp | Action::Read | Action::Open => "a move".to_owned(),
        Action::Create => "its creation".to_owned(),
        Action::Update => format!("an update in place{}", of_values(change, " of ")),
        Action::Delete => "its destruction".to_owned(),
        Action::DeleteThenCreate => format!("a replacement that destroys first{}", because(change)),
        Action::CreateThenDelete => format!("a replacement that creates first{}", because(change)),
        Action::Forget => "that it leaves the state".to_owned(),
        Action::ForgetThenCreate | Action::CreateThenForget => {
            "that it leaves the state for a new one".to_owned()
        }
        other => format!("an action unknown to tidelock (`{other}`)"),
    }
}
