//! The verdict: decided here and nowhere else, from the report alone.

use std::{collections::BTreeSet, str::FromStr};

use tidelock_parse::ResourceAddr;

use crate::{
    report::{Class, Command, Divergence, Finding, Reason, ResourceReport, Severity, Verdict},
    rules,
};

/// Further things that count, chosen by the user: `--fail-on reverting,TL503,pending-destroy`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FailOn(BTreeSet<Trigger>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Trigger {
    Class(Class),
    Code(String),
    Severity(Severity),
    Pending,
    PendingDestroy,
}

/// A word of `--fail-on` is not understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[error("`{word}` is neither a class, a rule code, a severity, `pending` nor `pending-destroy`")]
#[diagnostic(
    code(tidelock::fail_on::word),
    help(
        "classes: reverting, conflicting, deleted_outside, unmanaged, …; codes: `tidelock rules`; severities: info, warn, deny"
    )
)]
pub struct FailOnError {
    /// The word.
    pub word: String,
}

impl FromStr for FailOn {
    type Err = FailOnError;

    fn from_str(text: &str) -> Result<Self, FailOnError> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        words.map(Trigger::parse).collect::<Result<_, _>>().map(Self)
    }
}

impl Trigger {
    fn parse(word: &str) -> Result<Self, FailOnError> {
        let lower = word.to_ascii_lowercase().replace('-', "_");
        let code = word.to_ascii_uppercase();
        match lower.as_str() {
            // The flag asks for what waits to be applied; the class of that name is the same thing by path.
            "pending" => Ok(Self::Pending),
            "pending_destroy" => Ok(Self::PendingDestroy),
            "allow" => Err(FailOnError { word: word.to_owned() }),
            _ if rules::find(&code).is_some() => Ok(Self::Code(code)),
            _ => lower
                .parse()
                .map(Self::Class)
                .or_else(|_| lower.parse().map(Self::Severity))
                .map_err(|_| FailOnError { word: word.to_owned() }),
        }
    }
}

impl std::fmt::Display for Trigger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Class(class) => class.fmt(f),
            Self::Code(code) => f.write_str(code),
            Self::Severity(severity) => severity.fmt(f),
            Self::Pending => f.write_str("pending"),
            Self::PendingDestroy => f.write_str("pending_destroy"),
        }
    }
}

impl FailOn {
    /// Every word that is understood.
    pub fn words() -> impl Iterator<Item = &'static str> {
        let classes = Class::ALL.iter().map(|class| class.as_str());
        let severities = Severity::ALL.iter().filter(|severity| **severity != Severity::Allow);
        let codes = rules::RULES.iter().map(|rule| rule.meta().code);
        // `pending` is a class, too.
        classes.chain(severities.map(|severity| severity.as_str())).chain(codes).chain(["pending_destroy"])
    }

    /// What counts here or there.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// What is counted here and not there, in words.
    pub fn missing_from(&self, other: &Self) -> Vec<String> {
        self.0.difference(&other.0).map(ToString::to_string).collect()
    }

    /// Whether anything of what was chosen is there. Waived findings do not count.
    fn hits(&self, resources: &[ResourceReport], findings: &[Finding]) -> bool {
        self.0.iter().any(|trigger| match trigger {
            Trigger::Class(class) => {
                let mut divergences = resources.iter().flat_map(|resource| &resource.divergences);
                divergences.any(|divergence| divergence.class == *class && divergence.cosmetic.is_none())
            }
            Trigger::Code(code) => counting(findings).any(|finding| finding.code == code),
            Trigger::Severity(severity) => counting(findings).any(|finding| finding.severity >= *severity),
            Trigger::Pending => resources.iter().any(is_pending),
            Trigger::PendingDestroy => resources.iter().any(|resource| resource.actions.destroys()),
        })
    }
}

/// Whether the plan does something to the instance that is not undoing drift alone.
///
/// What is only known after apply does not count beside drift: setting one path back computes others anew.
pub(crate) fn is_pending(resource: &ResourceReport) -> bool {
    let drifted = resource.divergences.iter().any(|divergence| divergence.drift);
    let wanted = |divergence: &Divergence| match divergence.class {
        Class::Pending => !(drifted && divergence.until_apply),
        Class::Superseded | Class::Conflicting => true,
        // Nobody can tell what else apply changes.
        _ => divergence.reason == Some(Reason::ValuesMissing),
    };
    !resource.actions.is_quiet() && resource.divergences.iter().any(wanted)
}

fn counting(findings: &[Finding]) -> impl Iterator<Item = &Finding> {
    findings.iter().filter(|finding| finding.waived.is_none())
}

/// The answer to the question of `command`.
pub(crate) fn decide(
    command: Command,
    resources: &[ResourceReport],
    findings: &[Finding],
    fail_on: &FailOn,
) -> Verdict {
    if counting(findings).any(|finding| finding.severity == Severity::Deny) {
        return Verdict::Blocked;
    }
    let hit = fail_on.hits(resources, findings);
    if hit && command == Command::Gate {
        return Verdict::Blocked;
    }
    if hit || (command == Command::Drift && warns_of_drift(resources, findings)) {
        return Verdict::Drift;
    }
    // What drifted is no matter for a gate: it lets a plan through or does not.
    if command == Command::Gate {
        return Verdict::Clear;
    }
    let diverged = resources
        .iter()
        .flat_map(|resource| &resource.divergences)
        .any(|divergence| divergence.class != Class::Pending);
    if diverged { Verdict::Noise } else { Verdict::Clear }
}

/// Whether a warning about drift concerns a resource with a divergence that is drift, or names drift as its cause.
fn warns_of_drift(resources: &[ResourceReport], findings: &[Finding]) -> bool {
    let drifts = |resource: &&ResourceReport| resource.divergences.iter().any(|divergence| divergence.drift);
    let drifted: BTreeSet<&ResourceAddr> =
        resources.iter().filter(drifts).map(|resource| &resource.address).collect();
    counting(findings).any(|finding| {
        finding.severity >= Severity::Warn
            && rules::is_about_drift(finding.code)
            && (!finding.caused_by.is_empty()
                || finding.address.as_ref().is_none_or(|address| drifted.contains(address)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_word_is_understood() {
        let text = "reverting, TL503,tl101,warn,pending,pending-destroy,deleted-outside";
        assert!(text.parse::<FailOn>().is_ok());
        assert_eq!("".parse::<FailOn>(), Ok(FailOn::default()));
    }

    #[test]
    fn a_word_with_a_typo_is_refused_and_named() {
        for word in ["revertig", "TL999", "allow"] {
            assert_eq!(word.parse::<FailOn>(), Err(FailOnError { word: word.to_owned() }));
        }
    }
}
