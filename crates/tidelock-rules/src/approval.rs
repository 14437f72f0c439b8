//! What a person approved: the changes of one plan, kept in a file, and held against a later plan.
//!
//! An approval records what a plan would *do*: per instance the action and what it does to which path, with values as
//! salted hashes. A gate passes what is a subset of it, see `docs/approval.md`. [`Question::approve`] makes one,
//! [`Verified::read`] reads one, [`Given::approval`](crate::context::Given::approval) gives it to a gate.

mod cover;
mod error;
mod file;
mod judge;
mod record;
mod seal;

use std::{collections::BTreeMap, sync::OnceLock};

use serde::{Deserialize, Serialize};
use tidelock_parse::{Action, AttrPath, PlanError, ResourceAddr};

pub use self::{
    cover::covers,
    error::ApprovalError,
    file::Verified,
    seal::{Fingerprint, Key, Salt},
};
pub(crate) use self::{
    cover::{cover, way_out},
    judge::{Deviation, Judgement, Unapproved, judge},
};
use crate::{
    context::Context,
    question::Question,
    report::{Command, Report},
    rule::{Rule, RuleMeta, Sink},
};

/// Version of the file; what a version spells the same, all its readers spell the same.
pub const APPROVAL_VERSION: &str = "1";

/// The changes that somebody approved. Holds no value of the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Approval {
    /// [`APPROVAL_VERSION`].
    pub approval_version: String,
    /// Who approved; as good as the process that wrote the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What the plan was made for.
    pub target: Target,
    /// Makes the hashes of equal values differ from file to file.
    pub salt: Salt,
    /// What happens to instances, sorted by address, current objects before deposed ones.
    pub changes: Vec<Change>,
    /// What happens to root outputs, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outputs: BTreeMap<String, Action>,
    /// HMAC-SHA256 over everything above; absent where no key was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<Fingerprint>,
}

/// What a plan is made for, as far as it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Target {
    /// Name of the stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Workspace.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub workspace: Option<String>,
    /// Lineage of the state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lineage: Option<String>,
    /// `terraform` or `opentofu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub producer: Option<String>,
}

/// What happens to one instance, or one deposed object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Change {
    /// Which instance.
    pub address: ResourceAddr,
    /// Whether it is a deposed object; its key is drawn at random and not recorded.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deposed: bool,
    /// Where it was before it was moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_address: Option<ResourceAddr>,
    /// What is done to it.
    pub actions: Action,
    /// Whether it is being imported.
    #[serde(default, skip_serializing_if = "is_false")]
    pub importing: bool,
    /// Hash of the `id` of the object that is there now; where it has none and is destroyed, of all its values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<Fingerprint>,
    /// What makes it be replaced, sorted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replace_paths: Vec<AttrPath>,
    /// What is changed in it, or given to a new object; sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueChange>,
}

/// What happens to one path of an instance.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ValueChange {
    /// Which path.
    pub path: AttrPath,
    /// What is there now, as refresh found it; [`Side::Absent`] too where the plan gives a new object the value of
    /// the old one.
    pub before: Side,
    /// What the plan wants.
    pub after: Side,
}

/// One side of a change of a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "Option<String>", into = "Option<String>")]
#[non_exhaustive]
pub enum Side {
    /// No value; `null` in the file.
    #[default]
    Absent,
    /// A value that is known only after apply; `"unknown"` in the file.
    Unknown,
    /// Hash of the value.
    Is(Fingerprint),
}

impl From<Side> for Option<String> {
    fn from(side: Side) -> Self {
        match side {
            Side::Absent => None,
            Side::Unknown => Some("unknown".to_owned()),
            Side::Is(fingerprint) => Some(fingerprint.to_string()),
        }
    }
}

impl TryFrom<Option<String>> for Side {
    type Error = seal::NoHash;

    fn try_from(text: Option<String>) -> Result<Self, seal::NoHash> {
        match text.as_deref() {
            None => Ok(Self::Absent),
            Some("unknown") => Ok(Self::Unknown),
            Some(text) => text.parse().map(Self::Is),
        }
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// What an approval is made with.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Random bytes; libraries have none.
    pub salt: Salt,
    /// Signs the file, and makes its hashes worthless to whoever does not have it.
    pub key: Option<Key>,
    /// Who approves.
    pub by: Option<String>,
}

impl Question<'_> {
    /// Answers the question and records what the plan does, so that a gate can hold a later plan against it.
    ///
    /// # Errors
    /// As [`Question::answer`].
    pub fn approve(self, terms: &Terms) -> Result<(Report, Approval), PlanError> {
        let recorder = Recorder { terms, made: OnceLock::new() };
        let rules: Vec<&dyn Rule> = self.rules.iter().copied().chain([&recorder as &dyn Rule]).collect();
        let question = Question { command: Command::Gate, rules: &rules, ..self };
        let report = question.answer()?;
        // Rules see every plan that is answered.
        let approval = recorder.made.into_inner().unwrap_or_else(|| terms.nothing());
        Ok((report, approval))
    }
}

impl Terms {
    /// An approval of a plan that does nothing.
    fn nothing(&self) -> Approval {
        Approval {
            approval_version: APPROVAL_VERSION.to_owned(),
            by: self.by.clone(),
            target: Target::default(),
            salt: self.salt,
            changes: Vec::new(),
            outputs: BTreeMap::new(),
            signature: None,
        }
    }

    fn approve(&self, context: &Context<'_>) -> Approval {
        let mut changes: Vec<Change> =
            record::changes(context, &seal::Hasher::new(self.salt, self.key.as_ref()))
                .into_iter()
                .map(|recorded| recorded.change)
                .collect();
        changes.sort();
        let mut approval = Approval {
            target: record::target(context),
            changes,
            outputs: record::outputs(context),
            ..self.nothing()
        };
        approval.signature = self.key.as_ref().map(|key| file::signature(&approval, key));
        approval
    }
}

/// Sees what rules see, and writes it down instead of judging it.
#[derive(Debug)]
struct Recorder<'t> {
    terms: &'t Terms,
    made: OnceLock<Approval>,
}

impl Recorder<'_> {
    const META: RuleMeta =
        RuleMeta::new("recorder", "recorder", "allow", &[Command::Gate], " Finds nothing.");
}

impl Rule for Recorder<'_> {
    fn meta(&self) -> &'static RuleMeta {
        &Self::META
    }

    fn check(&self, context: &Context<'_>, _: &mut Sink<'_>) {
        // A rule runs once a question.
        let _ = self.made.set(self.terms.approve(context));
    }
}
