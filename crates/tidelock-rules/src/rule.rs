//! Rules: one file each, declared with its documentation, registered in one list.

use std::fmt;

use tidelock_parse::{AttrPath, ResourceAddr};

use crate::{
    context::Context,
    proposal::ObjectInfo,
    report::{Command, Finding, Location, Related, ResourceReport, Root, Severity},
};

/// What a rule is, apart from what it does.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RuleMeta {
    /// Permanent code, never reused: `TL101`.
    pub code: &'static str,
    /// Name in lower case with hyphens; reads well after "allow".
    pub name: &'static str,
    /// One line for lists.
    pub summary: &'static str,
    /// Severities it gives by default, for lists: `warn`, `deny if stateful, else warn`.
    pub severity: &'static str,
    /// Commands that run it.
    pub commands: &'static [Command],
    /// Markdown: *What it finds*, *Why it matters*, *Example*, *What to do*, *What it misses*.
    pub doc: &'static str,
}

/// A check over one analysed input.
pub trait Rule: fmt::Debug + Sync {
    /// What the rule is.
    fn meta(&self) -> &'static RuleMeta;

    /// Reports what the rule finds. Does no I/O and does not depend on other rules.
    fn check(&self, context: &Context<'_>, sink: &mut Sink<'_>);
}

/// Declares a rule: its doc comment is rustdoc, `explain` text and documentation page in one.
macro_rules! declare_rule {
    (
        $(#[doc = $doc:expr])+
        pub struct $rule:ident {
            code: $code:literal,
            name: $name:literal,
            severity: $severity:literal,
            commands: [$($command:ident),+],
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug)]
        pub(crate) struct $rule;

        impl $rule {
            /// What the rule is.
            pub(crate) const META: $crate::rule::RuleMeta = $crate::rule::RuleMeta::new(
                $code,
                $name,
                $severity,
                &[$($crate::report::Command::$command),+],
                concat!($($doc, "\n"),+),
            );
        }
    };
}
pub(crate) use declare_rule;

/// The first line of a doc comment, without its leading blank.
const fn first_line(doc: &'static str) -> &'static str {
    let bytes = doc.as_bytes();
    let mut end = 0;
    while end < bytes.len() && bytes[end] != b'\n' {
        end += 1;
    }
    let (line, _) = doc.split_at(end);
    match line.as_bytes() {
        [b' ', ..] => line.split_at(1).1,
        _ => line,
    }
}

impl RuleMeta {
    /// Describes a rule, one of an embedder included; the first line of `doc` becomes the summary.
    pub const fn new(
        code: &'static str,
        name: &'static str,
        severity: &'static str,
        commands: &'static [Command],
        doc: &'static str,
    ) -> Self {
        Self { code, name, summary: first_line(doc), severity, commands, doc }
    }

    /// The documentation as Markdown, without the blanks that doc comments start their lines with.
    pub fn markdown(&self) -> String {
        let lines = self.doc.lines().map(|line| line.strip_prefix(' ').unwrap_or(line).trim_end());
        let mut text = lines.collect::<Vec<_>>().join("\n");
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }
}

/// Where rules leave their findings; stamps code, name and fingerprint.
#[derive(Debug)]
pub struct Sink<'s> {
    pub(crate) meta: &'static RuleMeta,
    pub(crate) findings: &'s mut Vec<Finding>,
}

/// A finding in the making.
#[derive(Debug)]
pub struct Draft {
    finding: Finding,
    previous: Option<ResourceAddr>,
    subject: Option<String>,
}

impl Sink<'_> {
    /// A finding about the input as a whole. `message`: one sentence, lower case, no final stop.
    pub fn about_input(&mut self, severity: Severity, message: impl Into<String>) {
        let draft = self.about_plan(severity, message);
        self.put(draft);
    }

    /// A finding about the input as a whole, to be filled in.
    pub fn about_plan(&self, severity: Severity, message: impl Into<String>) -> Draft {
        self.draft(severity, message.into())
    }

    /// A finding about an address that the report lists no resource for.
    pub fn about_address(
        &self,
        address: &ResourceAddr,
        severity: Severity,
        message: impl Into<String>,
    ) -> Draft {
        let mut draft = self.draft(severity, message.into());
        draft.finding.address = Some(address.clone());
        draft
    }

    /// A finding about a resource.
    pub fn about(&self, resource: &ResourceReport, severity: Severity, message: impl Into<String>) -> Draft {
        let mut draft = self.draft(severity, message.into());
        draft.finding.address = Some(resource.address.clone());
        draft.finding.deposed.clone_from(&resource.deposed);
        draft.finding.locations.extend(resource.location.clone());
        draft.previous.clone_from(&resource.previous_address);
        draft
    }

    fn draft(&self, severity: Severity, message: String) -> Draft {
        let finding = Finding {
            code: self.meta.code,
            rule: self.meta.name,
            severity,
            address: None,
            deposed: None,
            object: None,
            path: None,
            message,
            help: None,
            cause: None,
            caused_by: Vec::new(),
            fingerprint: String::new(),
            evidence: None,
            members: Vec::new(),
            waived: None,
            locations: Vec::new(),
            related: Vec::new(),
            hcl: None,
        };
        Draft { finding, previous: None, subject: None }
    }

    /// Adds the finding to the report.
    pub fn put(&mut self, draft: Draft) {
        let Draft { mut finding, previous, subject } = draft;
        finding.fingerprint = fingerprint(&finding, previous.as_ref(), subject);
        self.findings.push(finding);
    }
}

impl Draft {
    /// Names the path at fault.
    #[must_use]
    pub fn path(mut self, path: &AttrPath) -> Self {
        self.finding.path = Some(path.clone()).filter(|path| !path.is_root());
        self
    }

    /// Names the deposed object at fault.
    #[must_use]
    pub(crate) fn deposed(mut self, key: &str) -> Self {
        self.finding.deposed = Some(key.to_owned());
        self
    }

    /// Names the real object at fault; part of the fingerprint.
    #[must_use]
    pub fn object(mut self, object: ObjectInfo) -> Self {
        self.subject = Some(object.handle());
        self.finding.object = Some(object);
        self
    }

    /// Says what to do, one sentence.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// Says what is behind it.
    #[must_use]
    pub fn cause(mut self, cause: impl Into<String>, roots: &[Root]) -> Self {
        self.finding.cause = Some(cause.into());
        self.finding.caused_by = roots.to_vec();
        self
    }

    /// Names the other instances of the story.
    #[must_use]
    pub fn related(mut self, related: impl IntoIterator<Item = Related>) -> Self {
        self.finding.related.extend(related);
        self
    }

    /// Says which instances the finding is about, where it speaks for several: who accepts it accepts what happens to
    /// these, and to no others.
    #[must_use]
    pub fn members<'a>(mut self, members: impl IntoIterator<Item = &'a ResourceAddr>) -> Self {
        self.finding.members.extend(members.into_iter().cloned());
        self.finding.members.sort();
        self
    }

    /// Tells findings of one rule apart that share address and path, or have none; part of the fingerprint.
    #[must_use]
    pub fn distinguished_by(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Offers blocks to paste; must be valid HCL.
    #[must_use]
    pub fn hcl(mut self, hcl: impl Into<String>) -> Self {
        self.finding.hcl = Some(hcl.into());
        self
    }

    /// Puts a place in front of the block of the resource.
    #[must_use]
    pub fn location(mut self, location: Option<&Location>) -> Self {
        if let Some(location) = location {
            self.finding.locations.insert(0, location.clone());
        }
        self
    }
}

/// Stable over runs and over moves: code, address (the previous one if moved), deposed key, path, and what else tells
/// the finding apart.
fn fingerprint(finding: &Finding, previous: Option<&ResourceAddr>, subject: Option<String>) -> String {
    use sha2::{Digest, Sha256};
    use std::fmt::Write as _;

    let address = previous.or(finding.address.as_ref()).map(ToString::to_string);
    let path = finding.path.as_ref().map(ToString::to_string);
    let parts = [Some(finding.code.to_owned()), address, finding.deposed.clone(), path];
    let mut hash = Sha256::new();
    for part in parts.into_iter().chain(subject.map(Some)) {
        // A byte that occurs in no part keeps the parts apart.
        hash.update(part.unwrap_or_default().as_bytes());
        hash.update([0]);
    }
    let mut text = String::new();
    for byte in hash.finalize().iter().take(8) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
