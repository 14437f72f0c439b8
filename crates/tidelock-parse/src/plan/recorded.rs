//! What a saved plan records and plan JSON does not.

/// What only a saved plan knows about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recorded {
    /// Which product wrote it; `None` where nothing tells.
    pub product: Option<Product>,
    /// What was planned.
    pub mode: PlanningMode,
    /// Lineage of the state it was made from; empty if there was none.
    pub lineage: Option<String>,
    /// Serial of the state it was made from.
    pub serial: Option<u64>,
    /// Type of the backend, such as `s3`. Its settings may be secret and are not kept.
    pub backend: Option<String>,
    /// Name of the workspace.
    pub workspace: Option<String>,
    /// Addresses given with `-target`.
    pub targets: Vec<String>,
    /// Addresses given with `-exclude`; OpenTofu 1.9.
    pub excludes: Vec<String>,
    /// Addresses given with `-replace`.
    pub force_replace: Vec<String>,
}

/// A product that writes plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// Terraform.
    Terraform,
    /// `OpenTofu`.
    OpenTofu,
}

impl Product {
    /// Stable word, as reports spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Terraform => "terraform",
            Self::OpenTofu => "opentofu",
        }
    }
}

/// What was planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanningMode {
    /// Changes that lead to what the configuration says.
    Normal,
    /// `-destroy`.
    Destroy,
    /// `-refresh-only`.
    RefreshOnly,
    /// A number this version does not know.
    Other(i32),
}
