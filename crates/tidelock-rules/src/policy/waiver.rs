//! Waivers: findings that a person accepted, for a reason and for a while.

use std::fmt::Write as _;

use jiff::civil::Date;

use super::{Pattern, Policy};
use crate::{
    proposal::ObjectInfo,
    report::{Finding, Location, Waived, WaivedBy},
};

/// A finding that a person accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Waiver {
    /// Code of the rule.
    pub rule: String,
    /// The address, or the name of a real object (`proxmox/qemu/108`), to the letter or with `*`; a lone `*` also fits findings
    /// about the plan as a whole.
    pub address: Pattern,
    /// The path; absent for any.
    pub path: Option<Pattern>,
    /// Name or directory of the stacks that it holds for; absent for all that read the file.
    pub stack: Option<Pattern>,
    /// Why.
    pub reason: String,
    /// Who answers for it.
    pub owner: String,
    /// Last day it holds, UTC.
    pub until: Date,
    /// Where it is written; absent for one that is being written.
    pub location: Option<Location>,
    /// Whether the file belongs to the stack alone, so that a waiver without a finding has no use. One of a file that
    /// stands above several stacks may be meant for another of them.
    pub own: bool,
}

impl Waiver {
    /// A waiver to be written down.
    pub fn new(rule: &str, address: Pattern, reason: &str, owner: &str, until: Date) -> Self {
        Self {
            rule: rule.to_owned(),
            address,
            path: None,
            stack: None,
            reason: reason.to_owned(),
            owner: owner.to_owned(),
            until,
            location: None,
            own: true,
        }
    }

    /// Whether it speaks of the finding, in force or not.
    pub fn fits(&self, finding: &Finding) -> bool {
        let address = || match &finding.address {
            Some(address) => self.address.fits_address(address),
            None => {
                self.address.as_str() == "*"
                    || finding.object.as_ref().is_some_and(|object| self.is_of(object))
            }
        };
        let path =
            |pattern: &Pattern| finding.path.as_ref().is_some_and(|path| pattern.fits(&path.to_string()));
        self.rule == finding.code && address() && self.path.as_ref().is_none_or(path)
    }

    /// Whether it names a real object: `proxmox/qemu/108`.
    fn is_of(&self, object: &ObjectInfo) -> bool {
        self.address.fits(&object.handle())
    }

    /// Whether its last day is over.
    pub fn has_expired(&self, today: Date) -> bool {
        today > self.until
    }

    pub(super) fn mark(&self) -> Waived {
        Waived {
            by: WaivedBy::Waiver,
            reason: self.reason.clone(),
            owner: Some(self.owner.clone()),
            until: Some(self.until.to_string()),
        }
    }

    /// The `[[waiver]]` entry that says the same.
    pub fn to_toml(&self) -> String {
        let mut text = String::from("[[waiver]]\n");
        let until = self.until.to_string();
        let entries = [
            ("rule", Some(self.rule.as_str())),
            ("address", Some(self.address.as_str())),
            ("path", self.path.as_ref().map(Pattern::as_str)),
            ("stack", self.stack.as_ref().map(Pattern::as_str)),
            ("reason", Some(self.reason.as_str())),
            ("owner", Some(self.owner.as_str())),
            ("until", Some(until.as_str())),
        ];
        for (key, value) in entries {
            if let Some(value) = value {
                // Writing to a string cannot fail.
                let _ = writeln!(text, "{key} = {}", toml::Value::from(value));
            }
        }
        text
    }

    /// `text`, a policy, with the waiver as its last entry; what is there stays as it is, comments included.
    ///
    /// The entry is a table of its own, so the end of the file is the one place that needs no knowledge of the rest.
    /// Whether the result is a policy, which it is not if `waiver` is written as a list in brackets, is for
    /// [`Policy::parse`] to say.
    pub fn append_to(&self, text: &str) -> String {
        let kept = text.trim_end();
        let gap = if kept.is_empty() { "" } else { "\n\n" };
        format!("{kept}{gap}{}", self.to_toml())
    }

    /// Whether `text`, a policy, has an entry that says exactly the same; `false` where it is none.
    pub fn is_in(&self, text: &str) -> bool {
        let entries = |text: &str| match text.parse::<toml::Table>().ok()?.remove("waiver") {
            Some(toml::Value::Array(entries)) => Some(entries),
            _ => None,
        };
        let own = entries(&self.to_toml()).unwrap_or_default();
        entries(text).is_some_and(|there| own.iter().any(|entry| there.contains(entry)))
    }
}

impl Policy {
    /// The waivers that may speak of findings of the stack at hand.
    pub(super) fn waivers_of(&self, stack: Option<&str>) -> impl Iterator<Item = &Waiver> {
        let of_stack =
            move |waiver: &&Waiver| waiver.stack.as_ref().is_none_or(|pattern| self.is_stack(pattern, stack));
        self.waivers.iter().filter(of_stack)
    }
}
