//! Sorts what a gate's report says into what people read: refused, warned about, undone, accepted.

use std::collections::{BTreeMap, BTreeSet};

use tidelock_parse::ResourceAddr;
use tidelock_rules::report::{Divergence, Finding, Report, ResourceReport, Severity};

use crate::{groups::GroupKind, headline};

/// Everything that was found about one address, or one finding about the whole plan.
#[derive(Debug)]
pub(crate) struct Case<'a> {
    pub address: Option<&'a ResourceAddr>,
    pub deposed: Option<&'a str>,
    /// What the plan does there; absent where the report lists no such resource.
    pub resource: Option<&'a ResourceReport>,
    /// The most severe first.
    pub findings: Vec<&'a Finding>,
}

/// A change made outside that the apply would overwrite.
#[derive(Debug)]
pub(crate) struct Undone<'a> {
    pub resource: &'a ResourceReport,
    pub divergence: &'a Divergence,
}

/// A gate's report, sorted for people.
#[derive(Debug, Default)]
pub(crate) struct Gate<'a> {
    pub refused: Vec<Case<'a>>,
    pub warned: Vec<Case<'a>>,
    /// Worth knowing, no more.
    pub informed: Vec<Case<'a>>,
    pub undone: Vec<Undone<'a>>,
    /// Resources that no live finding is about.
    pub besides: Vec<&'a ResourceReport>,
    pub waived: Vec<&'a Finding>,
    /// Findings that count, by severity.
    pub refusals: usize,
    pub warnings: usize,
}

/// Address and deposed key.
type Object<'a> = (&'a ResourceAddr, Option<&'a str>);

impl<'a> Gate<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let listed: BTreeMap<Object<'_>, &ResourceReport> =
            report.resources.iter().map(|r| ((&r.address, r.deposed.as_deref()), r)).collect();
        let mut gate = Self::default();
        let mut cases: Vec<Case<'a>> = Vec::new();
        let mut known: BTreeMap<Object<'a>, usize> = BTreeMap::new();
        // The most severe finding of an address comes first, and gives it its place.
        for finding in &report.findings {
            if finding.waived.is_some() {
                gate.waived.push(finding);
                continue;
            }
            gate.refusals += usize::from(finding.severity == Severity::Deny);
            gate.warnings += usize::from(finding.severity == Severity::Warn);
            let object = finding.address.as_ref().map(|address| (address, finding.deposed.as_deref()));
            let at = object.and_then(|object| known.get(&object));
            if let Some(case) = at.and_then(|at| cases.get_mut(*at)) {
                case.findings.push(finding);
                continue;
            }
            if let Some(object) = object {
                known.insert(object, cases.len());
            }
            cases.push(Case {
                address: finding.address.as_ref(),
                deposed: finding.deposed.as_deref(),
                resource: object.and_then(|object| listed.get(&object).copied()),
                findings: vec![finding],
            });
        }
        for case in cases {
            match case.kind() {
                GroupKind::Refuse => gate.refused.push(case),
                GroupKind::Warn => gate.warned.push(case),
                _ => gate.informed.push(case),
            }
        }
        gate.undone = undone(report, &listed);
        let is_told = |r: &&ResourceReport| known.contains_key(&(&r.address, r.deposed.as_deref()));
        gate.besides = report.resources.iter().filter(|resource| !is_told(resource)).collect();
        gate
    }

    /// What the plan does besides.
    pub(crate) fn unremarked(&self) -> impl Iterator<Item = &'a ResourceReport> {
        self.besides.iter().copied().filter(|resource| acts(resource))
    }

    /// Findings worth knowing about, counted by rule.
    pub(crate) fn remarks(&self) -> Option<String> {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in self.informed.iter().flat_map(|case| &case.findings) {
            *counts.entry((finding.code, finding.rule)).or_default() += 1;
        }
        let parts: Vec<String> =
            counts.into_iter().map(|((code, rule), count)| format!("{count} {rule} ({code})")).collect();
        (!parts.is_empty()).then(|| format!("informational: {}", parts.join(", ")))
    }
}

impl Case<'_> {
    /// How the gate answers it: as its gravest finding asks.
    pub(crate) fn kind(&self) -> GroupKind {
        match self.severity() {
            Severity::Deny => GroupKind::Refuse,
            Severity::Warn => GroupKind::Warn,
            _ => GroupKind::Info,
        }
    }

    /// Severity of the gravest finding.
    pub(crate) fn severity(&self) -> Severity {
        self.findings.iter().map(|finding| finding.severity).max().unwrap_or(Severity::Allow)
    }

    /// The address at fault, or the object, in words where there is neither.
    pub(crate) fn subject(&self) -> String {
        self.findings.first().map_or_else(String::new, |finding| headline::subject(finding))
    }
}

impl Undone<'_> {
    /// `a change`, `changes`: what a title says of so many.
    pub(crate) const fn plural(count: usize) -> &'static str {
        if count == 1 { "a change" } else { "changes" }
    }
}

/// Whether the plan does something to the object, moves and imports included.
fn acts(resource: &ResourceReport) -> bool {
    !resource.actions.is_quiet() || resource.previous_address.is_some() || resource.importing
}

fn undone<'a>(report: &'a Report, listed: &BTreeMap<Object<'_>, &'a ResourceReport>) -> Vec<Undone<'a>> {
    let wanted: BTreeSet<_> = report.undoes.iter().map(|undone| (&undone.address, &undone.path)).collect();
    let resources = wanted.iter().map(|(address, _)| *address).collect::<BTreeSet<_>>();
    let resources = resources.into_iter().filter_map(|address| listed.get(&(address, None)));
    let all = resources.flat_map(|resource| {
        resource.divergences.iter().map(move |divergence| Undone { resource, divergence })
    });
    all.filter(|undone| wanted.contains(&(&undone.resource.address, &undone.divergence.path))).collect()
}

/// What the plan does, instances by action.
pub(crate) fn changes(report: &Report) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for resource in report.resources.iter().filter(|resource| acts(resource)) {
        let action = if resource.actions.is_replace() {
            "replace".to_owned()
        } else if !resource.actions.is_quiet() {
            resource.actions.to_string()
        } else if resource.importing {
            "import".to_owned()
        } else {
            "move".to_owned()
        };
        *counts.entry(action).or_default() += 1;
    }
    counts
}
