//! The wire shape of a line, borrowed from it. Fields that are not known are passed over.

use std::{borrow::Cow, collections::BTreeMap, time::Duration};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{
    ChangeSummary, Diagnostic, DiagnosticSeverity, ObjectId, PlannedChange, Stage, StreamOutput, Summarised,
    UiAction,
};
use crate::{
    action::ActionReason,
    address::{AddrError, ResourceAddr},
    redact,
};

/// A text that is borrowed where it can be; serde copies a bare `Cow` inside an option.
#[derive(Deserialize)]
#[serde(transparent)]
pub(super) struct Word<'a>(#[serde(borrow)] pub(super) Cow<'a, str>);

impl Word<'_> {
    /// The word as it may be shown: a log is written by many, and nothing keeps a secret out of any of its texts.
    pub(super) fn shown(&self) -> String {
        redact::cut_text(&self.0)
    }

    /// The text, if it is a time in the form that logs use.
    pub(super) fn time(&self) -> Option<String> {
        let is_part = |c: char| c.is_ascii_digit() || "T:.Z+-".contains(c);
        (self.0.len() <= 40 && self.0.chars().all(is_part)).then(|| self.0.clone().into_owned())
    }
}

/// What all messages have in common; the payloads are decoded when the kind is known.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    #[serde(rename = "@level")]
    #[allow(dead_code, reason = "what has no level is no message")]
    level: IgnoredAny,
    #[serde(rename = "@timestamp", borrow)]
    pub(super) timestamp: Option<Word<'a>>,
    #[serde(rename = "type", borrow)]
    pub(super) kind: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) terraform: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) tofu: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) ui: Option<Word<'a>>,
    #[serde(borrow)]
    pub(super) change: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) changes: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) outputs: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) hook: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) diagnostic: Option<&'a RawValue>,
}

/// A payload is not there, or not of the shape that its kind has.
pub(super) struct Damaged;

impl From<serde_json::Error> for Damaged {
    fn from(_: serde_json::Error) -> Self {
        Self
    }
}

impl From<AddrError> for Damaged {
    fn from(_: AddrError) -> Self {
        Self
    }
}

/// Decodes a payload.
pub(super) fn payload<'a, T: Deserialize<'a>>(raw: Option<&'a RawValue>) -> Result<T, Damaged> {
    Ok(serde_json::from_str(raw.ok_or(Damaged)?.get())?)
}

#[derive(Deserialize)]
struct RawResource<'a> {
    #[serde(borrow)]
    addr: Cow<'a, str>,
}

#[derive(Deserialize)]
pub(super) struct RawChange<'a> {
    #[serde(borrow)]
    resource: RawResource<'a>,
    #[serde(borrow)]
    previous_resource: Option<RawResource<'a>>,
    #[serde(borrow)]
    action: Word<'a>,
    #[serde(borrow)]
    reason: Option<Word<'a>>,
    importing: Option<IgnoredAny>,
}

impl RawChange<'_> {
    pub(super) fn model(self) -> Result<PlannedChange, Damaged> {
        Ok(PlannedChange {
            address: self.resource.addr.parse()?,
            previous_address: self.previous_resource.map(|resource| resource.addr.parse()).transpose()?,
            action: self.action.shown().into(),
            reason: self.reason.map(|reason| spelled_out(&reason)),
            importing: self.importing.is_some(),
        })
    }
}

/// A reason in the words of plan JSON: replacements are spelled otherwise in a log.
fn spelled_out(reason: &Word<'_>) -> ActionReason {
    match &*reason.0 {
        "tainted" => ActionReason::ReplaceBecauseTainted,
        "requested" => ActionReason::ReplaceByRequest,
        "cannot_update" => ActionReason::ReplaceBecauseCannotUpdate,
        "replace_triggered_by" => ActionReason::ReplaceByTriggers,
        _ => reason.shown().into(),
    }
}

#[derive(Deserialize)]
pub(super) struct RawHook<'a> {
    #[serde(borrow)]
    resource: RawResource<'a>,
    #[serde(borrow)]
    action: Option<Word<'a>>,
    #[serde(borrow)]
    id_key: Option<Word<'a>>,
    #[serde(borrow)]
    id_value: Option<Word<'a>>,
    elapsed_seconds: Option<f64>,
}

impl RawHook<'_> {
    /// The address as it stands there.
    pub(super) fn spelled(&self) -> &str {
        &self.resource.addr
    }

    pub(super) fn address(&self) -> Result<ResourceAddr, Damaged> {
        Ok(self.resource.addr.parse()?)
    }

    pub(super) fn action(&self) -> Option<&str> {
        self.action.as_ref().map(|action| &*action.0)
    }

    pub(super) fn object(&self) -> Option<ObjectId> {
        let (key, value) = self.id_key.as_ref().zip(self.id_value.as_ref())?;
        (!value.0.is_empty()).then(|| ObjectId::new(&key.0, &value.0))
    }

    pub(super) fn elapsed(&self) -> Option<Duration> {
        self.elapsed_seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
    }
}

#[derive(Deserialize)]
pub(super) struct RawSummary<'a> {
    #[serde(default)]
    add: u64,
    #[serde(default)]
    change: u64,
    #[serde(default)]
    import: u64,
    #[serde(default)]
    remove: u64,
    forget: Option<u64>,
    #[serde(borrow)]
    operation: Word<'a>,
}

impl RawSummary<'_> {
    pub(super) fn model(self) -> ChangeSummary {
        let Self { add, change, import, remove, forget, operation } = self;
        ChangeSummary { about: Summarised::from(operation.shown()), add, change, import, remove, forget }
    }
}

#[derive(Deserialize)]
pub(super) struct RawOutput<'a> {
    #[serde(default)]
    sensitive: bool,
    #[serde(borrow)]
    action: Option<Word<'a>>,
}

pub(super) type RawOutputs<'a> = BTreeMap<String, RawOutput<'a>>;

impl RawOutput<'_> {
    pub(super) fn model(self) -> StreamOutput {
        let action = self.action.map(|action| UiAction::from(action.shown()));
        StreamOutput { sensitive: self.sensitive, action }
    }
}

#[derive(Deserialize)]
pub(super) struct RawDiagnostic<'a> {
    #[serde(borrow)]
    severity: Word<'a>,
    #[serde(borrow)]
    summary: Word<'a>,
    #[serde(borrow)]
    detail: Option<Word<'a>>,
    #[serde(borrow)]
    address: Option<Word<'a>>,
    #[serde(borrow)]
    range: Option<RawRange<'a>>,
}

#[derive(Deserialize)]
struct RawRange<'a> {
    #[serde(borrow)]
    filename: Option<Word<'a>>,
    start: Option<RawPosition>,
}

#[derive(Deserialize)]
struct RawPosition {
    line: Option<u32>,
}

impl RawDiagnostic<'_> {
    pub(super) fn model(self, stage: Stage) -> Diagnostic {
        let (file, start) = self.range.map_or((None, None), |range| (range.filename, range.start));
        Diagnostic {
            severity: DiagnosticSeverity::from(self.severity.shown()),
            summary: self.summary.shown(),
            detail: self.detail.map(|detail| detail.shown()).unwrap_or_default(),
            address: self.address.and_then(|address| address.0.parse().ok()),
            file: file.map(|file| file.shown()),
            line: start.and_then(|start| start.line),
            stage,
        }
    }
}
