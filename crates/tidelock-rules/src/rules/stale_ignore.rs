//! TL404 `stale-ignore`.

use tidelock_parse::{
    AttrPath, Configuration, ResourceChange, Step, Value,
    config::{IgnoreEntry, Setting},
};

use crate::{
    context::Context,
    report::Severity,
    rule::{Rule, RuleMeta, Sink, declare_rule},
    sources::{self, Ignoring},
};

declare_rule! {
    /// An entry of `ignore_changes` matches nothing.
    ///
    /// ## What it finds
    ///
    /// Entries for a key of a map, or an element of a list, that no instance of the block has, neither in reality nor in the
    /// configuration.
    ///
    /// ## Why it matters
    ///
    /// It keeps nothing from being set back. Mostly what it was for is gone, and the next reader wonders; sometimes the key is
    /// misspelled.
    ///
    /// ## Example
    ///
    /// `ignore_changes = [tags["LastBackup"]]`, but the backup tool writes `last_backup`.
    ///
    /// ## What to do
    ///
    /// Remove the entry, or write the key as it is.
    ///
    /// ## What it misses
    ///
    /// Whether the key is expected to come. Blocks with more than a hundred instances are not looked at, nor values that cannot be
    /// evaluated.
    pub struct StaleIgnore {
        code: "TL404",
        name: "stale-ignore",
        severity: "info",
        commands: [Gate],
    }
}

/// Instances of a block whose values are worth decoding for a remark.
const MOST_INSTANCES: usize = 100;

impl Rule for StaleIgnore {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let Some(sources) = context.sources else { return };
        for ignoring in sources::ignoring(context) {
            let mut values = None;
            for entry in ignoring.entries.iter().filter(|entry| part(&entry.path).is_some()) {
                let values = values.get_or_insert_with(|| values_of(context, &ignoring));
                if values.is_empty() || !values.iter().all(|object| object.lacks(sources, &entry.path)) {
                    continue;
                }
                report(context, &ignoring, entry, sink);
            }
        }
    }
}

fn report(context: &Context<'_>, ignoring: &Ignoring<'_>, entry: &IgnoreEntry, sink: &mut Sink<'_>) {
    let Some(address) = sources::address_of(&ignoring.block) else { return };
    let place = ignoring.place(context, entry);
    let message = format!("`{}` in `ignore_changes` matches nothing", entry.text);
    let draft = sink
        .about_address(&address, Severity::Info, message)
        .path(&entry.path)
        .location(place.as_ref())
        .help("remove the entry, or write the key as it is");
    sink.put(draft);
}

/// The path up to the first key or position.
fn part(entry: &AttrPath) -> Option<AttrPath> {
    let at = entry.steps().iter().position(|step| !matches!(step, Step::Attr(_)))?;
    Some(entry.steps().iter().take(at + 1).cloned().collect())
}

/// An instance with what it is and what it will be.
struct Object<'c> {
    change: &'c ResourceChange,
    before: Value,
    after: Value,
}

/// The instances with their values; none where not all of them can be looked at.
fn values_of<'c>(context: &Context<'c>, ignoring: &Ignoring<'c>) -> Vec<Object<'c>> {
    if ignoring.instances.len() > MOST_INSTANCES {
        return Vec::new();
    }
    let object = |change: &&'c ResourceChange| {
        let values = change.values(context.plan.source()).ok()?;
        // What is created or destroyed says nothing about what would be ignored.
        Some(Object { change, before: values.before?, after: values.after? })
    };
    ignoring.instances.iter().map(object).collect::<Option<_>>().unwrap_or_default()
}

impl Object<'_> {
    /// Whether neither reality nor the plan nor the configuration has what the entry names.
    fn lacks(&self, sources: &Configuration, entry: &AttrPath) -> bool {
        let Some(part) = part(entry) else { return false };
        let Some(whole) = part.parent() else { return false };
        // A key on something that is no map is another matter.
        let fits = |object: &Value| {
            matches!(
                (object.get(&whole), part.steps().last()),
                (None | Some(Value::Null), _)
                    | (Some(Value::Object(_)), Some(Step::Key(_)))
                    | (Some(Value::List(_)), Some(Step::Index(_)))
            )
        };
        [&self.before, &self.after].iter().all(|object| fits(object) && object.get(&part).is_none())
            && sources.setting(&self.change.address, &part) == Setting::NotSet
    }
}
