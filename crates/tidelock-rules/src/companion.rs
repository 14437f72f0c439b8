//! Resources that fill paths of others: `aws_security_group.ingress` by `aws_security_group_rule`.

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashSet},
};

use tidelock_parse::{AttrPath, Plan, ResourceAddr, Value, plan::ResourceChange, state::State};

use crate::catalogue::Companion;

/// The companion instances of a plan, decoded when a type is first asked for.
pub(crate) struct Companions<'p> {
    plan: &'p Plan,
    prior: Option<&'p State>,
    by_type: RefCell<BTreeMap<Box<str>, Vec<Value>>>,
}

impl<'p> Companions<'p> {
    /// `prior`: the state inside the plan, where the plan lists no instances.
    pub(crate) fn new(plan: &'p Plan, prior: Option<&'p State>) -> Self {
        Self { plan, prior, by_type: RefCell::default() }
    }

    /// Whether instances of a companion type explain what happened to a path of the object.
    ///
    /// An instance must refer to the object, and every added element must be one that a companion describes.
    pub(crate) fn explain(
        &self,
        companion: &Companion,
        address: &ResourceAddr,
        object: Option<&Value>,
        recorded: Option<&Value>,
        actual: Option<&Value>,
    ) -> bool {
        let identities = identities(object);
        let mut mine = Vec::new();
        for type_name in &companion.by {
            if **type_name != *address.type_name {
                self.with_type(type_name, |instances| {
                    let refers = |instance: &&Value| refers(instance, companion, &identities);
                    mine.extend(instances.iter().filter(refers).cloned());
                });
            }
        }
        !mine.is_empty()
            && added(recorded, actual)
                .iter()
                .all(|element| mine.iter().any(|instance| describes(instance, element)))
    }

    fn with_type(&self, type_name: &str, see: impl FnOnce(&[Value])) {
        let mut by_type = self.by_type.borrow_mut();
        let instances = by_type.entry(type_name.into()).or_insert_with(|| self.decode(type_name));
        see(instances);
    }

    fn decode(&self, type_name: &str) -> Vec<Value> {
        let ours = self.plan.changes().iter().chain(self.plan.drift());
        let ours = ours.filter(|change: &&ResourceChange| *change.address.type_name == *type_name);
        let planned = ours
            .filter_map(|change| change.values(self.plan.source()).ok())
            .flat_map(|values| [values.before, values.after])
            .flatten();
        let held = self.prior.into_iter().flat_map(|state| {
            let own = state.instances().iter().filter(|object| *object.address.type_name == *type_name);
            own.filter_map(|object| object.values(state.source()).ok()).map(|values| values.value)
        });
        planned.chain(held).collect()
    }
}

/// By what others call the object: id, name, ARN and the like.
fn identities(object: Option<&Value>) -> Vec<&str> {
    let fields = object.and_then(Value::as_object);
    let names = ["id", "arn", "name", "bucket", "self_link"];
    let texts = names.iter().filter_map(|name| fields?.get(*name)?.as_str());
    texts.filter(|text| !text.is_empty()).collect()
}

fn refers(instance: &Value, companion: &Companion, identities: &[&str]) -> bool {
    let through: AttrPath = companion.through.names().map(tidelock_parse::Step::attr).collect();
    let target = instance.get(&through).and_then(Value::as_str);
    target.is_some_and(|target| identities.contains(&target))
}

/// The elements that are new; a value that is no list has none.
fn added<'v>(recorded: Option<&Value>, actual: Option<&'v Value>) -> Vec<&'v Value> {
    let old: HashSet<&Value> = recorded.and_then(Value::as_list).into_iter().flatten().collect();
    let new = actual.and_then(Value::as_list).unwrap_or_default();
    new.iter().filter(|element| !old.contains(element)).collect()
}

/// Whether a companion says the same as an element: all they both name agrees, and that is something.
fn describes(instance: &Value, element: &Value) -> bool {
    let (Some(instance), Some(element)) = (instance.as_object(), element.as_object()) else {
        return false;
    };
    let mut shared = 0;
    for (name, value) in element.iter().filter(|(_, value)| !value.is_empty()) {
        match instance.get(name) {
            // A text that explains is not what makes a rule.
            _ if &**name == "description" => {}
            Some(other) if other == value => shared += 1,
            Some(other) if !other.is_empty() => return false,
            _ => {}
        }
    }
    shared > 0
}
