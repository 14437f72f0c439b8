//! What a plan creates although it exists: TL301 `create-collides`.

use std::collections::BTreeMap;

use tidelock_parse::{
    Configuration, Mode, Plan, PlanError, ResourceAddr, Value,
    config::{Evaluated, IgnoreChanges, Setting},
    inventory::{Key, Object},
};

use super::{Reconcile, Story, duplicates, propose::Forget};
use crate::{claims::Role, proposal::ObjectInfo, reality::Reality, report::Severity, rules::CreateCollides};

/// Something that is going to be made.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) address: ResourceAddr,
    /// What is known to name it, before it is there.
    pub(super) keys: Vec<Key>,
    pub(super) name: Option<String>,
    /// What the configuration asks for.
    values: Value,
}

/// Arguments that name an object, say where it is, or keep an import from lasting.
const TELLING: [&str; 13] = [
    "bucket",
    "clone",
    "hostname",
    "identifier",
    "image",
    "name",
    "node_name",
    "ssh_keys",
    "tags",
    "target_node",
    "user_data",
    "vm_id",
    "vmid",
];

impl Wanted {
    /// What the plan creates; without a plan, what the sources declare and no state has.
    pub(super) fn all(question: &Reconcile<'_>) -> Result<Vec<Self>, PlanError> {
        match (question.plan, question.sources) {
            (Some(plan), _) => Self::created(plan),
            (None, Some(sources)) => Ok(Self::declared(sources, question.reality)),
            (None, None) => Ok(Vec::new()),
        }
    }

    fn created(plan: &Plan) -> Result<Vec<Self>, PlanError> {
        let creates = plan.changes().iter().filter(|change| {
            change.address.mode == Mode::Managed && change.action.creates() && !change.action.is_replace()
        });
        let creates = creates.filter(|change| Role::of(change).is_some() && !change.importing);
        creates
            .map(|change| {
                let values = change.values(plan.source())?.after.unwrap_or_default();
                Ok(Self::new(change.address.clone(), values))
            })
            .collect()
    }

    fn declared(sources: &Configuration, reality: &Reality<'_>) -> Vec<Self> {
        let held = reality.by_address();
        let missing = sources.declared().instances.into_iter().filter(|address| !held.contains_key(address));
        missing
            .map(|address| {
                let value = |name: &str| match sources.setting(&address, &name.parse().unwrap_or_default()) {
                    Setting::Set { value: Evaluated::Known(value), .. } => Some(value),
                    _ => None,
                };
                let values =
                    TELLING.into_iter().filter_map(|name| Some((name.into(), value(name)?))).collect();
                Self::new(address, Value::Object(values))
            })
            .collect()
    }

    fn new(address: ResourceAddr, values: Value) -> Self {
        let object = tidelock_types::of(&address.type_name).object(&address.type_name, &values);
        let keys = object.iter().flat_map(Object::keys).cloned().collect();
        Self { address, keys, name: name_of(&values), values }
    }

    /// An object as its import would find it: where a list does not say on which node it is, the configuration does.
    pub(super) fn placed(&self, object: &Object) -> Object {
        let mut object = object.clone();
        if object.location.is_none() {
            let fields = self.values.as_object();
            let node = ["node_name", "target_node"].into_iter().find_map(|name| fields?.get(name)?.as_str());
            object.location = node.map(str::to_owned);
        }
        object
    }

    /// Whether an object is of the kind that the address holds.
    pub(super) fn is_kind_of(&self, object: &Object) -> bool {
        let type_name = &*self.address.type_name;
        object.told.type_name.as_deref() == Some(type_name)
            || &*object.key.noun == type_name
            || tidelock_types::holders(object).contains(&type_name)
    }

    /// What to write before an import, so that it lasts: the end of a sentence, empty where there is nothing to write.
    pub(super) fn before_import(&self, story: &Story<'_, '_>) -> String {
        self.trap(story).map_or_else(String::new, |trap| {
            format!("; write `ignore_changes = [{}]` first: {}", trap.ignore.join(", "), trap.message)
        })
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
    let advice = match (holder, wanted.trap(story)) {
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
    let proposal = if let Some(held) = holder {
        story.decide(object, Some(held), format!("{address} would make what this address has"))
    } else {
        let reason = format!("it {how}, and no state knows it{}", wanted.before_import(story));
        story.import(&address, &wanted.placed(object), reason, Forget::Nothing)
    };
    let mut sink = story.sink(&CreateCollides::META);
    let draft = sink.about_address(&address, Severity::Deny, message).object(info).help(advice);
    sink.put(draft);
    story.propose([proposal]);
    story.told_wanted.insert(number);
    if let Some(index) = story.reality.index_of(&object.key) {
        story.told_objects.insert(index);
    }
}
