//! The file of an approval: read, checked, signed.

use serde::Deserialize;
use tidelock_parse::Source;

use super::{
    APPROVAL_VERSION, Approval, ApprovalError,
    seal::{Fingerprint, Hasher, Key},
};

/// An approval whose signature was checked, if it has to have one.
#[derive(Clone)]
pub struct Verified {
    approval: Approval,
    name: String,
    hasher: Hasher,
}

impl std::fmt::Debug for Verified {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Verified").field("approval", &self.approval).finish_non_exhaustive()
    }
}

impl Verified {
    /// Reads an approval; with a key, only one that the key signed, without a key, only one that is not signed.
    ///
    /// # Errors
    /// [`ApprovalError`], which says what is wrong with the file or the key.
    pub fn read(source: &Source, key: Option<&Key>) -> Result<Self, ApprovalError> {
        let input = || source.name().to_owned();
        let approval = parse(source)?;
        match (key, approval.signature) {
            (None, None) => {}
            (Some(_), None) => return Err(ApprovalError::Unsigned { input: input() }),
            (None, Some(_)) => return Err(ApprovalError::NoKey { input: input() }),
            (Some(key), Some(signature)) if key.signed(&content(&approval), signature) => {}
            (Some(_), Some(_)) => return Err(ApprovalError::Signature { input: input() }),
        }
        let hasher = Hasher::new(approval.salt, key);
        Ok(Self { approval, name: input(), hasher })
    }

    /// What was approved.
    pub fn approval(&self) -> &Approval {
        &self.approval
    }

    /// Name of the file as the caller gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn hasher(&self) -> &Hasher {
        &self.hasher
    }
}

fn parse(source: &Source) -> Result<Approval, ApprovalError> {
    #[derive(Deserialize)]
    struct Version {
        approval_version: String,
    }
    let bytes = source.bytes();
    match serde_json::from_slice::<Version>(bytes) {
        Ok(Version { approval_version: version }) if version != APPROVAL_VERSION => {
            let version = version.chars().filter(|c| c.is_ascii_digit() || *c == '.').take(20).collect();
            Err(ApprovalError::Version { input: source.name().to_owned(), version })
        }
        _ => serde_json::from_slice(bytes).map_err(|error| ApprovalError::Format {
            input: source.name().to_owned(),
            line: error.line(),
            column: error.column(),
        }),
    }
}

/// The signature of an approval, whatever stands in its own field for it.
pub(super) fn signature(approval: &Approval, key: &Key) -> Fingerprint {
    key.sign(&content(approval))
}

/// What is signed: what was understood of the file, in one spelling, so that formatting it anew breaks nothing and
/// nothing unread stands beside what was signed.
fn content(approval: &Approval) -> Vec<u8> {
    // Texts, lists and maps with text keys always become JSON.
    serde_json::to_vec(&Approval { signature: None, ..approval.clone() }).unwrap_or_default()
}
