//! Where one policy lets through more than another.

use std::collections::BTreeSet;

use super::{Pattern, Policy, Profile, SeverityAt, Waiver};
use crate::{
    catalogue::Catalogue,
    context::Thresholds,
    report::{Location, Severity},
    rule::RuleMeta,
    rules,
};

/// One respect in which a change loosens what guards it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loosening {
    /// What it is, lower case, no final stop.
    pub what: String,
    /// Where it is written, if it is.
    pub location: Option<Location>,
}

impl Loosening {
    /// A loosening found elsewhere than in a policy.
    pub fn new(what: impl Into<String>, location: Option<Location>) -> Self {
        Self { what: what.into(), location }
    }
}

impl Policy {
    /// The policy of the target branch, remembering where this one, of a change to it, is looser: a change must not be
    /// able to switch off its own gate. What either of the two locks protects stays protected.
    #[must_use]
    pub fn held_to(self, base: Self) -> Self {
        let loosened = self.looser_than(&base);
        let lock = base.lock.joined(self.lock);
        Self { lock, loosened, ..base }
    }

    /// Every respect in which this policy lets through more than another.
    pub fn looser_than(&self, base: &Self) -> Vec<Loosening> {
        let mut found = Vec::new();
        let mut say = |what: String| found.push(Loosening::new(what, None));
        weights(self, base, &mut say);
        entries(self, base, &mut say);
        limits(&self.thresholds, &base.thresholds, &mut say);
        types(self, base, &mut say);
        words(self, base, &mut say);
        let known: BTreeSet<_> = base.waivers.iter().map(grant).collect();
        let granted = self.waivers.iter().filter(|waiver| !covered(waiver, &known));
        found.extend(granted.map(|waiver| {
            let Waiver { rule, address, until, .. } = waiver;
            Loosening::new(
                format!("a waiver of {rule} at `{address}` until {until}"),
                waiver.location.clone(),
            )
        }));
        found
    }
}

/// What a waiver lets through, without who said so and why.
type Grant<'w> = (&'w str, &'w Pattern, Option<&'w Pattern>, Option<&'w Pattern>, jiff::civil::Date);

fn grant(waiver: &Waiver) -> Grant<'_> {
    (&waiver.rule, &waiver.address, waiver.path.as_ref(), waiver.stack.as_ref(), waiver.until)
}

/// Whether a known waiver says the same, for as long at least.
fn covered(waiver: &Waiver, known: &BTreeSet<Grant<'_>>) -> bool {
    let (rule, address, path, stack, _) = grant(waiver);
    let next = known.range(grant(waiver)..).next();
    next.is_some_and(|next| (next.0, next.1, next.2, next.3) == (rule, address, path, stack))
}

/// The heaviest weight that a rule gives by itself.
fn heaviest(meta: &RuleMeta) -> Severity {
    let words = meta.severity.split([' ', ',']).filter_map(|word| word.parse::<Severity>().ok());
    words.max().unwrap_or(Severity::Deny)
}

fn weights(here: &Policy, base: &Policy, say: &mut impl FnMut(String)) {
    for meta in rules::RULES.iter().map(|rule| rule.meta()) {
        let weight = |policy: &Policy| policy.rules.get(meta.code).copied();
        let (now, before) = (weight(here), weight(base));
        let of = |weight: Option<Severity>| weight.unwrap_or(heaviest(meta));
        // A rule that weighs by case and one that always weighs its heaviest differ, though not in this number.
        let lower = of(now) < of(before) || (now.is_none() && before == Some(heaviest(meta)) && varies(meta));
        if lower {
            let now = now.map_or_else(|| format!("its default, {}", meta.severity), |now| now.to_string());
            say(format!("{} weighs {now}", meta.code));
        }
    }
}

fn varies(meta: &RuleMeta) -> bool {
    meta.severity.parse::<Severity>().is_err()
}

fn entries(here: &Policy, base: &Policy, say: &mut impl FnMut(String)) {
    let patterns = |patterns: &[Pattern]| {
        patterns.iter().map(|pattern| format!("`{pattern}`")).collect::<Vec<_>>().join(", ")
    };
    let told = |entry: &SeverityAt| format!("{} at {}", entry.rules.join(", "), patterns(&entry.addresses));
    for entry in here.severities.iter().filter(|entry| !base.severities.contains(entry)) {
        let metas = entry.rules.iter().filter_map(|code| rules::find(code));
        if metas.into_iter().any(|meta| entry.severity < heaviest(meta)) {
            say(format!("{} weighs {}", told(entry), entry.severity));
        }
    }
    for entry in base.severities.iter().filter(|entry| !here.severities.contains(entry)) {
        if entry.severity >= Severity::Warn {
            say(format!("{} does not weigh {} any more", told(entry), entry.severity));
        }
    }
    for entry in here.stacks.iter().filter(|entry| !base.stacks.contains(entry)) {
        if entry.profile == Profile::Ephemeral {
            say(format!("the stacks {} are ephemeral", patterns(&entry.names)));
        }
    }
    for entry in base.stacks.iter().filter(|entry| !here.stacks.contains(entry)) {
        if entry.profile == Profile::Standard {
            say(format!("the stacks {} are not of the standard profile any more", patterns(&entry.names)));
        }
    }
    for pattern in base.protected.iter().filter(|pattern| !here.protected.contains(pattern)) {
        say(format!("`{pattern}` is not in `protected` any more"));
    }
    for pattern in here.lock.missing(&base.lock) {
        say(format!("`{pattern}` is not in the lock any more"));
    }
}

fn limits(here: &Thresholds, base: &Thresholds, say: &mut impl FnMut(String)) {
    let wide = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    for (name, now, before) in [
        ("mostly_gone_at_least", wide(here.mostly_gone_at_least), wide(base.mostly_gone_at_least)),
        ("mostly_gone_percent", wide(here.mostly_gone_percent), wide(base.mostly_gone_percent)),
        ("mass_destroy_at_least", wide(here.mass_destroy_at_least), wide(base.mass_destroy_at_least)),
        ("mass_destroy_percent", wide(here.mass_destroy_percent), wide(base.mass_destroy_percent)),
        ("blast_radius", wide(here.blast_radius), wide(base.blast_radius)),
        ("max_age_hours", here.max_age_hours, base.max_age_hours),
    ] {
        if now > before {
            say(format!("`{name}` is {now} instead of {before}"));
        }
    }
    match (here.max_creates, base.max_creates) {
        (Some(now), Some(before)) if now > before => {
            say(format!("`max_creates` is {now} instead of {before}"));
        }
        (None, Some(before)) => say(format!("`max_creates` is not {before} any more")),
        _ => {}
    }
}

fn types(here: &Policy, base: &Policy, say: &mut impl FnMut(String)) {
    use crate::catalogue::Machines;
    if here.machines == Some(Machines::Cattle) && base.machines != Some(Machines::Cattle) {
        say("cloud VMs are cattle".to_owned());
    }
    if here.machines.is_none() && base.machines == Some(Machines::Pets) {
        say("cloud VMs are not always pets any more".to_owned());
    }
    let facts = |policy: &Policy| Catalogue::builtin().with_overrides(policy.types.clone());
    let (now, before) = (facts(here), facts(base));
    let names: BTreeSet<&str> = here.types.keys().chain(base.types.keys()).map(|name| &**name).collect();
    for name in names {
        let holds = |catalogue: &Catalogue| catalogue.lookup(name, []).holds;
        if holds(&now) < holds(&before) {
            say(format!("`{name}` holds {} instead of {}", holds(&now).as_str(), holds(&before).as_str()));
        }
        let paths = |policy: &Policy| policy.types.get(name).map(|facts| facts.paths.clone());
        let (now, before) = (paths(here).unwrap_or_default(), paths(base).unwrap_or_default());
        for (more, less, what) in [
            (&now.volatile, &before.volatile, "volatile"),
            (&now.case_insensitive, &before.case_insensitive, "case-insensitive"),
            (&before.guarding, &now.guarding, "no longer guarding"),
            (&before.disruptive, &now.disruptive, "no longer disruptive"),
        ] {
            for path in more.iter().filter(|path| !less.contains(path)) {
                say(format!("`{path}` of `{name}` is {what}"));
            }
        }
    }
}

fn words(here: &Policy, base: &Policy, say: &mut impl FnMut(String)) {
    for word in base.fail_on.missing_from(&here.fail_on) {
        say(format!("`fail_on` does not name `{word}` any more"));
    }
    for normaliser in base.refused_normalisers.difference(&here.refused_normalisers) {
        say(format!("the normaliser `{normaliser}` is on again"));
    }
    for pattern in base.secret_patterns.iter().filter(|pattern| !here.secret_patterns.contains(pattern)) {
        say(format!("`{pattern}` is not a secret any more"));
    }
    for pattern in here.allowed_secrets.iter().filter(|pattern| !base.allowed_secrets.contains(pattern)) {
        say(format!("`{pattern}` is not a secret"));
    }
}
