//! What a policy makes of findings: how much they weigh, and which of them somebody accepted.

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::{Policy, Waiver};
use crate::{
    report::{Command, Finding, Note, Severity},
    rule::Sink,
    rules,
};

/// What the application of a policy depends on besides the findings.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'o> {
    pub(crate) command: Command,
    /// Name of the stack, as the caller knows it.
    pub(crate) stack: Option<&'o str>,
    pub(crate) now: Option<Timestamp>,
}

impl Policy {
    /// Gives every finding the weight that the policy says, leaves out those that are switched off, marks those that
    /// are waived, and reports waivers that are of no use any more.
    pub(crate) fn apply(&self, findings: &mut Vec<Finding>, occasion: Occasion<'_>) -> Vec<Note> {
        self.weigh(findings, occasion);
        let mut notes = Vec::new();
        let today = occasion.now.map(|now| now.to_zoned(TimeZone::UTC).date());
        if today.is_none() && !self.waivers.is_empty() {
            notes.push(Note {
                code: "policy::no_clock",
                message: "nobody said what time it is, so every waiver holds".to_owned(),
            });
        }
        let mut remarks = self.waive(findings, occasion, today);
        self.weigh(&mut remarks, occasion);
        findings.append(&mut remarks);
        rules::sort(findings);
        notes
    }

    fn weigh(&self, findings: &mut Vec<Finding>, occasion: Occasion<'_>) {
        let profile = self.profile(occasion.stack);
        for finding in &mut *findings {
            finding.severity = self.severity_of(finding, profile);
        }
        findings.retain(|finding| finding.severity != Severity::Allow);
    }

    /// Marks what is waived; returns what there is to say about the waivers themselves.
    fn waive(&self, findings: &mut [Finding], occasion: Occasion<'_>, today: Option<Date>) -> Vec<Finding> {
        let mut remarks = Vec::new();
        for waiver in self.waivers_of(occasion.stack) {
            let expired = today.is_some_and(|today| waiver.has_expired(today));
            let mut met = false;
            for finding in findings.iter_mut().filter(|finding| waiver.fits(finding)) {
                met = true;
                if !expired && finding.waived.is_none() {
                    finding.waived = Some(waiver.mark());
                }
            }
            if expired && (met || waiver.own) {
                remark(waiver, &Stale::Expired { met }, &mut remarks);
            } else if !met && waiver.own && runs(&waiver.rule, occasion.command) {
                remark(waiver, &Stale::Unused, &mut remarks);
            }
        }
        remarks
    }
}

/// Whether a command runs the rule, so that silence of the rule says something.
fn runs(code: &str, command: Command) -> bool {
    rules::find(code).is_none_or(|meta| meta.commands.contains(&command))
}

/// Why a waiver is of no use.
enum Stale {
    /// Its time is over; `met`: what it waived is there again.
    Expired { met: bool },
    /// Nothing is there to waive.
    Unused,
}

fn remark(waiver: &Waiver, stale: &Stale, findings: &mut Vec<Finding>) {
    let Waiver { rule, owner, until, .. } = waiver;
    let (meta, severity, message, help) = match stale {
        Stale::Expired { met } => {
            let counts = if *met { ", so the finding counts again" } else { "" };
            (
                &rules::ExpiredWaiver::META,
                Severity::Warn,
                format!("the waiver of {rule} that {owner} answers for ended on {until}{counts}"),
                "remove the entry, or have its owner decide anew and move `until`",
            )
        }
        Stale::Unused => (
            &rules::UnusedWaiver::META,
            Severity::Info,
            format!("the waiver of {rule} that {owner} answers for waives nothing here"),
            "remove the entry, or correct its rule, address or path",
        ),
    };
    let mut sink = Sink { meta, findings };
    let mut draft = match waiver.address.as_str().parse() {
        Ok(address) if waiver.address.is_exact() => sink.about_address(&address, severity, message),
        _ => sink.about_plan(severity, message),
    };
    let path = waiver.path.as_ref().map(super::Pattern::as_str).unwrap_or_default();
    let subject = format!("{rule} {} {path}", waiver.address);
    draft = draft.help(help).location(waiver.location.as_ref()).distinguished_by(subject);
    sink.put(draft);
}
