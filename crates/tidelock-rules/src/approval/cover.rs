//! What an approval holds back: findings about changes that a person approved as they are.

use std::collections::BTreeSet;

use tidelock_parse::ResourceAddr;

use super::{Judgement, judge};
use crate::{
    context::Context,
    report::{Command, Finding, Note, Severity, Waived, WaivedBy},
};

/// Whether an approval can hold back findings of a rule.
///
/// It can where the rule is about what the plan does to instances (`TL1xx`, `TL2xx`, `TL3xx`, `TL6xx`). It cannot where
/// the rule says that the plan, the state or the configuration cannot be trusted: a lost state (`TL305`), protection
/// (`TL4xx`), integrity (`TL5xx`), secrets (`TL7xx`).
pub fn covers(code: &str) -> bool {
    let about_changes = ["TL1", "TL2", "TL3", "TL6"].iter().any(|block| code.starts_with(block));
    about_changes && code != "TL305"
}

/// How a person lets exactly this plan through, where an approval can.
pub(crate) fn way_out(context: &Context<'_>, findings: &[Finding]) -> Option<Note> {
    let mut refusals =
        findings.iter().filter(|finding| finding.waived.is_none() && finding.severity == Severity::Deny);
    let wanted = context.command == Command::Gate && context.given.approval.is_none();
    let mut refused = false;
    let coverable = refusals.all(|finding| {
        refused = true;
        covers(finding.code)
    });
    (wanted && refused && coverable).then(|| Note {
        code: "gate::approve",
        message: "to let exactly this plan through: `tidelock approve PLAN -o FILE`, then `tidelock gate PLAN --approval FILE`"
            .to_owned(),
    })
}

/// Marks what the approval of the question covers, and remarks what it could not check.
///
/// Holds the plan against the approval itself: what TL507 found may have been switched off.
pub(crate) fn cover(context: &Context<'_>, findings: &mut [Finding]) -> Vec<Note> {
    let Some(verified) = &context.given.approval else { return Vec::new() };
    let judgement = judge(context, verified);
    let covered = Covered::new(&judgement);
    let waived = Waived {
        by: WaivedBy::Approval,
        reason: format!("approved in {}", verified.name()),
        owner: verified.approval().by.clone(),
        until: None,
    };
    for finding in findings {
        let counts = finding.waived.is_none() && finding.severity >= Severity::Warn;
        if counts && covers(finding.code) && covered.reaches(finding) {
            finding.waived = Some(waived.clone());
        }
    }
    let unsigned = Note {
        code: "approval::unsigned",
        message: format!(
            "{} is not signed: whoever can write it can approve; set TIDELOCK_APPROVAL_KEY to sign",
            verified.name()
        ),
    };
    let unchecked = Note {
        code: "approval::state_unchecked",
        message: format!(
            "{} was made for one state, and no `--state` says which one this is",
            verified.name()
        ),
    };
    let mut notes = Vec::new();
    notes.extend(verified.approval().signature.is_none().then_some(unsigned));
    notes.extend(judgement.lineage_unchecked.then_some(unchecked));
    notes
}

/// Which instances of a plan change as they were approved to.
struct Covered<'j> {
    changed: BTreeSet<(&'j ResourceAddr, Option<&'j str>)>,
    unapproved: BTreeSet<(&'j ResourceAddr, Option<&'j str>)>,
    /// Whether everything the plan does was approved.
    all: bool,
    /// Whether it is an approval of this plan at all.
    any: bool,
}

impl<'j> Covered<'j> {
    fn new(judgement: &'j Judgement<'_>) -> Self {
        let unapproved = judgement.unapproved.iter().map(|found| &found.resource);
        Self {
            changed: judgement.changed.iter().copied().collect(),
            unapproved: unapproved.map(|resource| (&resource.address, resource.deposed.as_deref())).collect(),
            all: judgement.whole.is_empty()
                && judgement.unapproved.is_empty()
                && judgement.outputs.is_empty(),
            any: judgement.whole.is_empty(),
        }
    }

    /// Whether everything that the finding is about was approved. What is about the plan, or about something that it
    /// leaves alone, needs the whole plan approved.
    fn reaches(&self, finding: &Finding) -> bool {
        let own = finding.address.as_ref().map(|address| (address, finding.deposed.as_deref()));
        let approved = |subject| self.changed.contains(&subject) && !self.unapproved.contains(&subject);
        let related = finding.related.iter().map(|related| &related.address);
        let clean = |address| !self.unapproved.iter().any(|(unapproved, _)| *unapproved == address);
        self.all || (self.any && own.is_some_and(approved) && related.into_iter().all(clean))
    }
}
