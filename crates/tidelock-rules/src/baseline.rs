//! The baseline: findings that were there when the tool was adopted, so that only new ones count.
//!
//! Findings are known again by their fingerprint. What was found *in values* (drift, and what a plan does to an
//! instance) is held by a salted hash of those values as well: other drift on an accepted path is new.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tidelock_parse::{AttrPath, ResourceAddr, Source, Value};

use crate::{
    instance::Triple,
    policy::Loosening,
    report::{Finding, Note, Report, ResourceReport, Waived, WaivedBy},
};

/// Version of the file.
const SCHEMA_VERSION: &str = "1";

/// What was accepted on the day the tool was adopted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    salt: Box<str>,
    accepted: BTreeSet<Accepted>,
}

/// One accepted finding. Orders as the file does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Accepted {
    /// Name of the stack, if it was known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// Code of the rule.
    pub code: String,
    /// The address at fault, for those who read the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// The path at fault, for those who read the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// Fingerprint of the finding.
    pub fingerprint: String,
    /// Salted hash of the values that the finding is about; absent where it is about none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    schema_version: String,
    salt: Box<str>,
    accepted: Vec<Accepted>,
}

/// A file is no baseline.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, miette::Diagnostic)]
#[non_exhaustive]
pub enum BaselineError {
    /// It does not have the shape of one.
    #[error("{file}:{line}: this is no baseline: {message}")]
    #[diagnostic(
        code(tidelock::baseline::invalid),
        help(
            "`tidelock baseline write PLAN… -o FILE` writes one; it is not meant to be edited, apart from removing entries"
        )
    )]
    Invalid {
        /// Name of the file.
        file: String,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
    /// It was written by a version that is not known here.
    #[error("{file}: baseline of version {version:?}, where \"{SCHEMA_VERSION}\" is known")]
    #[diagnostic(code(tidelock::baseline::version), help("update tidelock, or write the baseline anew"))]
    Version {
        /// Name of the file.
        file: String,
        /// Its version.
        version: String,
    },
}

impl Baseline {
    /// A baseline that accepts nothing yet. The salt keeps equal values of two baselines apart; anything that was not
    /// used before will do, sixteen random bytes in hexadecimal for example.
    pub fn new(salt: &str) -> Self {
        Self { salt: salt.into(), accepted: BTreeSet::new() }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// [`BaselineError`] if it is none, or of another version.
    pub fn read(source: &Source) -> Result<Self, BaselineError> {
        let file: File = serde_json::from_slice(source.bytes()).map_err(|error| BaselineError::Invalid {
            file: source.name().to_owned(),
            line: error.line(),
            message: error.to_string(),
        })?;
        if file.schema_version != SCHEMA_VERSION {
            let file_name = source.name().to_owned();
            return Err(BaselineError::Version { file: file_name, version: file.schema_version });
        }
        Ok(Self { salt: file.salt, accepted: file.accepted.into_iter().collect() })
    }

    /// The file: sorted, one entry a finding, with a final newline.
    ///
    /// # Errors
    /// None that this type can cause; serialisation is fallible by its signature.
    pub fn to_json(&self) -> serde_json::Result<String> {
        let file = File {
            schema_version: SCHEMA_VERSION.to_owned(),
            salt: self.salt.clone(),
            accepted: self.accepted.iter().cloned().collect(),
        };
        serde_json::to_string_pretty(&file).map(|text| text + "\n")
    }

    /// The salt, for writing the baseline of the same stacks anew.
    pub fn salt(&self) -> &str {
        &self.salt
    }

    /// What is accepted, sorted.
    pub fn accepted(&self) -> impl ExactSizeIterator<Item = &Accepted> {
        self.accepted.iter()
    }

    /// Accepts every finding of a report that was made with this baseline's salt and that is not waived otherwise.
    ///
    /// What is wrong with the plan itself (`TL5xx`: errored, partial, stale) is no property of the stack, and is left
    /// out: accepted once, it would be accepted for ever.
    pub fn accept(&mut self, report: &Report) {
        let kept = report.findings.iter().filter(|finding| {
            let otherwise = finding.waived.as_ref().is_some_and(|waived| waived.by != WaivedBy::Baseline);
            !otherwise && !finding.code.starts_with("TL5")
        });
        self.accepted.extend(kept.map(|finding| Accepted {
            stack: report.input.stack.clone(),
            code: finding.code.to_owned(),
            address: finding.address.as_ref().map(ToString::to_string),
            path: finding.path.as_ref().map(ToString::to_string),
            fingerprint: finding.fingerprint.clone(),
            evidence: finding.evidence.clone(),
        }));
    }

    /// What is accepted here and not there.
    pub fn beyond(&self, other: &Self) -> Vec<Loosening> {
        // Hashes under different salts cannot be told apart from other values.
        let key = |entry: &Accepted| (entry.fingerprint.clone(), entry.stack.clone(), entry.evidence.clone());
        let known: BTreeSet<_> = other.accepted.iter().map(key).collect();
        let more = self.accepted.iter().filter(|entry| !known.contains(&key(entry)));
        let say = |entry: &Accepted| {
            let address = entry.address.as_deref().unwrap_or("the plan as a whole");
            Loosening::new(format!("the baseline accepts {} at `{address}`", entry.code), None)
        };
        more.map(say).collect()
    }

    /// Marks the findings that were accepted.
    pub(crate) fn apply(&self, findings: &mut [Finding], scene: Scene<'_>, stack: Option<&str>) -> Vec<Note> {
        let here = |entry: &&Accepted| entry.stack.is_none() || entry.stack.as_deref() == stack;
        let mut known: BTreeMap<&str, Vec<&Accepted>> = BTreeMap::new();
        for entry in self.accepted.iter().filter(here) {
            known.entry(&entry.fingerprint).or_default().push(entry);
        }
        for finding in &mut *findings {
            finding.evidence = self.evidence(finding, scene);
            let entries = known.get(finding.fingerprint.as_str()).map(Vec::as_slice).unwrap_or_default();
            if finding.waived.is_none() && entries.iter().any(|entry| entry.evidence == finding.evidence) {
                finding.waived = Some(Waived {
                    by: WaivedBy::Baseline,
                    reason: "it was there when tidelock was adopted".to_owned(),
                    owner: None,
                    until: None,
                });
            }
        }
        self.other_stacks(known.is_empty(), stack).into_iter().collect()
    }

    /// A baseline that speaks of other stacks only is most likely the wrong one, or the stack goes by another name.
    fn other_stacks(&self, nothing_known: bool, stack: Option<&str>) -> Option<Note> {
        let stacks: BTreeSet<&str> =
            self.accepted.iter().filter_map(|entry| entry.stack.as_deref()).collect();
        (nothing_known && !stacks.is_empty()).then(|| Note {
            code: "baseline::other_stack",
            message: format!(
                "the baseline accepts nothing of {}, only of {}; `--stack NAME` says which stack this is",
                stack.unwrap_or("a stack without a name"),
                stacks.into_iter().collect::<Vec<_>>().join(", ")
            ),
        })
    }

    /// Hash of the values that a finding is about, in the words of the blocks of codes: what `TL1xx` found outside,
    /// what `TL2xx` and `TL3xx` say that the plan does. Other findings are about what is written, or about secrets, of which
    /// not even a hash is kept.
    fn evidence(&self, finding: &Finding, scene: Scene<'_>) -> Option<String> {
        let block = finding.code.get(..3)?;
        let mut hash = Hash::new(&self.salt);
        let found = finding.address.as_ref().and_then(|at| scene.get(at, finding.deposed.as_deref()));
        match (block, found) {
            ("TL1", Some((resource, triple))) => outside(&mut hash, finding, resource, triple, scene),
            ("TL2" | "TL3", Some((resource, triple))) => {
                planned(&mut hash, resource, triple);
                members(&mut hash, finding, scene);
            }
            ("TL1" | "TL2" | "TL3", None) if !finding.members.is_empty() => {
                members(&mut hash, finding, scene);
            }
            ("TL1" | "TL2" | "TL3", None) => {
                // About the plan as a whole: how much of it, and what.
                hash.text(&finding.message);
                finding.related.iter().for_each(|related| hash.text(&related.address.to_string()));
            }
            _ => return None,
        }
        Some(hash.finish())
    }
}

/// The instances of a report with their real values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scene<'s> {
    /// Sorted by address, then deposed key.
    pub(crate) resources: &'s [ResourceReport],
    /// One for each of `resources`.
    pub(crate) triples: &'s [Triple],
}

impl<'s> Scene<'s> {
    fn get(self, address: &ResourceAddr, deposed: Option<&str>) -> Option<(&'s ResourceReport, &'s Triple)> {
        let key = |resource: &'s ResourceReport| (&resource.address, resource.deposed.as_deref());
        let at = self.resources.binary_search_by(|resource| key(resource).cmp(&(address, deposed))).ok()?;
        self.resources.get(at).zip(self.triples.get(at))
    }
}

/// What refresh found, where the finding points.
fn outside(hash: &mut Hash, finding: &Finding, resource: &ResourceReport, triple: &Triple, scene: Scene<'_>) {
    let actual = |triple: &Triple, path: &AttrPath, hash: &mut Hash| {
        hash.text(&path.to_string());
        hash.value(triple.actual.as_ref().and_then(|value| value.get(path)));
    };
    match &finding.path {
        Some(path) => actual(triple, path, hash),
        None if finding.caused_by.is_empty() => {
            hash.text(if triple.actual.is_some() { "present" } else { "gone" });
            for divergence in resource.divergences.iter().filter(|divergence| divergence.drift) {
                actual(triple, &divergence.path, hash);
            }
        }
        None => {
            for root in &finding.caused_by {
                hash.text(&root.address.to_string());
                if let Some((_, triple)) = scene.get(&root.address, None) {
                    actual(triple, &root.path, hash);
                }
            }
        }
    }
}

/// What the plan does to the instance, and to which object.
fn planned(hash: &mut Hash, resource: &ResourceReport, triple: &Triple) {
    hash.text(&resource.actions.to_string());
    hash.text(resource.identity.id.as_deref().unwrap_or_default());
    for path in &resource.replace_paths {
        hash.text(&path.to_string());
    }
    for divergence in resource.divergences.iter().filter(|divergence| !divergence.path.is_root()) {
        hash.text(&divergence.path.to_string());
        hash.value(triple.actual.as_ref().and_then(|value| value.get(&divergence.path)));
        let desired = triple.desired.as_ref().and_then(Option::as_ref);
        hash.value(desired.and_then(|value| value.get(&divergence.path)));
    }
}

/// Whom a finding speaks for, and what the plan does to each of them.
fn members(hash: &mut Hash, finding: &Finding, scene: Scene<'_>) {
    for address in &finding.members {
        hash.text(&address.to_string());
        if let Some((resource, _)) = scene.get(address, None) {
            hash.text(&resource.actions.to_string());
        }
    }
}

/// A salted hash over parts that are kept apart by their lengths.
struct Hash(sha2::Sha256);

impl Hash {
    fn new(salt: &str) -> Self {
        let mut hash = Self(<sha2::Sha256 as sha2::Digest>::new());
        hash.text(salt);
        hash
    }

    fn text(&mut self, text: &str) {
        use sha2::Digest;
        // The same bytes on machines of any word size.
        self.0.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_le_bytes());
        self.0.update(text.as_bytes());
    }

    /// Absent, unknown and null are three things.
    fn value(&mut self, value: Option<&Value>) {
        match value {
            None => self.text("absent"),
            Some(value) if value.has_unknown() => self.text("unknown"),
            // Keys are sorted in a value, so equal ones are written alike.
            Some(value) => self.text(&serde_json::to_string(value).unwrap_or_default()),
        }
    }

    fn finish(self) -> String {
        use sha2::Digest;
        use std::fmt::Write as _;
        self.0.finalize().iter().take(16).fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }
}
