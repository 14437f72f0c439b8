//! Counts over a report.

use crate::{
    report::{Finding, ResourceReport, Summary},
    verdict,
};

impl Summary {
    /// Counts `resources` and `findings`; `managed` instances existed before.
    pub(crate) fn of(resources: &[ResourceReport], findings: &[Finding], managed: usize) -> Self {
        let mut summary = Self { resources: managed, ..Self::default() };
        for resource in resources {
            summary.drifted += usize::from(resource.divergences.iter().any(|divergence| divergence.drift));
            let pending = verdict::is_pending(resource);
            summary.pending += usize::from(pending);
            summary.pending_destroy += usize::from(pending && resource.actions.destroys());
            *summary.actions.entry(resource.actions.to_string()).or_default() += 1;
            *summary.resolutions.entry(resource.resolution).or_default() += 1;
            for divergence in &resource.divergences {
                summary.cosmetic += usize::from(divergence.cosmetic.is_some());
                *summary.classes.entry(divergence.class).or_default() += 1;
            }
        }
        for finding in findings.iter().filter(|finding| finding.waived.is_none()) {
            *summary.findings.entry(finding.severity).or_default() += 1;
        }
        summary
    }
}
