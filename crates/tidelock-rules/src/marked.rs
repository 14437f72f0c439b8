//! What is marked sensitive anywhere in an artifact: where the same text stands unmarked, it is the same secret.

use tidelock_parse::{
    ConfigModulePath, KnownSecrets, Mask, Plan, PlanError, State, Value, state::StateError,
};

/// Adds what a state marks in its instances.
pub(crate) fn of_state(state: &State, secrets: &mut KnownSecrets) -> Result<(), StateError> {
    for instance in state.instances().iter().filter(|instance| instance.may_hold_marks(state.source())) {
        let values = instance.values(state.source())?;
        secrets.add(&values.value, &values.sensitive);
    }
    Ok(())
}

/// Adds what a plan marks in its changes, and the root variables that are declared sensitive.
pub(crate) fn of_plan(plan: &Plan, secrets: &mut KnownSecrets) -> Result<(), PlanError> {
    let changes = plan.changes().iter().chain(plan.drift());
    for change in changes.filter(|change| change.may_hold_marks(plan.source())) {
        let values = change.values(plan.source())?;
        let marks = values.before_sensitive.union(&values.after_sensitive);
        [&values.before, &values.after].into_iter().flatten().for_each(|value| secrets.add(value, &marks));
    }
    of_variables(plan, secrets)
}

fn of_variables(plan: &Plan, secrets: &mut KnownSecrets) -> Result<(), PlanError> {
    let variables = plan.variables()?;
    if variables.is_empty() {
        return Ok(());
    }
    let configuration = plan.configuration()?;
    let Some(root) = configuration.module(&ConfigModulePath::root()) else { return Ok(()) };
    let marked = |name: &str| root.variables.get(name).is_some_and(|variable| variable.sensitive);
    let values = variables.iter().filter(|(name, _)| marked(name.as_str()));
    values.for_each(|(_, value): (_, &Value)| secrets.add(value, &Mask::All));
    Ok(())
}
