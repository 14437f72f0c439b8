//! Outputs of the root module, as far as they may be shown.

use tidelock_parse::{
    Action, KnownSecrets, Mask, Plan, PlanError, Redactor, Shown, State, StateError, Value, redact,
};

use super::OutputValue;
use crate::marked;

pub(super) fn of_plan(plan: &Plan) -> Result<Vec<OutputValue>, PlanError> {
    let changes = plan.outputs()?;
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let mut secrets = KnownSecrets::default();
    marked::of_plan(plan, &mut secrets)?;
    for output in &changes {
        let marks = output.values.before_sensitive.union(&output.values.after_sensitive);
        let values = [&output.values.before, &output.values.after];
        values.into_iter().flatten().for_each(|value| secrets.add(value, &marks));
    }
    let shown = changes.into_iter().map(|output| {
        let marks = output.values.before_sensitive.union(&output.values.after_sensitive);
        let value = show(&output.name, output.values.after.as_ref(), &marks, &secrets);
        let actions = Some(output.action).filter(|action| *action != Action::NoOp);
        OutputValue { name: output.name, actions, sensitive: marks.any(), value }
    });
    Ok(shown.collect())
}

pub(super) fn of_state(state: &State) -> Result<Vec<OutputValue>, StateError> {
    if state.outputs().is_empty() {
        return Ok(Vec::new());
    }
    let mut secrets = KnownSecrets::default();
    marked::of_state(state, &mut secrets)?;
    let mut values = Vec::new();
    for (name, output) in state.outputs() {
        let value = output.value(state.source()).map_err(|cause| StateError::Output {
            input: state.source().name().to_owned(),
            name: name.clone(),
            cause,
        })?;
        let mask = if output.sensitive { Mask::All } else { Mask::None };
        secrets.add(&value, &mask);
        values.push((name, output.sensitive, value, mask));
    }
    let shown = values.into_iter().map(|(name, sensitive, value, mask)| OutputValue {
        name: name.clone(),
        actions: None,
        sensitive,
        value: show(name, Some(&value), &mask, &secrets),
    });
    Ok(shown.collect())
}

fn show(name: &str, value: Option<&Value>, marks: &Mask, secrets: &KnownSecrets) -> Shown {
    let named = value.is_some_and(|value| redact::is_named(name, None, value));
    let mask = if named { &Mask::All } else { marks };
    let mut shown = Redactor::default().show(value, mask);
    secrets.hide(&mut shown);
    shown
}
