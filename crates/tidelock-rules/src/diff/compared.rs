//! Holds the two objects of a pair against each other.

use tidelock_parse::{Action, AttrPath, KnownSecrets, Shown, Value};

use super::{
    DiffError,
    known::{KnownType, Types},
    pairing::Pair,
    report::{Aspect, Change, Fact, FactDiff, PathDiff, Presence, ResourceDiff},
    side::{Entry, Origin, View, id_of},
    unknown,
};
use crate::{
    compare::{Desired, Difference, Match, compare},
    divergence::{self, Visible},
    instance::Triple,
};

/// Compares pair by pair.
pub(super) struct Comparer<'t> {
    view: View,
    types: &'t Types,
    /// What differs.
    pub(super) resources: Vec<ResourceDiff>,
    /// What a schema marks in the instances that differ.
    pub(super) secrets: KnownSecrets,
}

/// The values of one aspect on both sides.
struct Sides {
    aspect: Aspect,
    from: Option<Value>,
    to: Option<Value>,
}

impl<'t> Comparer<'t> {
    pub(super) fn new(view: View, types: &'t Types) -> Self {
        Self { view, types, resources: Vec::new(), secrets: KnownSecrets::default() }
    }

    /// Adds what differs between the objects of a pair.
    pub(super) fn add(&mut self, pair: &Pair<'_>) -> Result<(), DiffError> {
        let facts = match (&pair.from, &pair.to) {
            (Some(from), Some(to)) => facts(from, to, self.view),
            _ => Vec::new(),
        };
        if let (Some(from), Some(to)) = (&pair.from, &pair.to)
            && facts.is_empty()
            && pair.moved.is_none()
            && from.is_same_text(to, self.view)
        {
            return Ok(());
        }
        let Some(entry) = pair.to.as_ref().or(pair.from.as_ref()) else { return Ok(()) };
        let (mut sides, mut triple) = self.values(pair)?;
        let object = triple.actual.as_ref().or(triple.recorded.as_ref());
        let known = self.types.of(entry.provider, entry.address, object);
        let both = pair.from.is_some() && pair.to.is_some();
        let mut until_apply = 0;
        let mut paths: Vec<Row> = Vec::new();
        let mut other_id = false;
        if both {
            for side in &mut sides {
                until_apply += side.settle(self.view);
                other_id |= side.ids_differ();
                self.compare(side, &triple, &known, &mut paths);
            }
            triple.desired = None;
        }
        let mut paths: Vec<PathDiff> = paths.into_iter().map(|row| row.diff).collect();
        paths.sort_by(|a, b| a.path.cmp(&b.path).then_with(|| a.aspects.cmp(&b.aspects)));
        let change = change(pair, &facts, &paths);
        if change == Change::Cosmetic && facts.is_empty() && paths.is_empty() {
            return Ok(());
        }
        for value in triple.values() {
            let marked = divergence::schema_mask(known.schema.as_deref(), &mut AttrPath::root(), value);
            self.secrets.add(value, &marked);
        }
        self.resources.push(ResourceDiff {
            address: entry.address.clone(),
            from_address: pair.moved.and(pair.from.as_ref()).map(|from| from.address.clone()),
            deposed: entry.deposed.map(ToOwned::to_owned),
            type_name: entry.address.type_name.to_string(),
            noun: known.facts.noun().to_owned(),
            provider: entry.provider.to_owned(),
            identity: divergence::identity(&triple),
            holds: (entry.address.mode == tidelock_parse::Mode::Managed).then_some(known.facts.holds),
            holds_assumed: known.facts.assumed,
            change,
            moved_by: pair.moved,
            other_id,
            until_apply,
            facts,
            paths,
        });
        Ok(())
    }

    /// The values to hold against each other; and all of them in one, for what concerns the whole object.
    fn values(&self, pair: &Pair<'_>) -> Result<(Vec<Sides>, Triple), DiffError> {
        if self.view == View::Plans {
            let triple = |entry: &Option<Entry<'_>>| entry.as_ref().map(Entry::triple).transpose();
            let (from, to) = (triple(&pair.from)?.unwrap_or_default(), triple(&pair.to)?.unwrap_or_default());
            let all = Triple {
                recorded: from.actual.clone().or_else(|| from.recorded.clone()),
                actual: to
                    .actual
                    .clone()
                    .or_else(|| to.desired.clone().flatten())
                    .or_else(|| to.recorded.clone()),
                sensitive: from.sensitive.union(&to.sensitive),
                ..Triple::default()
            };
            let mut sides = vec![
                Sides { aspect: Aspect::Recorded, from: from.recorded, to: to.recorded },
                Sides { aspect: Aspect::Found, from: from.actual, to: to.actual },
            ];
            if let (Some(from), Some(to)) = (from.desired, to.desired) {
                sides.push(Sides { aspect: Aspect::Planned, from, to });
            }
            return Ok((sides, all));
        }
        let object =
            |entry: &Option<Entry<'_>>| entry.as_ref().map(|entry| entry.object(self.view)).transpose();
        let (from, to) = (object(&pair.from)?, object(&pair.to)?);
        let marks = |side: &Option<super::side::Object>| {
            side.as_ref().map(|object| object.sensitive.clone()).unwrap_or_default()
        };
        let sensitive = marks(&from).union(&marks(&to));
        let (from, to) = (from.and_then(|object| object.value), to.and_then(|object| object.value));
        let all = Triple { recorded: from.clone(), actual: to.clone(), sensitive, ..Triple::default() };
        Ok((vec![Sides { aspect: Aspect::Value, from, to }], all))
    }

    fn compare(&self, side: &Sides, triple: &Triple, known: &KnownType, rows: &mut Vec<Row>) {
        if let Some(presence) = side.presence() {
            add(rows, side.aspect, Row { diff: whole(presence), from: None, to: None });
            return;
        }
        // The masks cover both sides; the names beside a value are those of this aspect.
        let around = Triple {
            recorded: side.from.clone(),
            actual: side.to.clone(),
            sensitive: triple.sensitive.clone(),
            ..Triple::default()
        };
        for difference in compare(known, side.from.as_ref(), side.to.as_ref(), Desired::Silent) {
            let diff = show(&difference, &around, known, self.view);
            add(rows, side.aspect, Row { diff, from: difference.recorded, to: difference.actual });
        }
    }
}

impl Sides {
    /// Takes what only apply will tell from the state on the other side; returns how many values that were.
    fn settle(&mut self, view: View) -> usize {
        if view == View::Plans {
            return 0;
        }
        let Some(filled) = unknown::fill(self.from.as_ref(), self.to.as_ref()) else { return 0 };
        (self.from, self.to) = (filled.from, filled.to);
        filled.taken
    }

    fn ids_differ(&self) -> bool {
        let id = |side: &Option<Value>| side.as_ref().and_then(id_of);
        let (from, to) = (id(&self.from), id(&self.to));
        from.is_some() && to.is_some() && from != to
    }

    /// Which side has an object, where only one has.
    fn presence(&self) -> Option<Presence> {
        match (&self.from, &self.to) {
            (Some(_), None) => Some(Presence::FromOnly),
            (None, Some(_)) => Some(Presence::ToOnly),
            _ => None,
        }
    }
}

/// What became of the object.
fn change(pair: &Pair<'_>, facts: &[FactDiff], paths: &[PathDiff]) -> Change {
    match (&pair.from, &pair.to) {
        (None, _) => Change::Added,
        (_, None) => Change::Removed,
        _ if pair.moved.is_some() => Change::Moved,
        _ if facts.iter().any(|fact| fact.fact.matters()) => Change::Changed,
        _ if paths.iter().any(|path| path.cosmetic.is_none()) => Change::Changed,
        _ => Change::Cosmetic,
    }
}

/// A path that differs, with its real values.
struct Row {
    diff: PathDiff,
    from: Option<Value>,
    to: Option<Value>,
}

/// Adds a path, or the aspect to it where the same difference is there already.
fn add(rows: &mut Vec<Row>, aspect: Aspect, row: Row) {
    let alike = |known: &&mut Row| {
        known.diff.path == row.diff.path
            && known.diff.presence == row.diff.presence
            && known.from == row.from
            && known.to == row.to
    };
    if let Some(known) = rows.iter_mut().find(alike) {
        known.diff.aspects.push(aspect);
    } else {
        rows.push(Row { diff: PathDiff { aspects: vec![aspect], ..row.diff }, ..row });
    }
}

fn show(difference: &Difference, triple: &Triple, known: &KnownType, view: View) -> PathDiff {
    let Visible { recorded, actual, elements, sensitive, .. } =
        divergence::visible(difference, triple, known.schema.as_deref());
    let disruptive = known.facts.disruptive(&difference.path);
    let used: Vec<_> = match &difference.outside {
        Match::Normalised(used) => used.iter().copied().collect(),
        _ => Vec::new(),
    };
    let open = |value: &Option<Value>| value.as_ref().is_some_and(Value::has_unknown);
    PathDiff {
        path: difference.path.clone(),
        aspects: Vec::new(),
        presence: None,
        // A reading never quiets what an apply would interrupt something for; between states nothing is applied.
        cosmetic: used.first().copied().filter(|_| !(disruptive && view == View::Plans)),
        normalisers: used,
        until_apply: open(&difference.recorded) || open(&difference.actual),
        sensitive,
        guards: known.guards(&difference.path),
        disruptive,
        computed: known.is_computed(&difference.path),
        from: recorded,
        to: actual,
        elements: elements.map(|elements| elements.outside),
    }
}

/// An object that one side lacks in one aspect.
fn whole(presence: Presence) -> PathDiff {
    PathDiff {
        path: AttrPath::root(),
        aspects: Vec::new(),
        presence: Some(presence),
        cosmetic: None,
        normalisers: Vec::new(),
        until_apply: false,
        sensitive: false,
        guards: false,
        disruptive: false,
        computed: false,
        from: Shown::Absent,
        to: Shown::Absent,
        elements: None,
    }
}

/// What differs beside the values.
fn facts(from: &Entry<'_>, to: &Entry<'_>, view: View) -> Vec<FactDiff> {
    let mut facts = Vec::new();
    let mut say = |fact, from: Option<String>, to: Option<String>| {
        if from != to {
            facts.push(FactDiff { fact, from, to });
        }
    };
    if view == View::Plans {
        let (ours, theirs) = (Planned::of(from), Planned::of(to));
        say(Fact::Action, Some(ours.action.to_string()), Some(theirs.action.to_string()));
        say(Fact::ActionReason, ours.reason, theirs.reason);
        say(Fact::ReplacePaths, ours.replace_paths, theirs.replace_paths);
        say(Fact::Importing, Some(ours.importing.to_string()), Some(theirs.importing.to_string()));
    }
    if let (
        Origin::State { instance: a, state: ours, .. },
        Origin::State { instance: b, state: theirs, .. },
    ) = (from.origin, to.origin)
    {
        let both = |a: bool, b: bool| (Some(a.to_string()), Some(b.to_string()));
        let (was, is) = both(a.tainted, b.tainted);
        say(Fact::Tainted, was, is);
        let same_form = ours.form() == theirs.form();
        // State JSON has none of deposed objects.
        if same_form || a.deposed.is_none() {
            say(Fact::SchemaVersion, Some(a.schema_version.to_string()), Some(b.schema_version.to_string()));
        }
        if same_form {
            let (was, is) = both(a.create_before_destroy, b.create_before_destroy);
            say(Fact::CreateBeforeDestroy, was, is);
            let (was, is) = both(a.skip_destroy, b.skip_destroy);
            say(Fact::SkipDestroy, was, is);
        }
    }
    if !from.provider.is_empty() && !to.provider.is_empty() {
        say(Fact::Provider, Some(from.provider.to_owned()), Some(to.provider.to_owned()));
    }
    facts
}

/// What a plan says about an instance beside its values.
struct Planned {
    action: Action,
    reason: Option<String>,
    replace_paths: Option<String>,
    importing: bool,
}

impl Planned {
    fn of(entry: &Entry<'_>) -> Self {
        let Origin::Plan { instance, .. } = entry.origin else {
            return Self { action: Action::NoOp, reason: None, replace_paths: None, importing: false };
        };
        let mut paths: Vec<&AttrPath> = instance.replace_paths().iter().collect();
        paths.sort();
        let paths: Vec<String> = paths.into_iter().map(ToString::to_string).collect();
        Self {
            action: instance.action(),
            reason: instance.change.and_then(|change| change.action_reason.as_ref()).map(ToString::to_string),
            replace_paths: Some(paths.join(", ")).filter(|paths| !paths.is_empty()),
            importing: instance.change.is_some_and(|change| change.importing),
        }
    }
}
