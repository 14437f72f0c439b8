//! Why the plan replaces an instance: what changes at the paths that force it, and who changed it.

use tidelock_parse::{
    Action, ActionReason, AttrPath, ConfigAddr, Mode,
    config::{self, Setting as Written},
};

use crate::{
    context::{Context, Subject},
    evidence::{Knowledge, Setting},
    graph::Through,
    influence::{Influence, Influences},
    instance::Triple,
    known::Known,
    report::{Class, Divergence, Location, ResourceReport, Root},
    wording,
};

/// What is behind the replacement of an instance.
pub(crate) struct Why<'c> {
    /// The paths that force it, the most telling first.
    pub(crate) paths: Vec<Forcing<'c>>,
    /// What is behind the first of them, or behind the whole.
    pub(crate) cause: Cause,
}

/// A path whose change forces a replacement.
pub(crate) struct Forcing<'c> {
    /// The divergence that holds its values.
    pub(crate) divergence: &'c Divergence,
    /// What is behind its change.
    pub(crate) cause: Cause,
}

/// What makes a plan replace something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The configuration sets another value, at a place if it is known.
    Configuration(Option<Location>),
    /// It changed outside, and apply sets it back to what the configuration says, at a place if it is known.
    Drift(Option<Location>),
    /// Another resource changed outside, and this one refers to it.
    DriftOf(Root),
    /// It changed outside and in the configuration.
    Both(Option<Location>),
    /// A data source reads something else now.
    DataSource(String),
    /// Nobody sets it: a new version of the provider, or a new default.
    Provider,
    /// The value is not known yet; where it comes from.
    Unknown(String),
    /// Another instance changes, and this one refers to it.
    Follows(String),
    /// `replace_triggered_by`; what pulled it.
    Trigger(String, Option<Location>),
    /// `-replace`.
    Request,
    /// The plan does not say.
    Untold,
}

impl Cause {
    /// The cause in a phrase.
    pub(crate) fn phrase(&self) -> String {
        let at = |place: &Option<Location>| place.as_ref().map(|at| format!(" ({at})")).unwrap_or_default();
        match self {
            Self::Configuration(place) => format!("configuration{}", at(place)),
            Self::Drift(_) => "drift".to_owned(),
            Self::DriftOf(root) if root.path.is_root() => format!("drift of `{}`", root.address),
            Self::DriftOf(root) => format!("drift of `{}`, `{}`", root.address, root.path),
            Self::Both(place) => format!("drift and configuration{}", at(place)),
            Self::DataSource(name) => format!("data source `{name}`, or the expression that uses it"),
            Self::Provider => {
                "provider upgrade or default, as the configuration does not set the path".to_owned()
            }
            Self::Unknown(whence) => format!("unknown value, {whence}"),
            Self::Follows(whom) => format!("it refers to {whom}"),
            Self::Trigger(what, place) => format!("trigger {what}{}", at(place)),
            Self::Request => "requested with -replace".to_owned(),
            Self::Untold => "the plan does not say why".to_owned(),
        }
    }

    /// What to do about it, one sentence, if the object is to be kept.
    pub(crate) fn way_out(&self) -> String {
        match self {
            Self::Configuration(Some(at)) => format!("to keep the object, restore the value at {at}"),
            Self::Configuration(None) => "to keep the object, restore the value in the configuration".to_owned(),
            Self::Drift(Some(at)) | Self::Both(Some(at)) => {
                format!("find out who changed it; to keep the object, write the actual value at {at}")
            }
            Self::Drift(None) | Self::Both(None) => {
                "find out who changed it; to keep the object, write the actual value into the configuration".to_owned()
            }
            Self::DriftOf(root) => format!("find out who changed `{}`, and set it back or accept it first", root.address),
            Self::DataSource(_) => {
                "to keep the object, pin the value instead of reading it, or ignore changes of the path".to_owned()
            }
            Self::Provider => {
                "to keep the object, pin the version of the provider, or set the path to its value now".to_owned()
            }
            Self::Unknown(_) | Self::Follows(_) => {
                "to keep the object, apply what the value comes from first and plan again, or ignore changes of the path".to_owned()
            }
            Self::Trigger(..) => "to keep the object, take the entry out of `replace_triggered_by`".to_owned(),
            Self::Request => "to keep the object, plan again without `-replace`".to_owned(),
            Self::Untold => "find out why before you apply".to_owned(),
        }
    }

    /// How much it tells, less is more.
    fn rank(&self) -> u8 {
        match self {
            Self::Both(_) => 0,
            Self::Drift(_) | Self::DriftOf(_) => 1,
            Self::Configuration(_) => 2,
            Self::Follows(_) => 3,
            Self::DataSource(_) => 4,
            Self::Provider => 5,
            Self::Unknown(_) => 7,
            _ => 6,
        }
    }
}

/// Finds out why an instance is replaced.
pub(crate) fn why<'c>(
    context: &'c Context<'c>,
    influences: &Influences<'c>,
    subject: Subject<'c>,
    triple: &Triple,
) -> Why<'c> {
    let resource = subject.resource;
    match &resource.action_reason {
        Some(ActionReason::ReplaceByRequest) => return Why { paths: Vec::new(), cause: Cause::Request },
        Some(ActionReason::ReplaceByTriggers) => {
            return Why { paths: Vec::new(), cause: trigger(context, influences, resource) };
        }
        _ => {}
    }
    let schema = context.schemas.resource(&resource.provider, &resource.address.type_name);
    let known =
        Known::new(context.world, &resource.address, schema, subject.facts.clone(), triple.actual.clone());
    let case = Case { context, influences, resource, roots: subject.roots, known };
    let forcing =
        resource.divergences.iter().filter(|divergence| divergence.replaces && !divergence.path.is_root());
    let mut paths: Vec<Forcing<'c>> =
        forcing.map(|divergence| Forcing { divergence, cause: case.cause(divergence) }).collect();
    paths.sort_by_key(|forcing| (forcing.cause.rank(), &forcing.divergence.path));
    let first = paths.first().map_or(Cause::Untold, |forcing| forcing.cause.clone());
    Why { paths, cause: first }
}

fn trigger(context: &Context<'_>, influences: &Influences<'_>, resource: &ResourceReport) -> Cause {
    let pulled = influences.on_triggers(resource);
    let entries =
        context.block(&resource.address).map(|block| block.lifecycle.replace_triggered_by.as_slice());
    let Some(influence) = pulled.first() else {
        let place = entries
            .and_then(|entries| entries.first())
            .and_then(|entry| place(context, resource, &entry.location));
        return Cause::Trigger("of `replace_triggered_by`, the plan does not say which".to_owned(), place);
    };
    let name = format!("{}.{}", influence.block.type_name, influence.block.name);
    let entry = entries.into_iter().flatten().find(|entry| entry.text.contains(&name));
    let place = entry.and_then(|entry| place(context, resource, &entry.location));
    Cause::Trigger(describe(context, influence), place)
}

fn place(context: &Context<'_>, resource: &ResourceReport, at: &config::Location) -> Option<Location> {
    context.place(&resource.address.module.config(), at)
}

/// `` `aws_kms_key.k.arn`, which apply replaces ``.
fn describe(context: &Context<'_>, influence: &Influence<'_>) -> String {
    let instance = influence.instance.and_then(|at| context.resources.get(at));
    let Some(instance) = instance else {
        return format!("`{}`, which is read during apply", attribute(influence.block, influence.attribute));
    };
    let what = match &instance.actions {
        action if action.is_replace() => "replaces",
        Action::Create => "creates",
        action if action.destroys() => "destroys",
        _ => "updates",
    };
    let dot = if influence.attribute.is_root() { "" } else { "." };
    format!("`{}{dot}{}`, which apply {what}", instance.address, influence.attribute)
}

fn attribute(block: &ConfigAddr, path: &AttrPath) -> String {
    if path.is_root() { block.to_string() } else { format!("{block}.{path}") }
}

struct Case<'k, 'c> {
    context: &'c Context<'c>,
    influences: &'k Influences<'c>,
    resource: &'c ResourceReport,
    roots: &'c [Root],
    known: Known<'c>,
}

impl Case<'_, '_> {
    fn cause(&self, divergence: &Divergence) -> Cause {
        let path = &divergence.path;
        match divergence.class {
            Class::Reverting => return Cause::Drift(self.line(path)),
            Class::Conflicting => return Cause::Both(self.line(path)),
            _ => {}
        }
        if let Some(root) = self.roots.iter().find(|root| root.address != self.resource.address) {
            return Cause::DriftOf(root.clone());
        }
        let influences = self.influences.on_path(self.resource, path);
        let instance = influences.iter().find(|influence| influence.instance.is_some());
        let (setting, _) = self.known.setting(path);
        if divergence.until_apply {
            let from = instance.or_else(|| influences.first());
            return match (from, setting) {
                (Some(from), _) => Cause::Unknown(format!("from {}", describe(self.context, from))),
                (None, Setting::NotSet) => {
                    Cause::Unknown("which the provider decides during apply".to_owned())
                }
                (None, _) => Cause::Unknown("of which nobody can tell where it comes from".to_owned()),
            };
        }
        if let Some(instance) = instance {
            return Cause::Follows(describe(self.context, instance));
        }
        match setting {
            Setting::NotSet => Cause::Provider,
            Setting::CannotTell => Cause::Untold,
            Setting::Value(_) | Setting::Unevaluated => match self.data_source(path) {
                Some(block) => Cause::DataSource(block),
                None => Cause::Configuration(self.line(path)),
            },
        }
    }

    /// The data source that an argument reads, if it refers to nothing else.
    fn data_source(&self, path: &AttrPath) -> Option<String> {
        let block = self.resource.address.config();
        let mut edges = self
            .context
            .graph
            .references(&block)
            .filter(|edge| matches!(&edge.through, Through::Argument(argument) if argument.meets(path)));
        let first = edges.next()?;
        let only = first.target.mode == Mode::Data && edges.all(|edge| edge.target.mode == Mode::Data);
        only.then(|| attribute(&first.target, &first.attribute))
    }

    /// The line that gives the path its value: the literal where there is one, else the argument.
    fn line(&self, path: &AttrPath) -> Option<Location> {
        let sources = self.context.sources?;
        let address = &self.resource.address;
        let origin = sources.origin(address, path).ok();
        if let Some(place) = origin.and_then(|origin| self.known.exact_place(&origin.location)) {
            return Some(place);
        }
        match sources.setting(address, path) {
            Written::Set { location, .. } => self.known.place(&location),
            _ => None,
        }
    }
}

/// `` `engine` changes from "a" to "b" ``, for each path, as far as it may be shown.
pub(crate) fn changes(paths: &[Forcing<'_>]) -> String {
    const SHOWN: usize = 2;
    let one = |forcing: &Forcing<'_>| {
        let divergence = forcing.divergence;
        let new = divergence.desired.as_ref().map_or_else(|| "nothing".to_owned(), wording::value);
        let old = wording::value(&divergence.actual);
        if old == new {
            return format!("`{}` changes", divergence.path);
        }
        format!("`{}` changes from {old} to {new}", divergence.path)
    };
    let mut parts: Vec<String> = paths.iter().take(SHOWN).map(one).collect();
    if paths.len() > SHOWN {
        parts.push(wording::count(paths.len() - SHOWN, "more path"));
    }
    parts.join(" and ")
}
