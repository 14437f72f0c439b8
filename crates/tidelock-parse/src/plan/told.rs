//! The plan that the log of a run tells of.

use std::sync::Arc;

use super::{
    FormatVersion, Header, JsonSections, Plan, PlanError, RawChangeText, RawValues, ResourceChange, Sections,
};
use crate::{
    action::Action,
    source::Source,
    stream::{PlanPart, PlannedChange, Stream},
};

/// Stands for the key of a deposed object: a log has none.
const DEPOSED: &str = "unknown";

pub(super) fn read(source: &Source, stream: Arc<Stream>) -> Result<Plan, PlanError> {
    let header = Header {
        // Its own format; that of the plan's shapes has been the same since Terraform 1.1.
        format_version: stream
            .header()
            .ui
            .as_deref()
            .and_then(FormatVersion::parse)
            .unwrap_or(FormatVersion { major: 1, minor: 0 }),
        terraform_version: stream.header().version.clone(),
        timestamp: stream.header().began.clone(),
        applyable: None,
        // No log proves that a plan is whole.
        complete: (stream.plan() != PlanPart::ToTheEnd || stream.is_targeted()).then_some(false),
        errored: stream.plan_errored(),
    };
    let planned = changes(source, "planned_change", stream.planned())?;
    let drift = changes(source, "resource_drift", stream.drift())?;
    Ok(Plan {
        source: source.clone(),
        header,
        changes: Some(planned),
        drift,
        deferred: Vec::new(),
        sections: Sections::Json(JsonSections::default()),
        recorded: None,
        stream: Some(stream),
    })
}

/// One entry an instance. Of two about one address, a deletion is that of a deposed object.
fn changes(
    source: &Source,
    section: &'static str,
    list: &[PlannedChange],
) -> Result<Vec<ResourceChange>, PlanError> {
    let mut changes: Vec<ResourceChange> = Vec::with_capacity(list.len());
    let mut deposed = 0_usize;
    for told in list {
        let mut change = model(told);
        if let Some(last) = changes.last_mut().filter(|last| last.address == change.address) {
            deposed += 1;
            let key = if deposed == 1 { DEPOSED.to_owned() } else { format!("{DEPOSED} {deposed}") };
            if told.action() == Action::Delete {
                change.deposed = Some(key.into());
            } else if last.action == Action::Delete {
                last.deposed = Some(key.into());
            } else if last.action == change.action {
                // Two runs in one log, or one line twice.
                continue;
            } else {
                return Err(PlanError::Contradiction {
                    input: source.name().to_owned(),
                    section,
                    address: Box::new(told.address.clone()),
                });
            }
        } else {
            deposed = 0;
        }
        changes.push(change);
    }
    Ok(changes)
}

fn model(told: &PlannedChange) -> ResourceChange {
    ResourceChange {
        address: told.address.clone(),
        previous_address: told.previous_address.clone(),
        deposed: None,
        provider: Box::default(),
        action: told.action(),
        action_reason: told.reason.clone(),
        replace_paths: Vec::new(),
        importing: told.importing,
        raw: RawValues::Json(RawChangeText::default()),
    }
}
