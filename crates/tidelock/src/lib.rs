//! tidelock reads what `OpenTofu` and Terraform leave behind and tells an automation whether it may go on.
//!
//! ```
//! use tidelock::{Analysis, Source, Verdict};
//!
//! # let bytes = br#"{"format_version":"1.2","planned_values":{"root_module":{}},"resource_changes":[]}"#.to_vec();
//! let source = Source::new("plan.json", bytes);
//! let report = Analysis::new().drift(&source)?;
//! if report.verdict == Verdict::Blocked {
//!     eprintln!("{} findings", report.findings.len());
//! }
//! # assert_eq!(report.verdict, Verdict::Clear);
//! # Ok::<(), tidelock::Error>(())
//! ```
//!
//! Give [`Analysis::config`] the `.tf` sources: what `ignore_changes` covers, and which line to edit, stands only
//! there. Nothing here opens a file, a socket or a process; bytes come in, a [`Report`] comes out.
//!
//! Features, off by default: `encryption` opens what `OpenTofu` encrypted (`Analysis::keys`); `run` adds what starts programs and
//! calls platforms (`run::rollback`), and does so only for who asks for it.

#![forbid(unsafe_code)]

mod analysis;
mod artifact;
mod error;

pub use analysis::{Analysis, Answer, Approved, Plans, with_schemas};
pub use artifact::{diff, read_artifact, read_state};
pub use error::Error;
#[cfg(feature = "encryption")]
pub use tidelock_parse::encryption;
pub use tidelock_parse::{
    Action, ActionReason, AttrPath, ConfigAddr, Configuration, Input, Kind, Mode, ModulePath, Number, Plan,
    ResourceAddr, Schemas, Shown, Source, State, Step, Stream, Value, config, input, inventory, plan, redact,
    schema, state, stream,
};
pub use tidelock_report as render;
pub use tidelock_rules::{
    Anchor, Baseline, Comparison, Diff, FailOn, Lock, Policy, Question, Report, Reports, approval, baseline,
    catalogue, claims, context,
    diff::{self as comparison, Artifact, Named, PlanSide},
    graph, lock, moves,
    overview::{self, Overview},
    policy, proposal, reality,
    reality::Reality,
    reconcile::{self, Reconcile},
    report::{self, Class, Command, Finding, Resolution, Severity, Verdict},
    retry::{self, Retry},
    rollback::{self, Rollback},
    rule, rules, verdict,
};
#[cfg(feature = "run")]
pub use tidelock_run as run;
pub use tidelock_types as types;

/// The pages whose programs must compile.
#[cfg(doctest)]
mod pages {
    #[doc = include_str!("../../../README.md")]
    struct Readme;
    #[doc = include_str!("../../../docs/embedding.md")]
    struct Embedding;
}
