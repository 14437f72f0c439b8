//! The instances a plan speaks of: each change joined with what refresh found.

use std::collections::BTreeMap;

use tidelock_parse::{
    Action, ActionReason, AttrPath, Mask, Mode, Plan, PlanError, ResourceAddr, Value,
    plan::{FormatVersion, PlanningMode, ResourceChange},
};

use crate::{classify::Fate, report::PlanMode};

/// One managed instance, or one deposed object, that diverged, changes or moves.
#[derive(Clone, Copy, Debug)]
pub struct Instance<'p> {
    /// What refresh found, if it differs from the state.
    pub drift: Option<&'p ResourceChange>,
    /// What the plan does.
    pub change: Option<&'p ResourceChange>,
}

/// The three values of an instance with what is sensitive in them.
#[derive(Clone, Debug, Default)]
pub struct Triple {
    /// What the state said.
    pub recorded: Option<Value>,
    /// What refresh found.
    pub actual: Option<Value>,
    /// What the plan wants; the outer `None` where it does not say.
    pub desired: Option<Option<Value>>,
    /// What is sensitive in any of them and must not be shown: what the plan marks, and what the policy calls secret.
    pub sensitive: Mask,
    /// What the plan marks as sensitive in any of them.
    pub marked: Mask,
    /// Whether only the marking as sensitive changes outside.
    pub drift_in_masks_only: bool,
    /// Whether the plan changes the marking as sensitive.
    pub plan_changes_masks: bool,
}

impl Triple {
    /// The values that are there: recorded, actual, desired.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        let desired = self.desired.as_ref().and_then(Option::as_ref);
        [self.recorded.as_ref(), self.actual.as_ref(), desired].into_iter().flatten()
    }
}

/// Joins the lists of a plan. Quiet instances (no-op, no drift, not moved) are left out; sorted by address.
pub fn join(plan: &Plan) -> Vec<Instance<'_>> {
    let managed = |change: &&ResourceChange| change.address.mode == Mode::Managed;
    let mut drift: BTreeMap<&ResourceAddr, &ResourceChange> =
        plan.drift().iter().filter(managed).map(|change| (&change.address, change)).collect();
    let mut instances = Vec::new();
    for change in plan.changes().iter().filter(managed) {
        let drift = if change.deposed.is_none() { drift.remove(&change.address) } else { None };
        let quiet = change.action.is_quiet() && change.previous_address.is_none() && !change.importing;
        if drift.is_some() || !quiet {
            instances.push(Instance { drift, change: Some(change) });
        }
    }
    instances.extend(drift.into_values().map(|drift| Instance { drift: Some(drift), change: None }));
    instances.sort_by(|a, b| a.address().cmp(b.address()).then_with(|| a.deposed().cmp(&b.deposed())));
    instances
}

impl<'p> Instance<'p> {
    fn entry(&self) -> &'p ResourceChange {
        match (self.change, self.drift) {
            (Some(change), _) | (None, Some(change)) => change,
            // `join` builds no such thing.
            (None, None) => unreachable!("an instance without any entry"),
        }
    }

    /// Its address.
    pub fn address(&self) -> &'p ResourceAddr {
        &self.entry().address
    }

    /// Where it was before it was moved.
    pub fn previous_address(&self) -> Option<&'p ResourceAddr> {
        self.entry().previous_address.as_ref()
    }

    /// Key of a deposed object.
    pub fn deposed(&self) -> Option<&'p str> {
        self.entry().deposed.as_deref()
    }

    /// Source address of its provider.
    pub fn provider(&self) -> &'p str {
        &self.entry().provider
    }

    /// What the plan does to it; no-op where the plan does not say.
    pub fn action(&self) -> Action {
        self.change.map_or(Action::NoOp, |change| change.action.clone())
    }

    /// Attributes that force its replacement.
    pub fn replace_paths(&self) -> &'p [AttrPath] {
        self.change.map_or(&[], |change| &change.replace_paths)
    }

    /// Whether the last apply left it half-made, as far as the plan says.
    pub fn is_tainted(&self) -> bool {
        self.change.and_then(|change| change.action_reason.as_ref())
            == Some(&ActionReason::ReplaceBecauseTainted)
    }

    /// Whether refresh found the object gone.
    pub fn is_gone(&self) -> bool {
        self.drift.is_some_and(|drift| drift.action == Action::Delete)
    }

    /// What happens to the instance as a whole.
    pub fn fate(&self, tainted: bool) -> Fate {
        let action = self.action();
        if tainted {
            Fate::Tainted
        } else if action.is_replace() {
            Fate::Replaced
        } else if action.destroys() || action.forgets() {
            Fate::Removed
        } else {
            Fate::Stays
        }
    }

    /// Decodes the three values.
    ///
    /// # Errors
    /// [`PlanError::Value`] if one cannot be decoded.
    pub fn triple(&self, plan: &Plan) -> Result<Triple, PlanError> {
        let values =
            |change: Option<&ResourceChange>| change.map(|change| change.values(plan.source())).transpose();
        let (drift, change) = (values(self.drift)?, values(self.change)?);
        let mut triple = Triple::default();
        let mut masks = Mask::None;
        if let Some(change) = change {
            masks = change.before_sensitive.union(&change.after_sensitive);
            triple.plan_changes_masks =
                change.before == change.after && change.before_sensitive != change.after_sensitive;
            triple.desired = Some(change.after);
            triple.recorded.clone_from(&change.before);
            triple.actual = change.before;
        }
        if let Some(drift) = drift {
            masks = masks.union(&drift.before_sensitive).union(&drift.after_sensitive);
            triple.drift_in_masks_only =
                drift.before == drift.after && drift.before_sensitive != drift.after_sensitive;
            triple.recorded = drift.before;
            triple.actual = drift.after;
        }
        triple.sensitive = masks.clone();
        triple.marked = masks;
        Ok(triple)
    }
}

/// The planning mode. A saved plan records it; plan JSON does not, so it is read off what is there and what is missing.
///
/// `state_has_managed`: whether the state inside the plan holds managed instances.
pub fn mode(plan: &Plan, state_has_managed: bool) -> PlanMode {
    match plan.recorded().map(|recorded| recorded.mode) {
        Some(PlanningMode::Normal) => return PlanMode::Normal,
        Some(PlanningMode::Destroy) => return PlanMode::Destroy,
        Some(PlanningMode::RefreshOnly) => return PlanMode::RefreshOnly,
        _ => {}
    }
    if !plan.has_changes() {
        let refreshed = !plan.drift().is_empty() || state_has_managed;
        return if refreshed { PlanMode::RefreshOnly } else { PlanMode::Normal };
    }
    // Before format 1.0 (Terraform 1.1) a plan gives no reasons at all.
    let gives_reasons = plan.header().format_version >= FormatVersion { major: 1, minor: 0 };
    let managed = || plan.changes().iter().filter(|change| change.address.mode == Mode::Managed);
    // `plan -destroy` gives no reason for its deletes; a delete that has one follows from the configuration.
    let destroys = |change: &ResourceChange| {
        matches!(change.action, Action::Delete | Action::Forget)
            && matches!(
                change.action_reason,
                None | Some(ActionReason::ForgotBecauseLifecycleDestroyInConfig)
            )
    };
    let current = |change: &&ResourceChange| change.deposed.is_none();
    // What is only forgotten stays alive: whatever the mode was, nothing is destroyed.
    if gives_reasons
        && managed().filter(current).any(|change| change.action == Action::Delete)
        && managed().filter(current).all(destroys)
        && plan.drift().is_empty()
    {
        PlanMode::Destroy
    } else {
        PlanMode::Normal
    }
}

#[cfg(test)]
mod tests {
    use tidelock_parse::Source;

    use super::*;

    fn plan(body: &str) -> Plan {
        let text = format!(r#"{{"format_version":"1.2"{body}}}"#);
        Plan::from_source(&Source::new("plan", text.into_bytes())).unwrap()
    }

    fn entry(address: &str, actions: &str, reason: &str) -> String {
        let reason =
            if reason.is_empty() { String::new() } else { format!(r#","action_reason":"{reason}""#) };
        format!(
            r#"{{"address":"{address}","change":{{"actions":[{actions}],"before":{{"id":"1"}},"after":null}}{reason}}}"#
        )
    }

    fn mode_of(changes: &[String], prior: bool) -> PlanMode {
        mode(&plan(&format!(r#","resource_changes":[{}]"#, changes.join(","))), prior)
    }

    #[test]
    fn a_plan_without_changes_over_a_managed_state_is_refresh_only() {
        assert_eq!(mode(&plan(""), true), PlanMode::RefreshOnly);
        assert_eq!(mode(&plan(""), false), PlanMode::Normal);
    }

    #[test]
    fn deletes_alone_and_without_a_reason_are_a_destroy_plan() {
        let delete = |reason| entry("a.b", "\"delete\"", reason);
        assert_eq!(mode_of(&[delete("")], true), PlanMode::Destroy);
        assert_eq!(mode_of(&[delete("delete_because_no_resource_config")], true), PlanMode::Normal);
        assert_eq!(mode_of(&[delete(""), entry("a.c", "\"no-op\"", "")], true), PlanMode::Normal);
        assert_eq!(mode_of(&[], true), PlanMode::Normal);
        assert_eq!(mode_of(&[entry("a.b", "\"forget\"", "")], true), PlanMode::Normal);
    }

    #[test]
    fn quiet_instances_are_left_out_and_deposed_ones_stand_beside_the_current() {
        let mut deposed = entry("a.b", "\"delete\"", "");
        deposed.insert_str(1, r#""deposed":"0123abcd","#);
        let changes = [entry("a.c", "\"no-op\"", ""), entry("a.b", "\"no-op\"", ""), deposed];
        let plan = plan(&format!(r#","resource_changes":[{}]"#, changes.join(",")));
        let found = join(&plan);
        assert_eq!(found.len(), 1);
        assert_eq!(
            (found[0].address().to_string(), found[0].deposed()),
            ("a.b".to_owned(), Some("0123abcd"))
        );
    }

    #[test]
    fn drift_without_a_change_entry_has_no_desired_value() {
        let plan = plan(&format!(r#","resource_drift":[{}]"#, entry("a.b", "\"update\"", "")));
        let triple = join(&plan)[0].triple(&plan).unwrap();
        assert!(triple.desired.is_none() && triple.recorded.is_some());
    }

    #[test]
    fn data_sources_are_no_instances() {
        let plan = plan(&format!(r#","resource_changes":[{}]"#, entry("data.a.b", "\"read\"", "")));
        assert!(join(&plan).is_empty());
    }
}
