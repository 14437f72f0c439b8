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

impl From<Word<'_>> for String {
    fn from(word: Word<'_>) -> Self {
        word.0.into_owned()
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
    action: Cow<'a, str>,
    #[serde(borrow)]
    reason: Option<Word<'a>>,
    importing: Option<IgnoredAny>,
}

impl RawChange<'_> {
    pub(super) fn model(self) -> Result<PlannedChange, Damaged> {
        Ok(PlannedChange {
            address: self.resource.addr.parse()?,
            previous_address: self.previous_resource.map(|resource| resource.addr.parse()).transpose()?,
            action: self.action.into_owned().into(),
            reason: self.reason.map(|reason| spelled_out(&reason.0)),
            importing: self.importing.is_some(),
        })
    }
}

/// A reason in the words of plan JSON: replacements are spelled otherwise in a log.
fn spelled_out(reason: &str) -> ActionReason {
    match reason {
        "tainted" => ActionReason::ReplaceBecauseTainted,
        "requested" => ActionReason::ReplaceByRequest,
        "cannot_update" => ActionReason::ReplaceBecauseCannotUpdate,
        "replace_triggered_by" => ActionReason::ReplaceByTriggers,
        other => other.to_owned().into(),
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
    operation: Cow<'a, str>,
}

impl RawSummary<'_> {
    pub(super) fn model(self) -> ChangeSummary {
        let Self { add, change, import, remove, forget, operation } = self;
        ChangeSummary {
            about: Summarised::from(operation.into_owned()),
            add,
            change,
            import,
            remove,
            forget,
        }
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
        let action = self.action.map(|action| UiAction::from(String::from(action)));
        StreamOutput { sensitive: self.sensitive, action }
    }
}

#[derive(Deserialize)]
pub(super) struct RawDiagnostic<'a> {
    #[serde(borrow)]
    severity: Cow<'a, str>,
    #[serde(borrow)]
    summary: Cow<'a, str>,
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
            severity: DiagnosticSeverity::from(self.severity.into_owned()),
            summary: redact::cut_text(&self.summary),
            detail: self.detail.map(|detail| redact::cut_text(&detail.0)).unwrap_or_default(),
            address: self.address.and_then(|address| address.0.parse().ok()),
            file: file.map(Into::into),
            line: start.and_then(|start| start.line),
            stage,
        }
    }
}
