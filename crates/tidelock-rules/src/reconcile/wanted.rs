//! What a plan creates although it exists: TL301 `create-collides`.

use std::collections::BTreeMap;

use tidelock_parse::{
    Mode, Plan, PlanError, ResourceAddr, Value,
    config::IgnoreChanges,
    inventory::{Key, Object},
};

use super::{Story, duplicates, propose::Forget};
use crate::{claims::Role, proposal::ObjectInfo, report::Severity, rules::CreateCollides};

/// Something that a plan makes.
#[derive(Clone, Debug)]
pub(super) struct Wanted<'q> {
    pub(super) address: &'q ResourceAddr,
    /// What is known to name it, before it is there.
    pub(super) keys: Vec<Key>,
    pub(super) name: Option<String>,
    /// What the configuration asks for.
    values: Value,
}

impl<'q> Wanted<'q> {
    pub(super) fn all(plan: Option<&'q Plan>) -> Result<Vec<Self>, PlanError> {
        let Some(plan) = plan else { return Ok(Vec::new()) };
        let creates = plan.changes().iter().filter(|change| {
            change.address.mode == Mode::Managed && change.action.creates() && !change.action.is_replace()
        });
        let creates = creates.filter(|change| Role::of(change).is_some() && !change.importing);
        creates
            .map(|change| {
                let values = change.values(plan.source())?.after.unwrap_or_default();
                let type_name = &change.address.type_name;
                let object = tidelock_types::of(type_name).object(type_name, &values);
                let keys = object.iter().flat_map(Object::keys).cloned().collect();
                Ok(Self { address: &change.address, keys, name: name_of(&values), values })
            })
            .collect()
    }

    /// Whether an object is of the kind that the address holds.
    pub(super) fn is_kind_of(&self, object: &Object) -> bool {
        let type_name = &*self.address.type_name;
        object.told.type_name.as_deref() == Some(type_name)
            || &*object.key.noun == type_name
            || tidelock_types::holders(object).contains(&type_name)
    }

    /// Why an import would not last, with what to add.
    pub(super) fn trap(&self, story: &Story<'_, '_>) -> Option<tidelock_types::Trap> {
        let trap = tidelock_types::of(&self.address.type_name).trap(&self.address.type_name, &self.values)?;
        let block = story.question.sources.and_then(|sources| sources.resource(&self.address.config()));
        let ignored = |entry: &String| match block.map(|block| &block.lifecycle.ignore_changes) {
            Some(IgnoreChanges::All { .. }) => true,
            Some(IgnoreChanges::Entries(entries)) => entries.iter().any(|one| one.text == *entry),
            _ => false,
        };
        let ignore: Vec<String> = trap.ignore.iter().filter(|entry| !ignored(entry)).cloned().collect();
        (!ignore.is_empty()).then_some(tidelock_types::Trap { ignore, ..trap })
    }
}

/// What people call the object that such values make.
fn name_of(values: &Value) -> Option<String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let fields = values.as_object()?;
    let plain =
        ["name", "identifier", "bucket", "hostname"].into_iter().find_map(|name| text(fields.get(name)?));
    let tag = || fields.get("tags").and_then(Value::as_object).and_then(|tags| text(tags.get("Name")?));
    plain.or_else(tag)
}

/// Creates that collide with what exists, by what names it, else by its name.
pub(super) fn tell(story: &mut Story<'_, '_>) {
    let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, listed) in story.objects() {
        if let Some(name) = listed.object.name.clone().filter(|_| listed.holders.is_empty()) {
            by_name.entry(name).or_default().push(index);
        }
    }
    for (number, wanted) in story.wanted.iter().enumerate() {
        if story.told_wanted.contains(&number) {
            continue;
        }
        let by_key = wanted.keys.iter().find_map(|key| story.reality.find(key)).map(|listed| listed.object);
        let named: Vec<usize> = wanted
            .name
            .as_ref()
            .and_then(|name| by_name.get(name))
            .into_iter()
            .flatten()
            .copied()
            .filter(|index| !story.told_objects.contains(index))
            .filter(|index| {
                story.reality.objects().get(*index).is_some_and(|listed| wanted.is_kind_of(listed.object))
            })
            .collect();
        match (by_key, named.as_slice()) {
            (Some(object), _) => collides(story, number, object, "has this id"),
            (None, [only]) => {
                if let Some(listed) = story.reality.objects().get(*only) {
                    collides(story, number, listed.object, "has this name");
                }
            }
            (None, []) => {}
            (None, several) => duplicates::choose(story, several, Some(number)),
        }
    }
}

/// One object that stands where the plan wants to make one.
pub(super) fn collides(story: &mut Story<'_, '_>, number: usize, object: &Object, how: &str) {
    let Some(wanted) = story.wanted.get(number) else { return };
    let holder = story.reality.find(&object.key).and_then(|listed| listed.holders.first().copied());
    let holder = holder.and_then(|index| story.reality.held().get(index));
    let info = ObjectInfo::from(object);
    let named = format!("{} {}", info.kind, info.id);
    let address = wanted.address.clone();
    let message = match holder {
        Some(held) => format!("{named} {how} already, and {} holds it", held.instance.address),
        None => format!("{named} {how} already, and no state knows it"),
    };
    let trap = wanted.trap(story);
    let help = match (holder, &trap) {
        (Some(_), _) => {
            "keep one of the two blocks; to change the address of the object, use a `moved` block".to_owned()
        }
        (None, None) => "import it before anything is applied".to_owned(),
        (None, Some(trap)) => format!(
            "import it before anything is applied, with `ignore_changes = [{}]` in its block: {}",
            trap.ignore.join(", "),
            trap.message
        ),
    };
    let proposal = match holder {
        Some(held) => story.decide(object, Some(held), format!("{address} would make what this address has")),
        None => {
            let reason = match &trap {
                None => format!("it {how}, and no state knows it"),
                Some(trap) => format!(
                    "it {how}, and no state knows it; add `ignore_changes = [{}]` first, for {}",
                    trap.ignore.join(", "),
                    trap.message
                ),
            };
            story.import(&address, object, reason, Forget::Nothing)
        }
    };
    let mut sink = story.sink(&CreateCollides::META);
    let draft = sink.about_address(&address, Severity::Deny, message).object(info).help(help);
    sink.put(draft);
    story.propose([proposal]);
    story.told_wanted.insert(number);
    if let Some(index) = story.reality.index_of(&object.key) {
        story.told_objects.insert(index);
    }
}
