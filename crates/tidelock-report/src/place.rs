//! Where a finding stands: in the sources if that is known, and somewhere sensible if a format insists on a place.

use std::collections::BTreeMap;

use tidelock_parse::ResourceAddr;
use tidelock_rules::report::{Finding, Location, Report};

/// The places of one report.
#[derive(Debug)]
pub(crate) struct Places<'a> {
    blocks: BTreeMap<(&'a ResourceAddr, Option<&'a str>), &'a Location>,
    /// For what has no place of its own.
    anchor: Location,
}

impl<'a> Places<'a> {
    pub(crate) fn of(report: &'a Report) -> Self {
        let located = report.resources.iter().filter_map(|resource| {
            let place = resource.location.as_ref()?;
            Some(((&resource.address, resource.deposed.as_deref()), place))
        });
        let blocks: BTreeMap<_, _> = located.collect();
        let anchor = anchor(report, blocks.values().copied());
        Self { blocks, anchor }
    }

    /// The most useful place that is known: the finding's own, or the block of what it is about.
    pub(crate) fn known(&self, finding: &'a Finding) -> Option<&'a Location> {
        let block = || {
            let address = finding.address.as_ref()?;
            self.blocks.get(&(address, finding.deposed.as_deref())).copied()
        };
        finding.locations.first().or_else(block)
    }

    /// The same, or the place that stands for the whole input.
    pub(crate) fn of_finding<'s>(&'s self, finding: &'a Finding) -> &'s Location
    where
        'a: 's,
    {
        self.known(finding).unwrap_or(&self.anchor)
    }
}

/// The first source file of the stack that the report knows, the one highest up; else the plan.
fn anchor<'a>(report: &'a Report, blocks: impl Iterator<Item = &'a Location>) -> Location {
    let named = report.findings.iter().flat_map(|finding| &finding.locations);
    let files = blocks.chain(named).map(|place| (place.file.matches('/').count(), &place.file));
    let file = files.min().map_or_else(|| plan_file(report), |(_, file)| file.clone());
    Location { file, line: Some(1) }
}

/// The plan's own file, relative; a plan that came through a pipe gets a name.
fn plan_file(report: &Report) -> String {
    let path = report.input.path.as_deref().unwrap_or_default().replace('\\', "/");
    let is_path = !path.contains(' ') && !path.is_empty() && path != "-";
    let relative = !path.starts_with('/') && !path.contains(':') && !path.split('/').any(|step| step == "..");
    match path.rsplit('/').next() {
        Some(_) if is_path && relative => path.trim_start_matches("./").to_owned(),
        Some(name) if is_path && !name.is_empty() => name.to_owned(),
        _ => "plan.json".to_owned(),
    }
}
