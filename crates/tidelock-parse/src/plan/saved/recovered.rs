//! Drift that a plan does not list: `plan -destroy` looks for none. The two states in the file tell it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Saved, SavedChange};
use crate::{
    action::Action,
    address::{Mode, ResourceAddr},
    plan::{ChangeValues, PlanError, RawValues, ResourceChange},
    state::{State, StateInstance, StateValues},
    value::{Value, ValueError},
};

/// One instance in the state before and after refresh.
#[derive(Clone)]
pub(in crate::plan) struct Recovered {
    before: Arc<State>,
    after: Arc<State>,
    /// Its position in each.
    at: (usize, Option<usize>),
}

/// What refresh changed. `changes` tell which instances are new in the state because they are being imported, which
/// both states hold then, and where moved ones were before.
pub(super) fn drift(saved: &Saved, changes: &[ResourceChange]) -> Result<Vec<ResourceChange>, PlanError> {
    let (before, after) = (Arc::new(saved.state_before()?), Arc::new(saved.state_after()?));
    let imported: BTreeSet<&ResourceAddr> =
        changes.iter().filter(|change| change.importing).map(|change| &change.address).collect();
    let moved: BTreeMap<&ResourceAddr, &ResourceAddr> = changes
        .iter()
        .filter_map(|change| Some((&change.address, change.previous_address.as_ref()?)))
        .collect();
    let now: BTreeMap<&ResourceAddr, usize> = after
        .instances()
        .iter()
        .enumerate()
        .filter(|(_, it)| is_current(it))
        .map(|(at, it)| (&it.address, at))
        .collect();
    let mut found = Vec::new();
    for (at, instance) in before.instances().iter().enumerate() {
        if !is_current(instance) || imported.contains(&instance.address) {
            continue;
        }
        let recovered = Recovered {
            before: Arc::clone(&before),
            after: Arc::clone(&after),
            at: (at, now.get(&instance.address).copied()),
        };
        let action = match recovered.at.1 {
            None => Action::Delete,
            Some(_) if recovered.is_same()? => continue,
            Some(_) => Action::Update,
        };
        found.push(ResourceChange {
            address: instance.address.clone(),
            previous_address: moved.get(&instance.address).map(|address| (*address).clone()),
            deposed: None,
            provider: instance.provider.source.clone(),
            action,
            action_reason: None,
            replace_paths: Vec::new(),
            importing: false,
            raw: RawValues::Saved(SavedChange::States(recovered)),
        });
    }
    found.sort_by(|a, b| a.address.cmp(&b.address));
    Ok(found)
}

fn is_current(instance: &StateInstance) -> bool {
    instance.address.mode == Mode::Managed && instance.deposed.is_none()
}

impl Recovered {
    fn before(&self) -> Result<StateValues, PlanError> {
        let Some(instance) = self.before.instances().get(self.at.0) else {
            return Ok(StateValues::default());
        };
        Ok(instance.values(self.before.source())?)
    }

    fn after(&self) -> Result<Option<StateValues>, PlanError> {
        let instance = self.at.1.and_then(|at| self.after.instances().get(at));
        Ok(instance.map(|instance| instance.values(self.after.source())).transpose()?)
    }

    fn is_same(&self) -> Result<bool, PlanError> {
        let now = self.at.1.and_then(|at| self.after.instances().get(at));
        if let (Some(before), Some(now)) = (self.before.instances().get(self.at.0), now)
            && before.is_same_text(self.before.source(), now, self.after.source())
        {
            return Ok(true);
        }
        Ok(self.after()?.is_some_and(|after| self.before().is_ok_and(|before| before.value == after.value)))
    }

    pub(super) fn values(&self) -> Result<ChangeValues, ValueError> {
        let broken = |_| ValueError::Json;
        let (before, after) = (self.before().map_err(broken)?, self.after().map_err(broken)?);
        let (after, after_sensitive) = match after {
            Some(after) => (Some(after.value), after.sensitive),
            None => (None, crate::Mask::None),
        };
        Ok(ChangeValues {
            before: Some(before.value),
            before_sensitive: before.sensitive,
            after,
            after_sensitive,
        })
    }

    pub(super) fn arguments_after(&self, names: &[&str]) -> Result<BTreeMap<Box<str>, Value>, ValueError> {
        let after = self.after().map_err(|_| ValueError::Json)?;
        Ok(match after.map(|after| after.value) {
            Some(Value::Object(fields)) => {
                fields.into_iter().filter(|(name, _)| names.contains(&&**name)).collect()
            }
            _ => BTreeMap::new(),
        })
    }
}
