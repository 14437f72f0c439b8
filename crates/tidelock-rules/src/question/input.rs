//! What a report says about its input.

use tidelock_parse::{
    Action, Kind, Mode, ResourceChange, State, Stream, state::StateInstance, stream::Producer,
};

use super::{Question, told};
use crate::{
    instance,
    report::{Class, InputInfo, PlanMode, ResourceReport},
};

impl Question<'_> {
    /// Terraform since 1.8 always says whether a plan is applyable; OpenTofu never does, and its registry shows.
    pub(super) fn producer(&self) -> Option<&'static str> {
        if let Some(stream) = self.plan.stream() {
            return stream.header().producer.map(Producer::as_str);
        }
        let header = self.plan.header();
        if let Some(product) = self.plan.recorded().and_then(|recorded| recorded.product) {
            return Some(product.as_str());
        }
        // Of a saved plan it is always known whether it is complete.
        if header.applyable.is_some() || (header.complete.is_some() && self.plan.recorded().is_none()) {
            return Some("terraform");
        }
        let tofu = |change: &ResourceChange| change.provider.starts_with("registry.opentofu.org/");
        if self.plan.changes().iter().chain(self.plan.drift()).any(tofu) {
            return Some("opentofu");
        }
        let (major, minor) = header.terraform_version.as_deref().and_then(major_minor)?;
        // The fork happened at 1.6; before it there was one product, from 1.8 on the other one shows itself.
        if (major, minor) < (1, 6) {
            Some("terraform")
        } else {
            ((major, minor) >= (1, 8)).then_some("opentofu")
        }
    }

    pub(super) fn input_info(&self, held: usize) -> InputInfo {
        let header = self.plan.header();
        let mode = Some(instance::mode(self.plan, held > 0)).filter(|_| !told::hides_mode(self.plan));
        let saved = self.plan.recorded();
        let kind = match (self.plan.stream(), saved) {
            (Some(_), _) => Kind::UiStream,
            (None, Some(_)) => Kind::SavedPlan,
            (None, None) => Kind::PlanJson,
        };
        let evidence = if saved.is_some() { "saved_plan" } else { "heuristic" };
        let told = mode.filter(|mode| saved.is_some() || *mode != PlanMode::Normal);
        let known = self.input.clone();
        InputInfo {
            kind: Some(kind.as_str().to_owned()),
            format_version: Some(header.format_version.to_string()),
            producer: self.producer().map(ToOwned::to_owned),
            producer_version: header.terraform_version.clone(),
            mode,
            mode_evidence: told.map(|_| evidence.to_owned()),
            complete: header.complete,
            errored: Some(header.errored),
            timestamp: header.timestamp.clone(),
            lineage: saved.and_then(|saved| saved.lineage.clone()).or(known.lineage.clone()),
            serial: saved.and_then(|saved| saved.serial).or(known.serial),
            workspace: saved.and_then(|saved| saved.workspace.clone()).or(known.workspace.clone()),
            ..known
        }
    }

    /// Managed instances that existed before this plan, those that are gone included; `held`: those in the state
    /// inside a plan without changes.
    pub(super) fn managed(&self, held: usize, resources: &[ResourceReport]) -> usize {
        let gone = resources.iter().filter(|r| r.class == Some(Class::DeletedOutside)).count();
        if !self.plan.has_changes() {
            return held + gone;
        }
        if let Some(refreshed) = self.plan.stream().map(Stream::refreshed).filter(|count| *count > 0) {
            return refreshed;
        }
        let existed = self.plan.changes().iter().filter(|change| {
            change.address.mode == Mode::Managed
                && change.deposed.is_none()
                && change.action != Action::Create
        });
        existed.count() + gone
    }
}

/// Current managed objects of a state.
pub(super) fn current_managed(state: &State) -> usize {
    let managed = |object: &&StateInstance| object.address.mode == Mode::Managed && object.deposed.is_none();
    state.instances().iter().filter(managed).count()
}

pub(super) fn major_minor(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
