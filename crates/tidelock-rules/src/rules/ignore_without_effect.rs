//! TL405 `ignore-without-effect`.

use std::collections::BTreeMap;

use tidelock_parse::{AttrPath, Step, Value, config::IgnoreEntry};

use crate::{
    context::Context,
    ignore::{self, Flaw},
    instance::Triple,
    report::Severity,
    rule::{Draft, Rule, RuleMeta, Sink, declare_rule},
    sources::{self, Ignoring},
};

declare_rule! {
    /// An entry of `ignore_changes` does nothing, or more than it says.
    ///
    /// ## What it finds
    ///
    /// Entries that Terraform and OpenTofu accept although they have no effect: a name behind a map (`tags.owner` for
    /// `tags["owner"]`), an index of text inside an object, an argument that only the provider sets. And entries that cover more
    /// than they say: an index of text at the end of an object or on a list of blocks ignores all of it. And entries of a map that
    /// do not work this time, because the map is known only after apply or was empty before.
    ///
    /// ## Why it matters
    ///
    /// Whoever wrote the entry thinks that a change outside is left alone, and the next apply sets it back; or thinks that one
    /// setting is ignored, and it is all of them.
    ///
    /// ## Example
    ///
    /// `ignore_changes = [tags.owner]`: a nightly job writes the owner, and every apply removes it again.
    ///
    /// ## What to do
    ///
    /// Write the entry as the finding says, or remove it.
    ///
    /// ## What it misses
    ///
    /// What stands at a path is read off the schema of the type: without one (none was given, none is built in) nothing is said. What
    /// is of dynamic type is left alone.
    pub struct IgnoreWithoutEffect {
        code: "TL405",
        name: "ignore-without-effect",
        severity: "warn",
        commands: [Gate],
    }
}

impl Rule for IgnoreWithoutEffect {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>) {
        let blocks = sources::ignoring(context);
        if blocks.is_empty() {
            return;
        }
        let changed: BTreeMap<_, _> = context
            .changed()
            .filter(|(subject, _)| {
                subject.resource.deposed.is_none() && !subject.resource.actions.is_replace()
            })
            .map(|(subject, triple)| (subject.address(), triple))
            .collect();
        for ignoring in &blocks {
            for entry in ignoring.entries {
                let said = by_schema(context, ignoring, entry).or_else(|| {
                    let mut instances = ignoring.instances.iter();
                    instances.find_map(|change| by_values(entry, changed.get(&change.address)?))
                });
                if let Some((message, help)) = said
                    && let Some(draft) = draft(context, ignoring, entry, message, sink)
                {
                    sink.put(draft.help(help));
                }
            }
        }
    }
}

fn draft(
    context: &Context<'_>,
    ignoring: &Ignoring<'_>,
    entry: &IgnoreEntry,
    message: String,
    sink: &Sink<'_>,
) -> Option<Draft> {
    let address = sources::address_of(&ignoring.block)?;
    let place = ignoring.place(context, entry);
    Some(sink.about_address(&address, Severity::Warn, message).path(&entry.path).location(place.as_ref()))
}

/// What the schema proves: message and help.
fn by_schema(
    context: &Context<'_>,
    ignoring: &Ignoring<'_>,
    entry: &IgnoreEntry,
) -> Option<(String, String)> {
    let provider = &ignoring.instances.first()?.provider;
    let schema = context.schemas.resource(provider, &ignoring.block.type_name)?.schema;
    let text = &entry.text;
    Some(match ignore::flaw(&entry.path, &schema)? {
        Flaw::NameOnMap { map, meant } => (
            format!("`{text}` in `ignore_changes` has no effect: `{map}` is a map"),
            format!("write `{meant}`"),
        ),
        Flaw::KeyInObject { object, meant } => (
            format!("`{text}` in `ignore_changes` has no effect: `{object}` is an object, not a map"),
            format!("write `{meant}`"),
        ),
        Flaw::WholeObject { object, meant } => (
            format!(
                "`{text}` in `ignore_changes` covers all of `{object}`, which is an object and not a map"
            ),
            format!("write `{meant}`, or `{object}` if all of it is meant"),
        ),
        Flaw::WholeList { list } => (
            format!("`{text}` in `ignore_changes` covers all of `{list}`, which has no keys"),
            format!("write `{list}` if all of it is meant, or a position such as `{list}[0]`"),
        ),
        Flaw::Computed => (
            format!("`{text}` in `ignore_changes` has no effect: only the provider sets it"),
            "remove the entry".to_owned(),
        ),
    })
}

/// What the values of an instance prove about an entry for a key of a map.
fn by_values(entry: &IgnoreEntry, triple: &Triple) -> Option<(String, String)> {
    let (Step::Key(_), rest) = entry.path.steps().split_last()? else { return None };
    let map: AttrPath = rest.iter().cloned().collect();
    let (before, after) = (triple.actual.as_ref()?, triple.desired.as_ref()?.as_ref()?);
    let text = &entry.text;
    match (before.get(&map), after.get(&map)) {
        (Some(Value::Object(_)), Some(Value::Unknown)) => Some((
            format!(
                "`{text}` in `ignore_changes` has no effect this time: `{map}` is known only after apply"
            ),
            format!("ignore all of `{map}`, or make its keys known when planning"),
        )),
        (None | Some(Value::Null), Some(Value::Object(fields))) if fields.is_empty() => Some((
            format!(
                "`{text}` in `ignore_changes` makes a change of its own: `{map}` was null and becomes empty"
            ),
            format!("set `{map} = {{}}`, or leave the entry out until `{map}` has a value"),
        )),
        _ => None,
    }
}
