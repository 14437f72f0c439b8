//! What is said of a difference, the same for every format made for people.

use tidelock_parse::Shown;
use tidelock_rules::{
    catalogue::Holds,
    diff::{
        Aspect, Change, Compared, Diff, Fact, MoveEvidence, OutputDiff, PathDiff, PlanSide, Presence,
        ResourceDiff,
    },
};

use crate::{
    Detail,
    phrase::{self, Phrase, normaliser_words},
    rows::{Key, Row},
    value::{self, Limits, SENSITIVE},
};

/// What stands in the first column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Lineage,
    Header,
    Removed,
    Added,
    Moved,
    Changed,
    Output,
    Check,
    Cosmetic,
}

impl Kind {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Lineage => "LINEAGE",
            Self::Header => "plan",
            Self::Removed => "removed",
            Self::Added => "added",
            Self::Moved => "moved",
            Self::Changed => "changed",
            Self::Output => "output",
            Self::Check => "check",
            Self::Cosmetic => "form",
        }
    }
}

/// One entry of the list.
pub(super) struct Told {
    pub(super) kind: Kind,
    pub(super) head: Phrase,
    pub(super) rows: Vec<Row>,
}

impl Told {
    fn line(kind: Kind, head: Phrase) -> Self {
        Self { kind, head, rows: Vec::new() }
    }
}

/// Paths of one instance that are written unless everything is asked for.
const MAX_PATHS: usize = 24;

/// Everything that differs, the gravest first; what differs only in form as one line unless everything is asked for.
pub(super) fn entries(diff: &Diff, detail: Detail, limits: Limits) -> Vec<Told> {
    let mut told = header(diff);
    for (change, kind) in [
        (Change::Removed, Kind::Removed),
        (Change::Added, Kind::Added),
        (Change::Moved, Kind::Moved),
        (Change::Changed, Kind::Changed),
    ] {
        let those = diff.resources.iter().filter(|resource| resource.change == change);
        told.extend(those.map(|resource| self::resource(kind, diff, resource, detail, limits)));
    }
    told.extend(
        diff.outputs.iter().filter(|output| output.matters()).map(|output| self::output(output, limits)),
    );
    told.extend(diff.checks.iter().map(|check| {
        let word = |status: &Option<String>| status.clone().unwrap_or_else(|| "not there".to_owned());
        let head = Phrase::default().code(&check.name).say(": was ").text(&word(&check.from));
        Told::line(Kind::Check, head.say(", is ").text(&word(&check.to)))
    }));
    let cosmetic = diff.resources.iter().filter(|resource| !resource.matters());
    if detail == Detail::Verbose {
        told.extend(cosmetic.map(|resource| self::resource(Kind::Cosmetic, diff, resource, detail, limits)));
        let outputs = diff.outputs.iter().filter(|output| !output.matters());
        told.extend(outputs.map(|output| Told { kind: Kind::Cosmetic, ..self::output(output, limits) }));
    } else {
        let count = cosmetic.count();
        if count > 0 {
            let what = if count == 1 { "1 instance differs" } else { "instances differ" };
            let what = if count == 1 { what.to_owned() } else { format!("{count} {what}") };
            told.push(Told::line(Kind::Cosmetic, Phrase::words(format!("{what} only in form; shown by -v"))));
        }
    }
    told
}

fn header(diff: &Diff) -> Vec<Told> {
    let mut told = Vec::new();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    if diff.header.other_lineage {
        let head = Phrase::words("differs: was ")
            .code(&text(&diff.from.lineage))
            .say(", is ")
            .code(&text(&diff.to.lineage))
            .say("; these are not two states of one stack");
        told.push(Told::line(Kind::Lineage, head));
    }
    let mut say = |what: &'static str, from: String, to: String| {
        let head = Phrase::words(what).say(": was ").text(&from).say(", is ").text(&to);
        told.push(Told::line(Kind::Header, head));
    };
    let flag =
        |flag: Option<bool>| flag.map_or("not told", |flag| if flag { "yes" } else { "no" }).to_owned();
    if let (true, Some(from), Some(to)) = (diff.header.other_mode, diff.from.mode, diff.to.mode) {
        say("mode", from.to_string(), to.to_string());
    }
    if diff.header.other_errored {
        say("failed half-way", flag(diff.from.errored), flag(diff.to.errored));
    }
    if diff.header.other_complete {
        say("complete", flag(diff.from.complete), flag(diff.to.complete));
    }
    told
}

fn resource(kind: Kind, diff: &Diff, resource: &ResourceDiff, detail: Detail, limits: Limits) -> Told {
    let mut head = Phrase::default().code(&resource.address.to_string());
    if let Some(key) = &resource.deposed {
        head = head.say(" (deposed ").text(key).say(")");
    }
    if let Some(holds) = resource.holds.filter(|holds| !matches!(holds, Holds::Nothing | Holds::Compute))
        && matches!(resource.change, Change::Added | Change::Removed)
    {
        let assumed = if resource.holds_assumed { ", assumed" } else { "" };
        head = head.say(format!(" (holds {}{assumed})", holds.as_str()));
    }
    let mut rows = Vec::new();
    if let (Some(from), Some(by)) = (&resource.from_address, resource.moved_by) {
        let why = match by {
            MoveEvidence::PreviousAddress => ", as a plan says",
            _ => ", told by its id",
        };
        rows.push(Row::fact("from", Phrase::default().code(&from.to_string()).say(why)));
    }
    if resource.other_id {
        rows.push(Row::fact("id", Phrase::words("differs: it may be another object")));
    }
    for fact in &resource.facts {
        let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
        let text = Phrase::words("was ").text(&side(&fact.from)).say(", is ").text(&side(&fact.to));
        rows.push(Row::fact(words(fact.fact), text));
    }
    let all = detail == Detail::Verbose;
    let shown: Vec<&PathDiff> = resource
        .paths
        .iter()
        .filter(|path| all || kind == Kind::Cosmetic || path.cosmetic.is_none())
        .collect();
    let most = if all { usize::MAX } else { MAX_PATHS };
    rows.extend(shown.iter().take(most).map(|path| self::path(diff, path, limits)));
    let hidden = shown.len().saturating_sub(most);
    if hidden > 0 {
        rows.push(Row::fact("…", more(hidden)));
    }
    let form = resource.paths.len() - shown.len();
    if form > 0 {
        let paths = if form == 1 { "1 path differs".to_owned() } else { format!("{form} paths differ") };
        rows.push(Row::fact("form", Phrase::words(format!("{paths} only in form"))));
    }
    Told { kind, head, rows }
}

const fn words(fact: Fact) -> &'static str {
    match fact {
        Fact::Action => "action",
        Fact::ActionReason => "reason",
        Fact::ReplacePaths => "replaced for",
        Fact::Importing => "imported",
        Fact::Tainted => "tainted",
        Fact::Provider => "provider",
        Fact::SchemaVersion => "schema version",
        Fact::CreateBeforeDestroy => "create first",
        Fact::SkipDestroy => "forget, not destroy",
        _ => "fact",
    }
}

fn path(diff: &Diff, path: &PathDiff, limits: Limits) -> Row {
    let key = if path.path.is_root() {
        Key::Word("the object".to_owned())
    } else {
        Key::Path(path.path.to_string())
    };
    let mut text = what(path, limits);
    let mut remarks = Vec::new();
    // What differs in all three values needs no remark.
    if diff.compared == Compared::Plans && path.aspects.len() < 3 {
        let aspects = path.aspects.iter().filter(|aspect| **aspect != Aspect::Value);
        remarks.extend(aspects.map(ToString::to_string));
    }
    if let Some(normaliser) = path.cosmetic {
        text = text.then(", ", Phrase::words(format!("equal but for {}", normaliser_words(normaliser))));
    }
    for (holds, word) in [
        (path.guards, "guards something"),
        (path.disruptive, "interrupts"),
        (path.computed, "computed"),
        (path.until_apply, "known after apply in part"),
    ] {
        if holds {
            remarks.push(word.to_owned());
        }
    }
    if !remarks.is_empty() {
        text = text.say(format!(" ({})", remarks.join(", ")));
    }
    Row { key, ..Row::fact("", text) }
}

/// The values side by side.
fn what(path: &PathDiff, limits: Limits) -> Phrase {
    match path.presence {
        Some(Presence::FromOnly) => return Phrase::words("only in the first"),
        Some(_) => return Phrase::words("only in the second"),
        None => {}
    }
    if let Some(elements) = &path.elements {
        let changes = phrase::element_changes(elements, ["added ", "removed ", "moved "], limits);
        if !changes.is_empty() {
            return changes;
        }
    }
    values(&path.from, &path.to, limits)
}

fn values(from: &Shown, to: &Shown, limits: Limits) -> Phrase {
    let (was, is) = value::pair(from, to, limits);
    match (from, to) {
        (Shown::Redacted { same: a }, Shown::Redacted { same: b }) => {
            Phrase::default().code(SENSITIVE).say(if a == b { " unchanged" } else { " changed" })
        }
        (Shown::Absent, _) => Phrase::words("was not set, is ").code(&is),
        (_, Shown::Absent) => Phrase::words("was ").code(&was).say(", is gone"),
        _ if from == to => Phrase::default().code(&is).say(" differs in a part that is not shown"),
        _ => Phrase::words("was ").code(&was).say(", is ").code(&is),
    }
}

fn output(output: &OutputDiff, limits: Limits) -> Told {
    let mut head = Phrase::default().code(&output.name).say(": ");
    if let (Some(from), Some(to)) = (&output.action_from, &output.action_to)
        && from != to
    {
        head = head.say("action was ").text(&from.to_string()).say(", is ").text(&to.to_string());
        if output.from != output.to {
            head = head.say("; ");
        }
    }
    if output.from != output.to || output.action_from == output.action_to {
        head = head.then("", values(&output.from, &output.to, limits));
    }
    Told::line(Kind::Output, head)
}

/// What is to be remarked, the sides first.
pub(super) fn notes(diff: &Diff, detail: Detail) -> Vec<Phrase> {
    let mut notes = Vec::new();
    let side = match diff.plan_side {
        Some(PlanSide::After) => {
            Some("the plan stands for what it leads to (`--plan-side before`: for what it starts from)")
        }
        Some(_) => Some("the plan stands for what it starts from: the state as refresh found it"),
        None => None,
    };
    notes.extend(side.map(Phrase::words));
    if let (Some(from), Some(to)) = (diff.from.serial, diff.to.serial)
        && (from != to || detail == Detail::Verbose)
    {
        let same = match (&diff.from.lineage, &diff.to.lineage) {
            (Some(from), Some(to)) if from == to => ", same lineage",
            _ => "",
        };
        notes.push(Phrase::words(format!("serial was {from}, is {to}{same}")));
    }
    if diff.from.producer_version != diff.to.producer_version
        && let (Some(from), Some(to)) = (&diff.from.producer_version, &diff.to.producer_version)
    {
        notes.push(Phrase::words("written by version ").text(from).say(", now by ").text(to));
    }
    // The lineage is told above all else.
    let told = diff.notes.iter().filter(|note| note.code != "diff::other_lineage");
    notes.extend(told.map(|note| Phrase::default().text(&note.message)));
    notes
}

pub(super) fn more(count: usize) -> Phrase {
    Phrase::words(format!("{count} more; shown by -v"))
}

/// `2 changed, 1 added of 14`.
pub(super) fn counts(diff: &Diff) -> String {
    let summary = &diff.summary;
    let outputs = diff.outputs.iter().filter(|output| output.matters()).count();
    let parts: Vec<String> = [
        (summary.removed, "removed"),
        (summary.added, "added"),
        (summary.moved, "moved"),
        (summary.changed, "changed"),
        (summary.cosmetic, "different only in form"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .chain((outputs > 0).then(|| counted(outputs, "output", "outputs")))
    .chain((summary.checks > 0).then(|| counted(summary.checks, "check", "checks")))
    .chain(diff.header.other_lineage.then(|| "another lineage".to_owned()))
    .collect();
    let all = summary.from.max(summary.to);
    let of = if all == 1 { "1 instance".to_owned() } else { format!("{all} instances") };
    if parts.is_empty() { format!("{of} compared") } else { format!("{}, of {of}", parts.join(", ")) }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}
