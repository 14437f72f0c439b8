//! Sorts what a report says into the groups that people read: stop, decide, ignore, pending.

use std::collections::BTreeMap;

use tidelock_parse::{Action, ResourceAddr};
use tidelock_rules::report::{
    Class, Divergence, Finding, IgnoreEntry, Reason, Report, Resolution, ResourceReport, Severity, Verdict,
};

use crate::phrase::Phrase;

/// A resource with the findings about it.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    pub resource: &'a ResourceReport,
    pub findings: Vec<&'a Finding>,
}

/// What asks for the same reaction.
#[derive(Debug, Default)]
pub(crate) struct Group<'a> {
    /// Findings about what the group does not list.
    pub findings: Vec<&'a Finding>,
    pub entries: Vec<Entry<'a>>,
}

/// Which reaction, the most urgent first. Drift asks to stop, decide or ignore; a gate refuses and warns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum GroupKind {
    Stop,
    Refuse,
    Decide,
    Warn,
    Undo,
    Ignore,
    Info,
    Pending,
}

impl GroupKind {
    /// Every kind, the most urgent first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Stop,
        Self::Refuse,
        Self::Decide,
        Self::Warn,
        Self::Undo,
        Self::Ignore,
        Self::Info,
        Self::Pending,
    ];

    /// Stands before what belongs to it.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Refuse => "refuse",
            Self::Decide => "decide",
            Self::Warn => "warn",
            Self::Undo => "undoes",
            Self::Ignore => "ignore",
            Self::Info => "info",
            Self::Pending => "pending",
        }
    }

    /// Stands behind a number of resources.
    pub(crate) const fn counted(self) -> &'static str {
        match self {
            Self::Stop => "to stop for",
            Self::Refuse => "refused",
            Self::Decide => "to decide",
            Self::Warn => "warned about",
            Self::Undo => "undone",
            Self::Ignore => "noise",
            Self::Info => "informational",
            Self::Pending => "pending",
        }
    }
}

/// A report, sorted for people.
#[derive(Debug, Default)]
pub(crate) struct Groups<'a> {
    pub stop: Group<'a>,
    pub decide: Group<'a>,
    /// Divergences that are no drift.
    pub ignore: Group<'a>,
    /// Nothing diverged: what the plan does because it was asked to.
    pub pending: Vec<Entry<'a>>,
    /// Warnings about the input that do not count towards the verdict: to be known, not to be decided.
    pub asides: Vec<&'a Finding>,
    /// Findings that a person accepted.
    pub waived: Vec<&'a Finding>,
}

impl<'a> Groups<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let mut groups = Self::default();
        let listed: BTreeMap<Object<'_>, &ResourceReport> =
            report.resources.iter().map(|resource| (object(resource), resource)).collect();
        let mut told: BTreeMap<Object<'_>, Vec<&'a Finding>> = BTreeMap::new();
        let quiet = matches!(report.verdict, Verdict::Clear | Verdict::Noise);
        for finding in &report.findings {
            let about = finding.address.as_ref().map(|address| (address, finding.deposed.as_deref()));
            let home = about.filter(|object| listed.get(object).is_some_and(|r| takes(r, finding)));
            match (home, finding.severity) {
                _ if finding.waived.is_some() => groups.waived.push(finding),
                (Some(object), _) => told.entry(object).or_default().push(finding),
                (None, Severity::Deny) => groups.stop.findings.push(finding),
                (None, Severity::Warn) if quiet && about.is_none() => groups.asides.push(finding),
                (None, Severity::Warn) => groups.decide.findings.push(finding),
                (None, _) => groups.ignore.findings.push(finding),
            }
        }
        for resource in &report.resources {
            let findings = told.remove(&object(resource)).unwrap_or_default();
            match resource.resolution {
                Resolution::Stop => &mut groups.stop.entries,
                Resolution::Decide => &mut groups.decide.entries,
                _ if only_pending(resource) => &mut groups.pending,
                _ => &mut groups.ignore.entries,
            }
            .push(Entry { resource, findings });
        }
        groups
    }

    /// What made the ignored resources noise, with how many, the most frequent first.
    fn causes(&self) -> Vec<(Phrase, usize)> {
        let mut causes: Vec<(Cause, usize, Vec<String>)> = Vec::new();
        for entry in &self.ignore.entries {
            let (cause, place) = Cause::of(entry.resource);
            let at = causes.iter().position(|(known, ..)| *known == cause).unwrap_or_else(|| {
                causes.push((cause, 0, Vec::new()));
                causes.len() - 1
            });
            if let Some((_, count, places)) = causes.get_mut(at) {
                *count += 1;
                places.extend(place.filter(|place| !places.contains(place)));
            }
        }
        causes.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        causes.into_iter().map(|(cause, count, places)| (cause.phrase(&places), count)).collect()
    }

    /// The ignored resources as counts by cause; nothing if there are none.
    pub(crate) fn noise(&self) -> Option<Phrase> {
        let count = self.ignore.entries.len();
        let plural = if count == 1 { "" } else { "s" };
        let causes = self.causes().into_iter().fold(Phrase::default(), |phrase, (cause, count)| {
            phrase.then(", ", Phrase::words(format!("{count} ")).then("", cause))
        });
        (count > 0).then(|| Phrase::words(format!("{count} resource{plural}: ")).then("", causes))
    }

    /// Informational findings about folded resources, by code; nothing if there are none.
    pub(crate) fn remarks(&self) -> Option<Phrase> {
        let folded = self.ignore.entries.iter().chain(&self.pending);
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for finding in folded.flat_map(|entry| &entry.findings) {
            *counts.entry((finding.code, finding.rule)).or_default() += 1;
        }
        let phrase = counts.into_iter().fold(Phrase::default(), |phrase, ((code, rule), count)| {
            phrase.then(", ", Phrase::words(format!("{count} {rule} ({code})")))
        });
        (!phrase.is_empty()).then(|| Phrase::words("informational: ").then("", phrase))
    }
}

/// Address and deposed key: what a finding is about.
type Object<'a> = (&'a ResourceAddr, Option<&'a str>);

fn object(resource: &ResourceReport) -> Object<'_> {
    (&resource.address, resource.deposed.as_deref())
}

/// Whether a finding is told with its resource. What is folded away must not take a warning with it: that is
/// listed by itself.
fn takes(resource: &ResourceReport, finding: &Finding) -> bool {
    let shown = matches!(resource.resolution, Resolution::Stop | Resolution::Decide);
    shown || finding.severity < Severity::Warn
}

fn only_pending(resource: &ResourceReport) -> bool {
    resource.divergences.iter().all(|divergence| divergence.class == Class::Pending)
}

/// Why a resource is noise; ordered as people should read them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause {
    IgnoreChanges,
    LooksIgnored,
    Computed,
    Volatile,
    Companion,
    Tainted,
    Cosmetic,
    Converged,
    Unmanaged,
    Suppressed,
    Superseded,
    Forgotten,
    UntilApply,
    Waived,
}

impl Cause {
    /// The cause to name, and where it stands if it has a place.
    fn of(resource: &ResourceReport) -> (Self, Option<String>) {
        let changed = || resource.divergences.iter().filter(|divergence| divergence.class != Class::Pending);
        let plain = || changed().filter(|divergence| divergence.cosmetic.is_none());
        // An entry that says "look away" explains more than what the provider fills in beside it.
        let ignored = || changed().find(|divergence| divergence.class == Class::Ignored);
        let Some(told) = ignored().or_else(|| plain().max_by_key(|divergence| divergence.class)) else {
            return (Self::Cosmetic, None);
        };
        let place = told.ignore_entry.as_ref().and_then(place);
        (Self::of_divergence(resource, told), place)
    }

    fn of_divergence(resource: &ResourceReport, divergence: &Divergence) -> Self {
        match (divergence.class, divergence.reason) {
            (Class::Ignored, _) => Self::IgnoreChanges,
            (Class::Computed, Some(Reason::Volatile)) => Self::Volatile,
            (Class::Computed, Some(Reason::Companion)) => Self::Companion,
            (Class::Computed, Some(Reason::Tainted)) => Self::Tainted,
            (Class::Computed, _) => Self::Computed,
            (Class::Converged, _) => Self::Converged,
            (Class::Suppressed, Some(Reason::NoSources)) => Self::LooksIgnored,
            (Class::Suppressed, _) => Self::Suppressed,
            (Class::Superseded, _) if resource.actions == Action::Forget => Self::Forgotten,
            (Class::Superseded, _) => Self::Superseded,
            (Class::Unmanaged, _) => Self::Unmanaged,
            _ if divergence.until_apply => Self::UntilApply,
            _ => Self::Waived,
        }
    }

    fn phrase(self, places: &[String]) -> Phrase {
        let words = match self {
            Self::IgnoreChanges => return ignore_changes(places),
            Self::LooksIgnored => "left alone by apply, as by ignore_changes (no sources to prove it)",
            Self::Computed => "computed by the provider",
            Self::Volatile => "changing by itself",
            Self::Companion => "filled by another resource",
            Self::Tainted => "half-made by a failed apply",
            Self::Cosmetic => "only written differently",
            Self::Converged => "already as the configuration says",
            Self::Unmanaged => "where the configuration is silent",
            Self::Suppressed => "left alone by apply",
            Self::Superseded => "removed by apply anyway",
            Self::Forgotten => "leaving the state anyway",
            Self::UntilApply => "decided only during apply",
            Self::Waived => "accepted or switched off",
        };
        Phrase::words(words)
    }
}

fn place(entry: &IgnoreEntry) -> Option<String> {
    entry.location.as_ref().map(ToString::to_string)
}

fn ignore_changes(places: &[String]) -> Phrase {
    const SHOWN: usize = 3;
    let phrase = Phrase::words("by ignore_changes");
    if places.is_empty() {
        return phrase;
    }
    let list = places
        .iter()
        .take(SHOWN)
        .fold(Phrase::default(), |list, place| list.then(", ", Phrase::default().code(place)));
    let more = match places.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    phrase.then(" (", list).say(more).say(")")
}
