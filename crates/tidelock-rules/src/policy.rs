//! The policy: what people decided about rules, limits, types and addresses, in `tidelock.toml`.
//!
//! [`Policy::find`] reads the files from the root of a repository down to a stack, each laid over the ones above it;
//! [`Policy::read`] reads one file. Both follow `extends`. A file that is not understood is an error, never half a
//! policy.
//!
//! ```
//! use tidelock_rules::policy::Policy;
//!
//! let error = Policy::parse("tidelock.toml", "[rules]\nTL101 = \"dney\"\n").unwrap_err();
//! assert_eq!(error.to_string(), "tidelock.toml: unknown word `dney`");
//! ```

mod apply;
mod did_you_mean;
mod error;
mod file;
mod load;
mod loosened;
mod pattern;
mod profile;
mod waiver;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use serde::Deserialize;
use tidelock_parse::{Mask, ResourceAddr, Value, inventory::Mapping, secret::SecretPattern};

use crate::{
    catalogue::{Machines, TypeOverride},
    context::Thresholds,
    lock::Lock,
    report::{Finding, Normaliser, Severity},
    verdict::FailOn,
};

pub(crate) use apply::Occasion;
pub use did_you_mean::nearest;
pub use error::{ExtendsFault, PolicyError};
pub(crate) use load::line_of;
pub use loosened::Loosening;
pub(crate) use pattern::Names;
pub use pattern::{EmptyPattern, Pattern};
pub use profile::Profile;
pub use waiver::Waiver;

/// Name of the file.
pub const FILE_NAME: &str = "tidelock.toml";
/// Size of a file beyond which it is refused.
pub const MAX_FILE_BYTES: usize = 1 << 20;
/// A file to start from, in which everything is a comment.
pub const STARTER: &str = include_str!("policy/starter.toml");
/// JSON Schema of the file. Additions keep the version.
pub const SCHEMA: &str = include_str!("../schema/policy-1.json");
/// How many files may extend each other in a row.
const MAX_DEPTH: usize = 8;

/// What people decided; the default decides nothing.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Policy {
    /// What findings of a rule weigh, by code.
    pub rules: BTreeMap<&'static str, Severity>,
    /// What findings of rules weigh at some addresses; the last entry that fits counts.
    pub severities: Vec<SeverityAt>,
    /// Limits of the rules.
    pub thresholds: Thresholds,
    /// Whether cloud VMs count as stateful whatever happens to them, or never; `None`: unless the successor is up before
    /// the old one goes.
    pub machines: Option<Machines>,
    /// What is known about resource types beyond the catalogue.
    pub types: BTreeMap<Box<str>, TypeOverride>,
    /// Which stacks live by other rules; the last entry that fits counts.
    pub stacks: Vec<StackProfile>,
    /// Addresses, blocks and modules that must not be destroyed, replaced or forgotten.
    pub protected: Vec<Pattern>,
    /// What must not lose its `prevent_destroy` either.
    pub lock: Lock,
    /// Readings under which values do not count as equal.
    pub refused_normalisers: BTreeSet<Normaliser>,
    /// What is secret by form beyond what is built in.
    pub secret_patterns: Vec<SecretPattern>,
    /// What is not secret, whatever form it has.
    pub allowed_secrets: Vec<SecretPattern>,
    /// What counts besides.
    pub fail_on: FailOn,
    /// The command that its users type; told from the plan where it is absent.
    pub tool: Option<Tool>,
    /// Whether advice may name `-target`.
    pub target_advice: TargetAdvice,
    /// Findings that somebody accepted.
    pub waivers: Vec<Waiver>,
    /// What inventories of platforms look like that no reader knows; the last one of a kind counts.
    pub inventories: Vec<Mapping>,
    /// Directory of the stack below the root of the repository, `/`-separated; patterns for stacks may name it.
    pub directory: Option<String>,
    /// Where the change at hand would loosen it; see [`Policy::held_to`].
    pub loosened: Vec<Loosening>,
}

/// What findings of rules weigh at some addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SeverityAt {
    /// Codes of the rules.
    pub rules: Vec<&'static str>,
    /// Addresses, blocks and modules.
    pub addresses: Vec<Pattern>,
    /// What they weigh.
    pub severity: Severity,
}

/// The profile of some stacks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StackProfile {
    /// Names or directories of the stacks.
    pub names: Vec<Pattern>,
    /// How they live.
    pub profile: Profile,
}

/// The command that makes and applies plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Tool {
    /// `terraform`
    Terraform,
    /// `tofu`
    Tofu,
    /// `terragrunt`
    Terragrunt,
}

impl Tool {
    /// As it is typed.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::Tofu => "tofu",
            Self::Terragrunt => "terragrunt",
        }
    }
}

/// Whether advice may name `-target`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetAdvice {
    /// It may.
    #[default]
    Shown,
    /// It must not.
    Hidden,
}

impl Policy {
    /// The profile of the stack at hand.
    pub fn profile(&self, stack: Option<&str>) -> Profile {
        let fitting =
            self.stacks.iter().rev().find(|entry| entry.names.iter().any(|name| self.is_stack(name, stack)));
        fitting.map_or(Profile::Standard, |entry| entry.profile)
    }

    /// Whether an address, its block or a module around it is protected by name; the first pattern that says so.
    pub fn protects(&self, address: &ResourceAddr) -> Option<&Pattern> {
        let names = Names::of(address);
        self.protected.iter().find(|pattern| names.fit(pattern))
    }

    /// The texts in a value in which one of the policy's patterns finds a secret that it does not allow elsewhere. Such
    /// a text is hidden as a whole.
    pub(crate) fn secrets_in(&self, value: &Value) -> Mask {
        if self.secret_patterns.is_empty() {
            return Mask::None;
        }
        match value {
            Value::String(text) if self.finds_secret(text) => Mask::All,
            Value::List(items) => Mask::Items(items.iter().map(|item| self.secrets_in(item)).collect()),
            Value::Object(fields) => Mask::Fields(
                fields.iter().map(|(name, field)| (name.clone(), self.secrets_in(field))).collect(),
            ),
            _ => Mask::None,
        }
    }

    fn finds_secret(&self, text: &str) -> bool {
        let mut found = self.secret_patterns.iter().flat_map(|pattern| pattern.find(text));
        found.any(|range| !self.allows_secret(text, &range))
    }

    /// Whether the policy says that a part of a text is no secret, whatever its form.
    pub(crate) fn allows_secret(&self, text: &str, part: &Range<usize>) -> bool {
        let mut allowed = self.allowed_secrets.iter().flat_map(|pattern| pattern.find(text));
        allowed.any(|allowed| allowed.start <= part.start && part.end <= allowed.end)
    }

    /// Whether a pattern means the stack at hand, by its name or by its directory.
    fn is_stack(&self, pattern: &Pattern, stack: Option<&str>) -> bool {
        let names = [stack, self.directory.as_deref()];
        pattern.as_str() == "*" || names.into_iter().flatten().any(|name| pattern.fits(name))
    }

    /// What a finding weighs: what was said about its address, else what the profile of the stack leaves of what was
    /// said about its rule.
    fn severity_of(&self, finding: &Finding, profile: Profile) -> Severity {
        self.weight(finding.code, finding.address.as_ref(), finding.severity, profile)
    }

    /// What a finding of a rule weighs, or would weigh, at an address; `own`: what it weighs by itself.
    pub(crate) fn weight(
        &self,
        code: &str,
        address: Option<&ResourceAddr>,
        own: Severity,
        profile: Profile,
    ) -> Severity {
        let names = address.filter(|_| !self.severities.is_empty()).map(Names::of);
        let at_address = names.and_then(|names| {
            let mut entries = self.severities.iter().rev().filter(|entry| entry.rules.contains(&code));
            entries.find(|entry| entry.addresses.iter().any(|pattern| names.fit(pattern)))
        });
        match at_address {
            Some(entry) => entry.severity,
            None => profile.cap(code, self.rules.get(code).copied().unwrap_or(own)),
        }
    }
}

#[cfg(test)]
mod tests;
