//! From the relation of three values to a class: the table of `docs/drift.md`, row by row.

use tidelock_parse::{AttrPath, Value};

use crate::{
    compare::{Difference, Fold, Match, Normalisers, configuration_says},
    evidence::{Knowledge, Owner, Setting},
    report::{Class, Evidence, IgnoreEntry, Normaliser, Reason},
};

/// What the plan does with the instance as a whole, as far as classes depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays (no-op, update).
    Stays,
    /// It is replaced: `ignore_changes` does not reach the new object.
    Replaced,
    /// It is destroyed or forgotten and not made again; its paths are not compared.
    Removed,
    /// A failed creation left it half-made.
    Tainted,
}

/// What one difference turns out to be.
#[allow(clippy::struct_excessive_bools, reason = "each is a field of the published contract")]
#[derive(Clone, Debug, PartialEq)]
pub struct Classified {
    /// What happened.
    pub class: Class,
    /// Whether it is drift.
    pub drift: bool,
    /// What the class rests on.
    pub evidence: Evidence,
    /// Which schema that is, where it is one.
    pub evidence_source: Option<String>,
    /// Why, where the class alone does not say it.
    pub reason: Option<Reason>,
    /// The normaliser under which recorded and actual are equal.
    pub cosmetic: Option<Normaliser>,
    /// Every normaliser used.
    pub normalisers: Vec<Normaliser>,
    /// Whether it can only be decided during apply.
    pub until_apply: bool,
    /// The entry that covers it.
    pub ignore_entry: Option<IgnoreEntry>,
    /// Whether the path is security-relevant.
    pub guards: bool,
    /// Whether a change in place interrupts something.
    pub disruptive: bool,
    /// Whether it meets a replace path.
    pub replaces: bool,
}

/// A class with what it rests on, before the flags are set.
struct Finding {
    class: Class,
    evidence: Evidence,
    reason: Option<Reason>,
    until_apply: bool,
    entry: Option<IgnoreEntry>,
}

impl Finding {
    fn new(class: Class, evidence: Evidence) -> Self {
        Self { class, evidence, reason: None, until_apply: false, entry: None }
    }

    fn because(mut self, reason: Reason) -> Self {
        self.reason = Some(reason);
        self
    }

    fn until_apply(mut self) -> Self {
        self.until_apply = true;
        self
    }
}

/// Classifies one difference of an instance.
pub fn classify(
    difference: &Difference,
    fate: Fate,
    replace_paths: &[AttrPath],
    knowledge: &dyn Knowledge,
) -> Classified {
    let path = &difference.path;
    let facts = knowledge.facts();
    let settable = matches!(knowledge.owner(path), Some(Owner::Either | Owner::Configuration));
    let guards = facts.guarding(path) || (settable && facts.guarding_words(path));
    let disruptive = facts.disruptive(path);
    let replaces = replace_paths.iter().any(|replace| replace.meets(path));
    let case = Case { difference, fate, knowledge };
    let found = case.class();
    let counts = match found.class {
        Class::Reverting | Class::DeletedOutside => true,
        Class::Conflicting => !(found.until_apply && difference.desired_unknown()),
        Class::Unmanaged => guards,
        _ => false,
    };
    // A normaliser never quiets what would replace or interrupt something.
    let cosmetic = cosmetic(difference, found.class).filter(|_| !(counts && (replaces || disruptive)));
    let evidence_source = (found.evidence == Evidence::Schema).then(|| knowledge.schema_name()).flatten();
    Classified {
        class: found.class,
        drift: counts && cosmetic.is_none(),
        evidence: found.evidence,
        evidence_source,
        reason: found.reason,
        cosmetic,
        normalisers: normalisers(difference),
        until_apply: found.until_apply,
        ignore_entry: found.entry,
        guards,
        disruptive,
        replaces,
    }
}

/// The normaliser to name when recorded and actual agree under it.
fn cosmetic(difference: &Difference, class: Class) -> Option<Normaliser> {
    match &difference.outside {
        Match::Normalised(used) if class != Class::Pending => used.first().copied(),
        _ => None,
    }
}

fn normalisers(difference: &Difference) -> Vec<Normaliser> {
    let relations = [Some(&difference.outside), difference.apply.as_ref(), difference.whole.as_ref()];
    let used: Normalisers = relations
        .into_iter()
        .flatten()
        .filter_map(|relation| match relation {
            Match::Normalised(used) => Some(used.iter().copied()),
            _ => None,
        })
        .flatten()
        .collect();
    used.into_iter().collect()
}

struct Case<'c> {
    difference: &'c Difference,
    fate: Fate,
    knowledge: &'c dyn Knowledge,
}

impl Case<'_> {
    fn path(&self) -> &AttrPath {
        &self.difference.path
    }

    fn class(&self) -> Finding {
        let unknown = self.difference.desired_unknown();
        if !self.difference.changed_outside() {
            let pending = Finding::new(Class::Pending, Evidence::None);
            return if unknown { pending.until_apply() } else { pending };
        }
        if self.fate == Fate::Tainted {
            return Finding::new(Class::Computed, Evidence::None).because(Reason::Tainted);
        }
        let (Some(apply), Some(whole)) = (&self.difference.apply, &self.difference.whole) else {
            return self.silent();
        };
        if unknown {
            return self.unknown();
        }
        let Difference { recorded, actual, desired, .. } = self.difference;
        if recorded.is_some() && actual.is_some() && *desired == Some(None) {
            // The plan removes the path, whatever became of it.
            return Finding::new(Class::Superseded, Evidence::None);
        }
        match (whole, apply) {
            (Match::Exact, _) => self.actionable(Class::Reverting),
            (_, Match::Exact) => self.accepted(),
            (Match::Normalised(_), _) => self.actionable(Class::Reverting),
            (_, Match::Normalised(_)) => self.accepted(),
            // Recorded and actual agree after normalising, and the plan wants something else: the change is the
            // configuration's.
            _ if self.difference.outside.holds() => Finding::new(Class::Pending, Evidence::None),
            _ => self.actionable(Class::Conflicting),
        }
    }

    /// The plan itself says it; name the strongest evidence that knows the path.
    fn actionable(&self, class: Class) -> Finding {
        if self.difference.fold == Fold::Ambiguous {
            return Finding::new(class, Evidence::None);
        }
        let evidence = match self.knowledge.setting(self.path()) {
            (Setting::Value(_) | Setting::Unevaluated, evidence) => evidence,
            _ if self.knowledge.owner(self.path()).is_some() => Evidence::Schema,
            _ => Evidence::None,
        };
        Finding::new(class, evidence)
    }

    /// R ≠ A, D = A: the plan takes reality as it is. Why?
    fn accepted(&self) -> Finding {
        if let Some(found) = self.provider_only() {
            return found;
        }
        if self.fate != Fate::Replaced
            && let Some(found) = self.ignored()
        {
            return found;
        }
        match self.knowledge.setting(self.path()) {
            (Setting::Value(value), evidence) if self.says_actual(&value) => {
                Finding::new(Class::Converged, evidence)
            }
            (Setting::Value(_), evidence) => {
                let reason =
                    if evidence == Evidence::Sources { Reason::SetElsewhere } else { Reason::NoSources };
                Finding::new(Class::Suppressed, evidence).because(reason)
            }
            (Setting::Unevaluated, evidence) => {
                Finding::new(Class::Suppressed, evidence).because(Reason::Unevaluated)
            }
            (Setting::CannotTell, evidence) => self
                .own_accord()
                .unwrap_or_else(|| Finding::new(Class::Suppressed, evidence).because(Reason::Unevaluated)),
            (Setting::NotSet, _) => self.unset(),
        }
    }

    /// Nobody sets the path.
    fn unset(&self) -> Finding {
        if let Some(found) = self.removed_on_both_sides() {
            return found;
        }
        self.own_accord().unwrap_or_else(|| match self.knowledge.owner(self.path()) {
            Some(_) => Finding::new(Class::Unmanaged, Evidence::Schema),
            None => Finding::new(Class::Unmanaged, Evidence::None).because(Reason::UnknownOwner),
        })
    }

    /// An entry of something the configuration sets is gone, and the configuration does not have it any more.
    fn removed_on_both_sides(&self) -> Option<Finding> {
        let Difference { path, recorded, actual, desired, .. } = self.difference;
        let gone = recorded.is_some() && actual.is_none() && *desired == Some(None);
        let (setting, evidence) = self.knowledge.setting(&path.parent().filter(|_| gone)?);
        matches!(setting, Setting::Value(_) | Setting::Unevaluated)
            .then(|| Finding::new(Class::Converged, evidence))
    }

    /// D unknown, R ≠ A.
    fn unknown(&self) -> Finding {
        if let Some(found) = self.provider_only().or_else(|| self.volatile()) {
            return found.until_apply();
        }
        match self.knowledge.setting(self.path()) {
            (Setting::Value(_) | Setting::Unevaluated, evidence) => {
                Finding::new(Class::Conflicting, evidence).until_apply()
            }
            _ => self.unset().until_apply(),
        }
    }

    /// The plan does not say: judge by what a plain apply would do.
    fn silent(&self) -> Finding {
        if let Some(found) = self.provider_only().or_else(|| self.ignored()) {
            return found;
        }
        match self.knowledge.setting(self.path()) {
            (Setting::Value(value), evidence) if self.says_actual(&value) => {
                Finding::new(Class::Converged, evidence)
            }
            (Setting::Value(value), evidence) => {
                let recorded =
                    configuration_says(self.difference.fold, &value, self.difference.recorded.as_ref());
                Finding::new(if recorded { Class::Reverting } else { Class::Conflicting }, evidence)
            }
            (Setting::Unevaluated | Setting::CannotTell, evidence) => {
                Finding::new(Class::Reverting, evidence).because(Reason::Unevaluated).until_apply()
            }
            (Setting::NotSet, _) => match self.knowledge.owner(self.path()) {
                Some(Owner::Configuration) => {
                    self.own_accord().unwrap_or_else(|| Finding::new(Class::Reverting, Evidence::Schema))
                }
                _ => self.unset(),
            },
        }
    }

    fn says_actual(&self, configured: &Value) -> bool {
        configuration_says(self.difference.fold, configured, self.difference.actual.as_ref())
    }

    fn ignored(&self) -> Option<Finding> {
        let entry = self.knowledge.ignored_by(self.path())?;
        let mut found = Finding::new(Class::Ignored, Evidence::Sources);
        found.entry = Some(entry);
        Some(found)
    }

    fn provider_only(&self) -> Option<Finding> {
        let own = self.knowledge.owner(self.path()) == Some(Owner::Provider);
        own.then(|| Finding::new(Class::Computed, Evidence::Schema).because(Reason::ComputedOnly))
    }

    fn volatile(&self) -> Option<Finding> {
        let volatile = self.knowledge.facts().volatile(self.path());
        volatile.then(|| Finding::new(Class::Computed, Evidence::Catalogue).because(Reason::Volatile))
    }

    /// It is known to change by itself, or another resource of the plan fills it.
    fn own_accord(&self) -> Option<Finding> {
        self.volatile().or_else(|| {
            let Difference { path, recorded, actual, .. } = self.difference;
            self.knowledge
                .companions_explain(path, recorded.as_ref(), actual.as_ref())
                .then(|| Finding::new(Class::Computed, Evidence::Catalogue).because(Reason::Companion))
        })
    }
}

#[cfg(test)]
mod tests;
