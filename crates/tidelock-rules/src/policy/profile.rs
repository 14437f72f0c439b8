//! How a stack lives.

use serde::Deserialize;

use crate::report::Severity;

/// How a stack lives, and so what is normal in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Profile {
    /// It is there to stay.
    #[default]
    Standard,
    /// It comes and goes, as a preview environment does: destroying is its life.
    Ephemeral,
}

/// What is no more than worth knowing where destroying is normal.
const DESTROYING: &[&str] = &[
    "TL201", "TL202", "TL203", "TL204", "TL205", "TL206", "TL207", "TL208", "TL209", "TL306", "TL307",
    "TL309", "TL401",
];
/// Drift that would destroy something stays drift, and stops nobody.
const DRIFTING: &[&str] = &["TL103", "TL104", "TL106"];

impl Profile {
    /// What is left of the weight of a rule's finding. What somebody protected by name stays protected, and a secret
    /// stays one.
    pub(crate) fn cap(self, code: &str, severity: Severity) -> Severity {
        match self {
            Self::Ephemeral if DESTROYING.contains(&code) => severity.min(Severity::Info),
            Self::Ephemeral if DRIFTING.contains(&code) => severity.min(Severity::Warn),
            Self::Standard | Self::Ephemeral => severity,
        }
    }
}
